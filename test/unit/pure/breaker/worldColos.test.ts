import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WorldBreaker } from "../../../../src/breaker/worldBreaker.ts";
import { broken, calm, lives, NOW, report, settlement, WorldBed } from "./worldBed.ts";

const names = (prefix: string, times: number) => Array.from({ length: times }, (_, at) => `${prefix}${at}`);

/** Isolates of these colos asked node `a` and are content: `{ FRA: 2 }` are `FRA0` and `FRA1`. */
function content(counts: Readonly<Record<string, number>>, ok = 1) {
  const each = Object.entries(counts).flatMap(([colo, count]) => names(colo, count).map((id) => [id, colo] as const));
  return {
    calm: [
      calm(
        each.map(([id]) => id),
        { ok, colos: each.map(([, colo]) => colo) },
      ),
    ],
  };
}

/** So many isolates of each colo say that they opened it, one after another. */
function breaks(world: WorldBed, counts: Readonly<Record<string, number>>): void {
  for (const [colo, count] of Object.entries(counts)) {
    for (const id of names(colo, count)) world.digest({ reports: [broken(id, { colo })] });
  }
}

describe.for(lives)("%s", ([, evicts]) => {
  const bed = () => new WorldBed(evicts);

  test.for<[string, Record<string, number>, Record<string, number>, "open" | "closed"]>([
    ["one isolate that is alone", {}, { FRA: 1 }, "open"],
    ["three isolates of the only colo", { FRA: 5 }, { FRA: 3 }, "open"],
    ["two isolates of the only colo", { FRA: 5 }, { FRA: 2 }, "closed"],
    ["ten isolates of one colo of two", { FRA: 10, AMS: 1 }, { FRA: 10 }, "closed"],
    ["ten isolates of one colo of eight", { FRA: 1, A: 1, B: 1, C: 1, D: 1, E: 1, F: 1, G: 1 }, { FRA: 10 }, "closed"],
    ["three isolates of two colos", { FRA: 4, AMS: 4 }, { FRA: 2, AMS: 1 }, "open"],
    ["two isolates of two colos, of many", { FRA: 4, AMS: 4 }, { FRA: 1, AMS: 1 }, "closed"],
    ["the only two isolates, each of its own colo", {}, { FRA: 1, AMS: 1 }, "open"],
    ["many of one colo and one of another", { FRA: 4, AMS: 4 }, { FRA: 20, AMS: 1 }, "open"],
    ["two colos of three", { FRA: 4, AMS: 4, LHR: 4 }, { FRA: 20, AMS: 20 }, "open"],
    ["isolates that nobody told where they are", { "": 4 }, { "": 3 }, "open"],
    ["a colo's isolates beside one that does not know where it is", { FRA: 4, "": 1 }, { FRA: 3 }, "open"],
    ["one colo of two, and isolates that do not know where they are", { FRA: 3, AMS: 3 }, { FRA: 3, "": 3 }, "closed"],
  ])("%s: %o asked, %o have it open: %s", ([, asked, open, state]) => {
    const world = bed();
    world.digest(content(asked));
    breaks(world, open);
    expect(world.state()).toBe(state);
  });

  test("the evidence of a transition names the colos, where there were more than one", () => {
    const world = bed();
    world.digest(content({ FRA: 4, AMS: 4 }));
    breaks(world, { FRA: 2, AMS: 1 });
    expect(world.world.transitions[0]?.evidence).toMatch(/told by 3 of 3 reporters needed, in 2 colos$/);
  });

  test("another colo's single failures do not make it the word of two", () => {
    const world = bed();
    world.digest(content({ FRA: 4, AMS: 4 }, 1_000));
    world.pass(100);
    breaks(world, { FRA: 10 });
    world.digest({ reports: [report("AMS0", { colo: "AMS", ok: 9, failed: 1 })] });
    breaks(world, { FRA: 10 });
    expect(world.state()).toBe("closed");
    world.digest({ reports: [report("AMS1", { colo: "AMS", failed: 1 })] });
    expect(world.state()).toBe("open"); // five in a row, of which one colo told no more than three
  });

  test("a colo that went away content is waited for until its last word is too old", () => {
    const world = bed();
    world.digest(content({ FRA: 4, AMS: 1 }));
    world.pass(59_000);
    breaks(world, { FRA: 4 });
    expect(world.state()).toBe("closed");
    // An eviction may have forgotten one that asked up to 20 s after the row was written.
    world.pass(evicts ? 80_000 : 1_000);
    breaks(world, { FRA: 4 });
    expect(world.state()).toBe("open");
  });

  test("reporters of one colo crowd out neither the content nor the trouble of others", () => {
    const world = bed();
    world.digest(content({ AMS: 2 }));
    breaks(world, { FRA: 50 });
    world.pass(1_000);
    world.digest(content({ FRA: 8 }));
    breaks(world, { FRA: 50 });
    expect(world.state()).toBe("closed");
    breaks(world, { AMS: 1 });
    expect(world.state()).toBe("open");
  });

  test("after the node was open and is closed again, one of the colos that asked before does not reopen it", () => {
    const world = bed();
    world.digest(content({ FRA: 3, AMS: 3 }));
    breaks(world, { FRA: 3, AMS: 3 });
    world.pass(2_500);
    for (let round = 0; round < 2; round++) {
      for (const lease of world.ownProbes()) world.settle(settlement(lease, "ok"));
    }
    world.passRamp();
    expect([world.state(), world.epoch()]).toEqual(["closed", 4]);
    const epoch = world.epoch();
    for (const id of names("FRA", 3)) world.digest({ reports: [broken(id, { colo: "FRA", epoch })] });
    expect(world.state()).toBe("closed");
    world.digest({ reports: [broken("AMS0", { colo: "AMS", epoch })] });
    expect(world.state()).toBe("open");
  });

  test("where all is of one colo, five of its isolates that failed once each open it", () => {
    const world = bed();
    world.digest(content({ FRA: 8 }));
    world.pass(100);
    for (const id of names("FRA", 5)) world.digest({ reports: [report(id, { colo: "FRA", failed: 1 })] });
    expect(world.state()).toBe("open");
  });
});

test("a second colo is written at once, so that an eviction cannot make one of two the only one", () => {
  const world = new WorldBed(false);
  world.digest(content({ FRA: 4 }));
  world.pass(1_000);
  world.digest(content({ AMS: 1 }));
  world.evict();
  breaks(world, { FRA: 4 });
  expect(world.state()).toBe("closed");
});

test("a colo that asked after the last row was written is known after an eviction, for as long as that", () => {
  const world = new WorldBed(false);
  world.digest(content({ FRA: 4, AMS: 1 }));
  world.pass(19_000);
  world.digest(content({ AMS: 1 }));
  world.evict();
  world.pass(59_000);
  breaks(world, { FRA: 4 });
  expect(world.state()).toBe("closed");
});

test("a row from before colos were told is read as one of reporters that do not know where they are", () => {
  const world = new WorldBed(false);
  world.digest(content({ FRA: 4 }));
  const row = JSON.parse(world.rows.get("node:a") ?? "");
  delete row.coloFloor;
  for (const word of row.reporters) delete word.colo;
  const restored = new WorldBreaker(["a"], new Map([["node:a", JSON.stringify(row)]]), NOW);
  expect(restored.node("a")?.reporter("FRA0")).toMatchObject({ colo: "", askedAt: NOW });
  expect(restored.node("a")?.quorum(NOW)).toEqual({ reporters: 3, colos: 1 });
});

test("isolates of one colo among two never open a node, whatever they say and whenever the owner is evicted", () => {
  const few = fc.nat(6);
  const said = fc.record({
    id: fc.constantFrom(...names("FRA", 6)),
    ok: few,
    failed: few,
    slow: few,
    tripped: fc.boolean(),
    passMs: fc.nat(5_000),
    evict: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(said, { maxLength: 60 }), (words) => {
      const world = new WorldBed(false);
      for (const { id, passMs, evict, ...word } of words) {
        world.digest(content({ AMS: 1 }));
        world.digest({ reports: [report(id, { colo: "FRA", ...word })] });
        if (evict) world.evict();
        world.pass(passMs);
        expect(world.state()).toBe("closed");
      }
    }),
    { numRuns: 200 },
  );
});

import { describe, expect, test } from "vitest";
import { admits, effective, type WorldWord } from "../../../../src/breaker/effective.ts";
import { LocalBreaker } from "../../../../src/breaker/localBreaker.ts";
import { type Outcome, OutcomeWindow } from "../../../../src/breaker/outcomeWindow.ts";
import type { BreakerStateName } from "../../../../src/rpc/parts.ts";
import type { Lease } from "../../../../src/rpc/reply.ts";
import type { Settlement } from "../../../../src/rpc/report.ts";
import { broken, calm, lives, report, settlement, WorldBed } from "./worldBed.ts";

/**
 * What the well-known breakers' own tests ask, asked of this one with its own values: five in a row, half of twenty in
 * ten seconds, two to six seconds open, three probes at a time of which two good ones in a row let requests in. Where
 * they disagree, the name says what is chosen here.
 */

const NOW = 1_700_000_000_000;
const MIDDLE = 0.5;

/** F: failed, L: slow, S: answered, X: excluded, though the node said something; `.` is a second. */
function played(script: string): { breaker: LocalBreaker; now: number; reasons: string[] } {
  const breaker = new LocalBreaker();
  const outcomes: Readonly<Record<string, Outcome>> = { F: "failed", L: "slow", S: "ok", X: "excluded" };
  const reasons: string[] = [];
  let now = NOW;
  for (const letter of script) {
    const outcome = outcomes[letter];
    if (!outcome) now += 1_000;
    else {
      const answered = outcome === "ok" || outcome === "excluded";
      const reason = breaker.record({ outcome, answered, sentAt: now }, now, MIDDLE, -1);
      if (reason) reasons.push(reason);
    }
  }
  return { breaker, now, reasons };
}

const times = (script: string, count: number) => script.repeat(count);

describe("closed", () => {
  test.for<[string, string, "closed" | "open"]>([
    ["one below the run is closed (gobreaker)", "FFFF", "closed"],
    ["the run opens (gobreaker)", "FFFFF", "open"],
    ["an answer ends the run (gobreaker)", "FFFFSFFFF", "closed"],
    ["what is excluded is no success, and yet a sign of life (gobreaker)", "FFFFXF", "closed"],
    ["what is excluded never opens, however often (gobreaker)", times("X", 100), "closed"],
    ["below the least volume no share opens (Polly 9, 10)", times("FS", 9), "closed"],
    ["at the least volume, half opens: not only more than half (Polly, resilience4j)", `${times("SF", 10)}`, "open"],
    ["just below half is closed (Polly)", `${times("SSF", 6)}SF`, "closed"],
    ["the first failure of all never opens (opossum with no volume)", "F", "closed"],
    ["half of them slow opens, though fewer failed (resilience4j)", `${times("SL", 8)}FSLL`, "open"],
    ["slow and failed ones each below half are closed", `${times("SLF", 7)}`, "closed"],
    ["what is excluded counts for no volume (resilience4j)", `${times("SF", 9)}${times("X", 9)}S`, "closed"],
    ["what is older than both windows is forgotten (resilience4j)", `${times("SF", 9)}${times(".", 60)}SF`, "closed"],
    ["of a node that is seldom asked the last twenty count (resilience4j, by count)", times("SF..", 10), "open"],
    ["and the one before them does not", `F${times("S..SF.", 9)}SS`, "closed"],
    [
      "of a node that is often asked ten seconds count, not the last twenty",
      `${times("S", 30)}${times("FFFS", 5)}`,
      "closed",
    ],
    ["nor is a share taken of nineteen in a minute", `${times("SF...", 9)}F`, "closed"],
    ["slow ones count as well as failed ones", `${times("SL...", 10)}`, "open"],
    ["what is spread over less than the window is not", `${times("SF.", 8)}SFSF`, "open"],
  ])("%s", ([, script, state]) => {
    expect(played(script).breaker.phase.state).toBe(state);
  });

  test("opening is one event, and what fails after it is none (cockatiel)", () => {
    expect(played(times("F", 30)).reasons).toEqual(["failures-in-a-row"]);
  });

  test("counts are exact, whoever interleaves (gobreaker)", () => {
    const window = new OutcomeWindow();
    for (let at = 0; at < 100_000; at++) window.add(at % 2 === 0 ? "ok" : "excluded", NOW + (at % 10));
    expect(window.totals(NOW + 10)).toEqual({ ok: 50_000, failed: 0, slow: 0, excluded: 50_000 });
  });
});

describe("open", () => {
  test.for<[string, number, BreakerStateName, number]>([
    ["refuses, and says for how long (Polly)", 1_000, "open", 1_000],
    ["refuses a millisecond before its time (gobreaker)", 1_999, "open", 1],
    ["admits nobody when its time has come: probes are no visitors'", 2_000, "open", 0],
  ])("%s", ([, passedMs, state, retryInMs]) => {
    const { breaker } = played("FFFFF");
    const now = NOW + passedMs;
    const found = effective(breaker.phaseAt(now), undefined, now);
    expect([found.state, found.retryInMs, admits(found)]).toEqual([state, retryInMs, false]);
  });

  test("asking changes nothing (semian)", () => {
    const { breaker } = played("FFFFF");
    const { phase } = breaker;
    for (let asked = 0; asked < 1_000; asked++) effective(breaker.phaseAt(NOW + 60_000), undefined, NOW + 60_000);
    expect(breaker.phase).toBe(phase);
  });

  test("a late result of the closed time neither reopens nor is held against what follows (cockatiel's defect)", () => {
    const { breaker } = played("FFFFF");
    for (let probe = 0; probe < 2; probe++) breaker.probed(true, NOW + 2_000, MIDDLE);
    for (let late = 0; late < 20; late++) {
      breaker.record({ outcome: "failed", answered: false, sentAt: NOW }, NOW + 2_100, MIDDLE, -1);
    }
    expect([breaker.phase.state, breaker.failedRun]).toEqual(["ramping", 0]);
  });
});

describe.for(lives)("half-open, %s", ([, evicts]) => {
  function halfOpen(): WorldBed {
    const world = new WorldBed(evicts);
    world.openAndWait();
    return world;
  }

  const ask = (world: WorldBed): Lease[] => world.digest({ wantsLeases: 4 }).leases;

  test("has three permits, and refuses the fourth and fifth: nobody queues (resilience4j, failsafe)", () => {
    const world = halfOpen();
    expect([1, 2, 3, 4, 5].map(() => ask(world).length)).toEqual([1, 1, 1, 0, 0]);
  });

  test("a permit given back admits one more; opened and half-open again it has them all (resilience4j)", () => {
    const world = halfOpen();
    const held = [ask(world), ask(world), ask(world)].flat();
    const [first, second] = held;
    if (!first || !second) throw new Error("no leases");
    world.settle(settlement(first, "excluded"));
    expect([ask(world).length, ask(world).length]).toEqual([1, 0]);
    world.settle(settlement(second, "failed"));
    world.pass(6_000);
    expect([1, 2, 3, 4].map(() => ask(world).length)).toEqual([1, 1, 1, 0]);
  });

  test("of two that ask at one moment for the last permit one gets it; it is free when its holder died, not before", () => {
    const world = halfOpen();
    ask(world);
    ask(world);
    const both = [world.digest({ collector: "c", wantsLeases: 1 }), world.digest({ collector: "d", wantsLeases: 1 })];
    expect(both.map(({ leases }) => leases.length)).toEqual([1, 0]);
    world.pass(2_999);
    expect(ask(world)).toEqual([]);
    world.pass(1);
    expect(ask(world)).toHaveLength(1);
  });

  test.for<[string, readonly Settlement["outcome"][], string]>([
    ["one good probe is luck", ["ok"], "half-open"],
    ["two let requests in", ["ok", "ok"], "ramping"],
    ["one failure opens it again, whatever came before", ["ok", "failed"], "open"],
    ["a slow one does, too (resilience4j)", ["slow"], "open"],
    [
      "what is excluded never counts: neither as success (opossum, cockatiel) nor as failure",
      ["excluded"],
      "half-open",
    ],
    ["excluded ones take no permit away (resilience4j)", [...Array(9).fill("excluded"), "ok", "ok"], "ramping"],
  ])("%s", ([, outcomes, state]) => {
    const world = halfOpen();
    for (const outcome of outcomes) {
      const [lease] = ask(world);
      if (!lease) throw new Error("no lease");
      world.settle(settlement(lease, outcome));
    }
    expect(world.state()).toBe(state);
  });

  test("expired permits are neither success nor failure: it stays half-open as long as nobody tells", () => {
    const world = halfOpen();
    for (let round = 0; round < 10; round++) {
      expect(ask(world)).toHaveLength(1);
      world.pass(3_000);
    }
    expect(world.state()).toBe("half-open");
  });
});

describe.for(lives)("the world, %s", ([, evicts]) => {
  test("tells of each transition once, in order (semian, resilience4j)", () => {
    const world = new WorldBed(evicts);
    world.openAndWait();
    world.digest({});
    for (let round = 0; round < 2; round++) {
      for (const lease of world.digest({ wantsLeases: 1 }).leases) world.settle(settlement(lease, "ok"));
    }
    world.digest({});
    world.passRamp();
    world.digest({});
    const told = world.world.transitions.map(({ from, to }) => `${from} → ${to}`).toReversed();
    expect(told).toEqual(["closed → open", "open → half-open", "half-open → ramping", "ramping → closed"]);
  });

  test("forced open it stays so after any wait; forced closed it admits all; shadowed it records and opens nothing (resilience4j)", () => {
    const verdict = (world: WorldBed): WorldWord => {
      const { nodes, reporters } = world.world.part(world.now);
      return { verdict: nodes[0], reporters, ageMs: 0, softMs: 10_000, viaNeighbour: false };
    };
    const said = (["forced-open", "forced-closed", "shadow"] as const).map((state) => {
      const world = new WorldBed(evicts);
      world.hold(state, { expiresInMs: 600_000 });
      for (let at = 0; at < 20; at++) {
        world.digest({ reports: [broken("x", { epoch: world.epoch() })] });
        world.pass(7_000);
      }
      return [world.state(), admits(effective(played("FFFFF").breaker.phase, verdict(world), NOW))];
    });
    expect(said).toEqual([
      ["forced-open", false],
      ["forced-closed", true],
      ["shadow", true],
    ]);
  });

  test("released twice, it changes once (cockatiel)", () => {
    const world = new WorldBed(evicts);
    world.hold("forced-closed");
    world.release();
    const epoch = world.epoch();
    world.release();
    expect([world.epoch(), world.world.transitions.length]).toEqual([epoch, 2]);
  });

  test("one isolate of fifty that fails always opens nothing but itself", () => {
    const world = new WorldBed(evicts);
    const others = Array.from({ length: 49 }, (_, at) => `r${at}`);
    for (let round = 0; round < 20; round++) {
      world.digest({ calm: [calm(others.slice(round, round + 8))], reports: [broken("bad")] });
      world.pass(1_000);
    }
    expect(world.state()).toBe("closed");
  });

  test("a report that comes twice counts once", () => {
    const world = new WorldBed(evicts);
    const told = report("x", { failed: 3 });
    world.digest({ reports: [told] });
    world.digest({ reports: [told, told] });
    expect([world.state(), world.world.node("a")?.window.totals(world.now).failed]).toEqual(["closed", 3]);
  });
});

describe("an owner that stops answering", () => {
  test.for<[string, number, string, boolean]>([
    ["half a second ago binds", 500, "fresh", false],
    ["eleven seconds ago is the last word, which an isolate acts upon by its own lights", 11_000, "fail-static", true],
    ["a minute ago is nothing", 60_001, "local-only", true],
  ])("%s", ([, ageMs, source, isAdmitted]) => {
    const open = { node: "a", state: "open" as const, epoch: 3, sinceMs: 0, forMs: 2_000 };
    const word: WorldWord = { verdict: open, ageMs, softMs: 10_000, viaNeighbour: false, reporters: 1 };
    const found = effective(new LocalBreaker().phase, word, NOW);
    expect([found.source, admits(found)]).toEqual([source, isAdmitted]);
  });
});

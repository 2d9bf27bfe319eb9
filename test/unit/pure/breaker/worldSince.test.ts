import { describe, expect, test } from "vitest";
import { CROWD_KEPT_MS } from "../../../../src/breaker/constants.ts";
import { broken, calm, lives, report, settlement, WorldBed } from "./worldBed.ts";

const OTHERS = ["x", "y", "z"];

describe.each(lives)("%s", (_name, evicts) => {
  /** How often the node failed since it answered anybody, as its owner has it. */
  const since = (world: WorldBed) => world.world.node("a")?.badSince;

  test("what failed after the last answer counts until the next one, and what failed before it or with it does not", () => {
    const world = new WorldBed(evicts);
    world.digest({ reports: [report("x", { failed: 1, slow: 2, failureAgeMs: 50 })] });
    expect(since(world)).toBe(3);
    world.digest({ calm: [calm(OTHERS, { successAgeMs: 100 })] });
    expect(since(world)).toBe(3);
    world.digest({
      reports: [report("y", { failed: 4, failureAgeMs: 100 }), report("z", { failed: 4, failureAgeMs: 101 })],
    });
    expect(since(world)).toBe(3);
    world.digest({ reports: [report("y", { failed: 2, slow: 1, failureAgeMs: 99 })] });
    expect(since(world)).toBe(6);
    world.digest({ calm: [calm(OTHERS, { successAgeMs: 0 })] });
    expect(since(world)).toBe(0);
  });

  test("an answer between two reports leaves what failed after it", () => {
    const world = new WorldBed(evicts);
    world.digest({ calm: [calm(OTHERS, { successAgeMs: 5_000 })] });
    world.digest({
      reports: [
        report("x", { failed: 2, failureAgeMs: 500 }),
        report("y", { failed: 3, slow: 1, slowRun: 1, failureAgeMs: 100 }),
      ],
    });
    expect(since(world)).toBe(6);
    world.digest({ calm: [calm(OTHERS, { successAgeMs: 300 })] });
    expect(since(world)).toBe(4);
  });

  test("an answer at the very moment of a failure ends its run", () => {
    const world = new WorldBed(evicts);
    const runOf = (id: string) => world.world.node("a")?.reporter(id).failedSince;
    world.digest({ reports: [report("x", { failed: 2, failureAgeMs: 100 })] });
    expect(runOf("x")).toBe(2);
    world.digest({ calm: [calm(OTHERS, { successAgeMs: 100 })] });
    expect(runOf("x")).toBe(0);
    world.digest({ reports: [report("y", { failed: 2, failureAgeMs: 100 })] });
    expect(runOf("y")).toBe(0);
  });

  test("on a ramp it is the share that opens, whoever tripped; elsewhere trips do", () => {
    const ramping = () => {
      const world = new WorldBed(evicts);
      world.openAndWait();
      for (let probe = 0; probe < 2; probe++) {
        for (const lease of world.digest({ wantsLeases: 1 }).leases) world.settle(settlement(lease, "ok"));
      }
      expect(world.state()).toBe("ramping");
      return world;
    };
    const bad = (world: WorldBed, failed: number) =>
      OTHERS.map((id) => report(id, { epoch: world.epoch(), failed, tripped: true, failureAgeMs: 0 }));
    const mostlyGood = ramping();
    const good = report("w", { epoch: mostlyGood.epoch(), ok: 3, failed: 1, failureAgeMs: 10, successAgeMs: 20 });
    mostlyGood.digest({ reports: [good, ...bad(mostlyGood, 1).slice(0, 2)] });
    expect(mostlyGood.state()).toBe("ramping");
    const mostlyBad = ramping();
    mostlyBad.digest({ reports: bad(mostlyBad, 1) });
    expect(mostlyBad.state()).toBe("open");
    const told = mostlyBad.world.transitions.map(({ evidence }) => evidence);
    expect(told).toContainEqual(expect.stringMatching(/^failed-while-ramping/));
  });

  test("on a ramp one that fails for itself opens nothing where others asked as well", () => {
    const world = new WorldBed(evicts);
    world.openAndWait();
    world.digest({ calm: [calm(OTHERS, { successAgeMs: 5_000 })] });
    for (let probe = 0; probe < 2; probe++) {
      for (const lease of world.digest({ wantsLeases: 1 }).leases) world.settle(settlement(lease, "ok"));
    }
    world.digest({ reports: [broken("w", { epoch: world.epoch() })] });
    expect(world.state()).toBe("ramping");
  });
});

test("isolates that were counted are counted for three minutes of the minute they were counted in, and no longer", () => {
  const world = new WorldBed(true);
  const minuteMs = 60_000;
  const untilMs = Math.floor(world.now / minuteMs) * minuteMs + CROWD_KEPT_MS - world.now;
  world.digest({ reporters: 600 });
  world.pass(untilMs - 1);
  expect(world.world.reporters(world.now)).toBe(512);
  world.pass(1);
  expect(world.world.reporters(world.now)).toBe(0);
});

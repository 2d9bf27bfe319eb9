import { describe, expect, test } from "vitest";
import { hasTripped } from "../../../../src/breaker/reporterWords.ts";
import { calm, report, WorldBed } from "./worldBed.ts";

const node = (world: WorldBed) => world.world.node("a");
const others = ["p", "q", "r"];

/** Closed again in epoch 1, so long ago that whoever thinks of epoch 0 may be believed. */
function later(): WorldBed {
  const world = new WorldBed(false);
  world.hold("forced-closed");
  world.pass(10_000);
  return world;
}

describe("who is in trouble by its own rule", () => {
  test.for<[string, { failedRun?: number; slowRun?: number; tripped?: boolean }, boolean]>([
    ["five failures in a row, which may be chance to it", { failedRun: 5 }, false],
    ["five slow answers in a row, which may be chance to it", { slowRun: 5 }, false],
    ["a breaker that is open", { tripped: true }, true],
  ])("%s", ([, said, isTroubled]) => {
    const [word] = report("x", said).standing;
    expect(word && hasTripped(word)).toBe(isTroubled);
    const world = new WorldBed(false);
    world.digest({ calm: [calm(others, { successAgeMs: 200 })] });
    // Few failures and no run of the world's, so that only what each says of itself can open it.
    const told = { failed: 1, failedRun: 0, failureAgeMs: 100, ...said };
    world.digest({ reports: others.map((id) => report(id, told)) });
    expect(world.state()).toBe(isTroubled ? "open" : "closed");
  });

  test("has it also where it tells of no attempt", () => {
    const world = new WorldBed(false);
    world.digest({ calm: [calm(others, { successAgeMs: 200 })] });
    world.digest({ reports: others.map((id) => report(id, { tripped: true, failureAgeMs: 100 })) });
    expect(world.state()).toBe("open");
  });
});

describe("a report", () => {
  test.for<[string, object, boolean]>([
    ["without an attempt", {}, false],
    ["of an answer", { ok: 1 }, true],
    ["of a failure", { failed: 1 }, true],
    ["of a slow answer", { slow: 1 }, true],
    ["of what is excluded", { excluded: 1 }, true],
    ["of as many answers as are excluded", { ok: 1, excluded: 1 }, true],
  ])("%s: its sender asked the node: %o %s", ([, said, hasAsked]) => {
    const world = new WorldBed(false);
    world.digest({ reports: [report("x", said)] });
    expect(node(world)?.reporters.map(({ id }) => id)).toEqual(hasAsked ? ["x"] : []);
  });

  test("of answers alone is no trouble", () => {
    const world = new WorldBed(false);
    world.digest({ reports: [report("x", { ok: 3 })] });
    expect(node(world)?.failing(world.now)).toEqual([]);
  });

  test("of an older epoch is excluded, whatever it counts, unless its sender failed lately", () => {
    const world = later();
    world.digest({ reports: [report("x", { epoch: 0, ok: 3, failureAgeMs: null })] });
    expect(node(world)?.window.totals(world.now)).toEqual({ ok: 0, failed: 0, slow: 0, excluded: 3 });
    world.digest({ reports: [report("y", { epoch: 0, ok: 1, failed: 1, slow: 2, failureAgeMs: 10_000 })] });
    expect(node(world)?.window.totals(world.now)).toEqual({ ok: 0, failed: 0, slow: 0, excluded: 7 });
    world.digest({ reports: [report("z", { epoch: 0, ok: 1, failed: 1, slow: 2, failureAgeMs: 9_999 })] });
    expect(node(world)?.window.totals(world.now)).toEqual({ ok: 1, failed: 1, slow: 2, excluded: 7 });
  });

  test.for<[string, object, number]>([
    ["of failures", { failed: 1 }, 1],
    ["of as many slow answers as failures", { failed: 1, slow: 1 }, 1],
    ["of answers", { ok: 1 }, 0],
  ])("of an older epoch that tells %s is counted as such: %o", ([, said, times]) => {
    const world = later();
    const told = report("x", { epoch: 0, ...said, failedRun: 0, slowRun: 0, failureAgeMs: 60_000 });
    told.outcomes.push({ node: "a", kind: "write", epoch: 0, ok: 1, failed: 0, slow: 0, excluded: 0 });
    world.digest({ reports: [told] });
    expect(world.world.dropped.oldEpochs).toBe(times);
  });

  test("of a failure that turns out older than an answer adds nothing to the world's run", () => {
    const world = new WorldBed(false);
    world.digest({ calm: [calm(["z"], { successAgeMs: 1_000 })] });
    world.digest({ reports: [report("x", { failed: 2, failureAgeMs: 0 })] });
    expect(node(world)?.reporter("x")).toMatchObject({ failedSince: 2, failedAt: world.now });
    world.digest({ reports: [report("x", { failed: 1, failureAgeMs: 5_000 })] });
    expect(node(world)?.reporter("x")).toMatchObject({ failedSince: 0, slowSince: 0, failedAt: world.now - 5_000 });
  });

  test("and calm counts of an older Collector, which do not say where, are of no colo", () => {
    const world = new WorldBed(false);
    world.digest({ calm: [calm(["x"])], reports: [report("y", { failed: 1 })] });
    expect(
      node(world)
        ?.reporters.map(({ id, colo }) => [id, colo])
        .toSorted(),
    ).toEqual([
      ["x", ""],
      ["y", ""],
    ]);
  });
});

describe("the health cache", () => {
  const health = (world: WorldBed) => world.world.part(world.now).health[0];

  test("knows nothing at first", () => {
    expect(health(new WorldBed(false))).toEqual({
      node: "a",
      successAgeMs: null,
      failureAgeMs: null,
      queryAgeMs: null,
    });
  });

  test("keeps the newest of what was seen, in whatever order it is told", () => {
    for (const calmly of [true, false]) {
      const world = new WorldBed(false);
      for (const ageMs of [3_000, 1_000, 2_000]) {
        const seen = { successAgeMs: ageMs, queryAgeMs: ageMs + 1 };
        world.digest(calmly ? { calm: [calm(["x"], seen)] } : { reports: [report("x", { ok: 1, ...seen })] });
      }
      expect(health(world)).toMatchObject({ successAgeMs: 1_000, queryAgeMs: 1_001 });
      world.pass(500);
      expect(health(world)).toMatchObject({ successAgeMs: 1_500, queryAgeMs: 1_501 });
    }
  });

  test("tells of nothing that is yet to come, though the clock was set back", () => {
    const world = new WorldBed(false);
    world.digest({ calm: [calm(["x"], { successAgeMs: 0, queryAgeMs: 0 })] });
    world.pass(-60_000);
    expect(health(world)).toMatchObject({ successAgeMs: 0, queryAgeMs: 0 });
  });
});

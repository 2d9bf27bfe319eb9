import { describe, expect, test } from "vitest";
import { breakerAdmin } from "../../../../src/breaker/breakerAdmin.ts";
import { WorldBreaker } from "../../../../src/breaker/worldBreaker.ts";
import { broken, calm, NOW, report, WorldBed } from "./worldBed.ts";

const quorum = (world: WorldBed) => world.world.node("a")?.quorum(world.now).reporters;
const names = (prefix: string, times: number) => Array.from({ length: times }, (_, at) => `${prefix}${at}`);

describe("how many asked, as a new instance knows it from the row", () => {
  test("is as many as the row tells of for 80 s, though fewer ask and another row is written", () => {
    const world = new WorldBed(false);
    world.digest({ calm: [calm(names("r", 4))] });
    world.evict();
    world.pass(61_000);
    world.digest({ calm: [calm(["x"])] });
    world.evict();
    world.pass(18_999);
    expect(quorum(world)).toBe(3);
    world.pass(1);
    expect(quorum(world)).toBe(1);
  });

  test("is told again, for longer, where as many still ask", () => {
    const world = new WorldBed(false);
    world.digest({ calm: [calm(names("r", 4))] });
    world.evict();
    world.pass(30_000);
    world.digest({ calm: [calm(names("s", 4))] });
    world.evict();
    world.pass(79_999);
    expect(quorum(world)).toBe(3);
  });

  test("is of fewer once the row of many is too old", () => {
    const world = new WorldBed(false);
    world.digest({ calm: [calm(names("r", 4))] });
    world.evict();
    world.pass(80_000);
    world.digest({ calm: [calm(["x", "y"])] });
    world.evict();
    world.pass(65_000);
    expect(quorum(world)).toBe(2);
  });

  test("is of those that asked within a minute, also where nobody was heard since", () => {
    const world = new WorldBed(false);
    world.digest({ calm: [calm(names("r", 4))] });
    const told = () => breakerAdmin(world.world, world.now).nodes[0]?.reporters;
    world.pass(59_999);
    expect([quorum(world), told()]).toEqual([3, 4]);
    world.pass(1);
    expect([quorum(world), told()]).toEqual([1, 0]);
  });
});

test("who neither asked for a minute nor failed lately is no longer remembered", () => {
  const world = new WorldBed(false);
  world.digest({ calm: [calm(["x", "y"])] });
  world.pass(60_000);
  world.digest({ calm: [calm(["z"])] });
  expect(world.world.node("a")?.reporters.map(({ id }) => id)).toEqual(["z"]);
});

test("of two colos with more trouble than there is place for, each keeps half of the places", () => {
  const world = new WorldBed(false);
  for (const colo of ["AMS", "FRA"]) {
    world.digest({ reports: names(colo, 6).map((id) => report(id, { colo, failed: 1 })) });
    world.pass(100);
  }
  const kept = world.world.node("a")?.reporters.map(({ colo }) => colo) ?? [];
  expect(kept.toSorted()).toEqual([...Array(4).fill("AMS"), ...Array(4).fill("FRA")]);
});

describe("a node's row", () => {
  test("is another after 20 s to the millisecond, where anything is new", () => {
    const world = new WorldBed(false);
    world.digest({ calm: [calm(["x"])] });
    const row = world.rows.get("node:a");
    world.pass(19_999);
    world.digest({ calm: [calm(["x"])] });
    expect(world.rows.get("node:a")).toBe(row);
    world.pass(1);
    world.digest({ calm: [calm(["x"])] });
    expect(world.rows.get("node:a")).not.toBe(row);
  });

  test("is the same for as long as nothing is new, also after an eviction", () => {
    const world = new WorldBed(false);
    world.digest({ calm: [calm(["x"])] });
    const row = world.rows.get("node:a");
    world.evict();
    world.pass(20_000);
    world.digest({});
    expect(world.rows.get("node:a")).toBe(row);
  });

  test("keeps what was slow, as it keeps what failed", () => {
    for (const said of [{ slow: 3 }, { failed: 3 }, { slow: 2, failed: 2 }]) {
      const world = new WorldBed(false);
      world.digest({ reports: [report("x", said)] });
      world.evict();
      expect(world.world.node("a")?.window.totals(world.now)).toMatchObject(said);
    }
  });

  test("that an older version wrote knows of no words, no leases, no suspect and no colos", () => {
    const rows = new Map([
      ["node:a", JSON.stringify({ phase: { state: "half-open", epoch: 4, since: NOW, opened: 1, good: 0 } })],
    ]);
    const world = new WorldBreaker(["a"], rows, NOW);
    expect(world.node("a")).toMatchObject({ reporters: [], leases: [], failedColo: "", wholeAt: NOW + 10_000 });
    expect(world.node("a")?.quorum(NOW)).toEqual({ reporters: 1, colos: 1 });
    expect(world.node("a")?.window.toJSON()).toEqual([]);
  });

  test("of the history that an older version wrote says of nobody that he ordered it", () => {
    const world = new WorldBed(false);
    world.digest({ reports: [broken("x")] });
    const meta = JSON.parse(world.rows.get("meta") ?? "");
    delete meta.transitions[0].by;
    const restored = new WorldBreaker(["a"], new Map([["meta", JSON.stringify(meta)]]), NOW);
    expect(restored.transitions[0]).toMatchObject({ by: "", to: "open" });
  });
});

test("an isolate that tells without end crowds out nobody's reports: a repeat of theirs is known", () => {
  const world = new WorldBed(false);
  const once = report("quiet", { failed: 1 });
  world.digest({ reports: [once] });
  for (let at = 0; at < 300; at++) world.digest({ reports: [report("loud", { ok: 1, failed: 1, failedRun: 0 })] });
  world.digest({ reports: [once] });
  expect(world.world.dropped.repeated).toBe(1);
});

test("the admin's answer says of what never happened that it did not", () => {
  const [node] = breakerAdmin(new WorldBed(false).world, NOW).nodes;
  expect(node).toMatchObject({ successAgeMs: null, failureAgeMs: null, hold: null });
});

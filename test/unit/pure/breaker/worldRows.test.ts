import { describe, expect, test } from "vitest";
import { breakerAdmin } from "../../../../src/breaker/breakerAdmin.ts";
import { WorldBreaker } from "../../../../src/breaker/worldBreaker.ts";
import { broken, calm, NOW, report, settlement, WorldBed } from "./worldBed.ts";

const names = (prefix: string, times: number) => Array.from({ length: times }, (_, at) => `${prefix}${at}`);

describe("rows written", () => {
  test.for([
    ["one isolate", 1, 5_000],
    ["eight isolates", 8, 300],
    ["a crowd of a hundred", 100, 50],
    ["a quiet site", 3, 12_000],
  ] as const)("in calm, %s changes no row more often than each 20 s", ([, reporters, everyMs]) => {
    const world = new WorldBed(false);
    const changes = new Map<string, number[]>();
    for (let at = 0; at < 1_200; at++) {
      const before = new Map(world.rows);
      const health = { successAgeMs: at % 700, queryAgeMs: at % 300 };
      world.digest({ reporters, calm: [calm([`r${at % reporters}`], health), calm([], { node: "b", ...health })] });
      for (const [key, row] of world.rows)
        if (before.get(key) !== row) changes.set(key, [...(changes.get(key) ?? []), world.now]);
      world.pass(everyMs);
    }
    for (const [key, times] of changes) {
      // The first reporters of all are told at once: a quorum is counted from them.
      const settled = times.filter((at) => at >= NOW + 3 * everyMs);
      const gaps = settled.slice(1).map((at, index) => at - (settled[index] ?? 0));
      expect([key, Math.min(20_000, ...gaps)]).toEqual([key, 20_000]);
    }
    expect(world.writes).toBeGreaterThan(5);
  });

  test("of digests that say nothing new there are none, but for the hour's", () => {
    const world = new WorldBed(false);
    world.digest({ calm: [calm(["x"])] });
    const { writes } = world;
    for (let at = 0; at < 100; at++) {
      world.pass(500);
      world.digest({});
    }
    expect(world.writes - writes).toBeLessThanOrEqual(1);
  });

  test("trouble, leases, checks and transitions are written at once", () => {
    const world = new WorldBed(false);
    world.digest({});
    const changed = (act: () => unknown) => {
      const before = world.rows.get("node:a");
      act();
      return world.rows.get("node:a") !== before;
    };
    expect(changed(() => world.digest({ checks: ["a"], wantsLeases: 1 }))).toBe(true);
    expect(changed(() => world.digest({ reports: [report("x", { failed: 1 })] }))).toBe(true);
    expect(changed(() => world.digest({ reports: [broken("x")] }))).toBe(true);
    world.pass(2_000);
    expect(changed(() => world.digest({}))).toBe(true);
    expect(changed(() => world.ownProbes())).toBe(true);
    const lease = world.world.node("a")?.leases[0];
    expect(changed(() => lease && world.settle(settlement(lease, "excluded")))).toBe(true);
  });

  test("the first three reporters are written at once, so that an eviction cannot make one of four a quorum", () => {
    const world = new WorldBed(false);
    for (const id of ["a", "b", "c", "d"]) {
      world.pass(1_000);
      world.digest({ calm: [calm([id])] });
    }
    world.evict();
    world.pass(70_000);
    world.digest({ reports: [broken("a")] });
    expect(world.state()).toBe("closed");
  });
});

describe("bounds", () => {
  test("whatever comes, rows stay small", () => {
    const world = new WorldBed(false);
    for (let at = 0; at < 3_000; at++) {
      world.pass(at % 40 === 0 ? 8_000 : 10);
      const reports = [broken(`reporter-with-a-name-of-its-own-${at}`, { epoch: world.epoch() })];
      const wish = { wantsLeases: 4, checks: ["a", "b"] };
      for (const lease of world.digest({ collector: `collector:somewhere:${at}`, reports, ...wish }).leases)
        world.settle(settlement(lease, at % 3 === 0 ? "failed" : "ok"));
    }
    expect(world.world.collectors()).toHaveLength(512);
    expect(world.world.transitions.length).toBe(50);
    const node = world.world.node("a");
    expect(node?.reporters.length).toBeLessThanOrEqual(8);
    expect(node?.leases.length).toBeLessThanOrEqual(3);
    const [longest] = [...world.rows.values()].map(({ length }) => length).sort((a, b) => b - a);
    expect(longest).toBeLessThan(100_000);
    const meta = JSON.parse(world.rows.get("meta") ?? "");
    expect([meta.recent.length, meta.transitions.length, meta.collectors.length]).toEqual([256, 50, 512]);
  });

  test("of many reporters those with trouble are kept, and those that asked last", () => {
    const world = new WorldBed(false);
    world.digest({ calm: [calm(names("old", 8))] });
    world.pass(1_000);
    world.digest({ reports: [broken("bad"), report("poor", { failed: 1 })] });
    world.pass(1_000);
    world.digest({ calm: [calm(names("new", 8))] });
    const kept = world.world.node("a")?.reporters.map(({ id }) => id);
    expect(kept?.toSorted()).toEqual(["bad", ...names("new", 6), "poor"]);
  });
});

describe("how many isolates there are", () => {
  test("is not forgotten with those that counted them: for minutes it is at least the power of two below", () => {
    const world = new WorldBed(false);
    const count = () => world.world.reporters(world.now);
    world.digest({ collector: "c", reporters: 30 });
    world.digest({ collector: "d", reporters: 15 });
    expect(count()).toBe(45);
    world.evict();
    world.digest({ collector: "c", reporters: 1 });
    expect(count()).toBe(32);
    world.pass(100_000);
    world.digest({ collector: "c", reporters: 20 });
    expect(count()).toBe(32);
    world.pass(80_000);
    world.digest({ collector: "c", reporters: 3 });
    expect(count()).toBe(3);
  });

  test("is remembered for minutes from when it was last so, and from the first moment of a minute on", () => {
    const world = new WorldBed(false);
    world.pass(60_000 - (world.now % 60_000));
    for (let minute = 0; minute < 5; minute++) {
      world.digest({ reporters: 40 });
      world.pass(minute < 4 ? 60_000 : 0);
    }
    world.evict();
    expect(world.world.reporters(world.now)).toBe(32);
    world.pass(150_000);
    expect(world.world.reporters(world.now)).toBe(32);
  });

  test("is what is counted where a clock was set back", () => {
    const world = new WorldBed(false);
    world.digest({ reporters: 40 });
    world.evict();
    world.pass(-3_600_000);
    world.digest({ reporters: 2 });
    expect(world.world.reporters(world.now)).toBe(2);
  });
});

describe("the register of Collectors", () => {
  test("holds those of the last 24 hours, also after an eviction", () => {
    const world = new WorldBed(false);
    world.digest({ collector: "first" });
    world.pass(43_200_000);
    world.digest({ collector: "second", reporters: 7 });
    expect([world.world.collectors(), world.world.reporters(world.now)]).toEqual([["first", "second"], 7]);
    world.evict();
    expect(world.world.collectors()).toEqual(["first", "second"]);
    world.pass(43_200_001);
    world.digest({ collector: "second" });
    expect(world.world.collectors()).toEqual(["second"]);
  });

  test("of more than 512 forgets the one not heard of for longest", () => {
    const world = new WorldBed(false);
    for (let at = 0; at < 512; at++) world.digest({ collector: `c${at}` });
    world.digest({ collector: "c0" });
    world.digest({ collector: "new" });
    const kept = world.world.collectors();
    expect([kept.includes("c0"), kept.includes("c1"), kept.includes("new"), kept.length]).toEqual([
      true,
      false,
      true,
      512,
    ]);
  });

  test("counts the reporters of the last minute", () => {
    const world = new WorldBed(false);
    world.digest({ collector: "a", reporters: 3 });
    world.pass(30_000);
    world.digest({ collector: "b", reporters: 4 });
    expect(world.world.reporters(world.now)).toBe(7);
    world.pass(30_000);
    expect(world.world.part(world.now).reporters).toBe(4);
  });
});

describe("rows that are not as this version writes them", () => {
  const without = (row: string | undefined, keys: readonly string[]) =>
    JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(row ?? "{}")).filter(([key]) => !keys.includes(key))));

  test("of an older version, with fields missing, are read with what they have", () => {
    const world = new WorldBed(false);
    world.digest({ reports: [broken("x")] });
    const old = new Map([
      ["meta", without(world.rows.get("meta"), ["leases", "lastDigestAt", "transitions", "collectors", "recent"])],
      [
        "node:a",
        without(world.rows.get("node:a"), [
          "at",
          "floor",
          "window",
          "wholeAt",
          "reporters",
          "leases",
          "checkGrantedAt",
          "unprovenAt",
          "successAt",
          "failureAt",
          "queryAt",
        ]),
      ],
    ]);
    const restored = new WorldBreaker(["a", "b"], old, NOW + 100);
    expect(restored.part(NOW + 100)).toMatchObject({
      incarnation: NOW,
      epoch: 1,
      nodes: [{ state: "open", epoch: 1, forMs: 1_900 }, {}],
    });
  });

  test("with reporters of before fields were added, they are read too", () => {
    const world = new WorldBed(false);
    world.digest({ reports: [report("x", { failed: 4 })] });
    const row = JSON.parse(world.rows.get("node:a") ?? "");
    row.reporters = [{ id: "x", askedAt: NOW, failingAt: NOW, failedRun: 4, slowRun: 0 }];
    row.later = "unknown here";
    const restored = new WorldBreaker(["a"], new Map([["node:a", JSON.stringify(row)]]), NOW);
    expect(restored.node("a")?.reporter("x")).toMatchObject({ failedRun: 4, tripped: false, failedSince: 0 });
  });

  test.for([
    ["not JSON", "{"],
    ["nothing", ""],
    ["another shape", '{"phase":7}'],
    ["null", "null"],
  ] as const)("a node's that is %s is as none, and only a new incarnation may say so", ([, row]) => {
    const world = new WorldBed(false);
    world.digest({ reports: [broken("x"), broken("x", { node: "b" })] });
    world.rows.set("node:a", row);
    world.evict();
    const part = world.world.part(world.now);
    expect(part.incarnation).toBe(NOW + 1);
    expect(part.nodes).toMatchObject([
      { state: "closed", epoch: 0 },
      { state: "open", epoch: 1 },
    ]);
  });

  test("a meta row that cannot be read makes a new owner", () => {
    const world = new WorldBed(false);
    world.digest({ reports: [broken("x")] });
    world.rows.set("meta", "{]");
    world.pass(5_000);
    world.evict();
    expect(world.world.part(world.now)).toMatchObject({
      incarnation: NOW + 5_000,
      epoch: 0,
      nodes: [{ state: "open" }, {}],
    });
  });
});

describe("an owner that was restored", () => {
  test("takes a new incarnation where somebody holds a later word of its own, once", () => {
    const world = new WorldBed(false);
    world.digest({});
    const have = { incarnation: NOW, epoch: 5, version: 0 };
    world.pass(100);
    expect(world.digest({ have }).part).toMatchObject({ incarnation: NOW + 100, epoch: 0 });
    world.pass(100);
    expect(world.digest({ have }).part.incarnation).toBe(NOW + 100);
    const beyond = { incarnation: NOW + 1_000, epoch: 0, version: 0 };
    expect(world.digest({ have: beyond }).part.incarnation).toBe(NOW + 1_001);
    world.evict();
    expect(world.world.part(world.now).incarnation).toBe(NOW + 1_001);
  });

  test.for([
    ["its own", { incarnation: NOW, epoch: 0, version: 0 }],
    ["an older one", { incarnation: NOW - 1, epoch: 99, version: 0 }],
  ] as const)("keeps its own where they hold %s", ([, have]) => {
    expect(new WorldBed(false).digest({ have }).part.incarnation).toBe(NOW);
  });
});

test("the admin's answer tells states, evidence, leases and ages", () => {
  const world = new WorldBed(false);
  world.openAndWait();
  world.digest({ wantsLeases: 1, calm: [calm(["x"], { node: "b", ok: 3, successAgeMs: 50 })], reporters: 2 });
  world.pass(1_000);
  const told = breakerAdmin(world.world, world.now);
  expect(told).toMatchObject({
    nodes: [
      {
        name: "a",
        scope: "world",
        state: "half-open",
        epoch: 2,
        sinceMs: 1_000,
        leases: [{ kind: "probe", epoch: 2, expiresInMs: 2_000 }],
        reporters: 1,
        failureAgeMs: 9_000,
      },
      { name: "b", state: "closed", window: { ok: 3 }, reporters: 1, successAgeMs: 1_050, leases: [] },
    ],
    reporters: 2,
    collectors: ["c"],
    dropped: { repeated: 0, lateSettlements: 0 },
  });
  expect(told.transitions.map(({ to, agoMs }) => [to, agoMs])).toEqual([
    ["half-open", 1_000],
    ["open", 9_000],
  ]);
});

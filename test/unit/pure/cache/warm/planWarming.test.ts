import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_WARM_LAG_MS, MAX_WARM_LOAD, RECOVERY_LOADS_PER_S } from "../../../../../src/cache/warm/constants.ts";
import { planWarming, type WarmingFacts } from "../../../../../src/cache/warm/planWarming.ts";
import type { DatabaseFacts, HotKey, WarmBudget } from "../../../../../src/cache/warm/warmFacts.ts";

const NOW = 1_764_000_000_000;
const WELL: DatabaseFacts = { isOpen: false, isAsleep: false, isRecovering: false, lagMs: 0, load: 0.1 };
const PLENTY: WarmBudget = { subrequestsLeft: 1_000, kvWrites: 1_000, leftMs: 300_000 };
const NEXT = { inMs: 300_000, marginMs: 75_000 };

/** A key that is hot, and fresh for so long; 0: it has expired; undefined: there is no copy. */
function hot(key: string, more: Partial<HotKey> & { lifeMs?: number } = {}): HotKey {
  const { lifeMs, ...rest } = more;
  const copy =
    lifeMs === undefined
      ? { loadedAt: 0, freshUntil: 0, errorUntil: 0, hash: "" }
      : { loadedAt: NOW - 600_000, freshUntil: NOW + lifeMs, errorUntil: NOW + 3_600_000, hash: "h" };
  return { key, heat: 10, loadMs: 100, ...copy, ...rest };
}

function plan(facts: Partial<WarmingFacts>) {
  const { load, skipped } = planWarming({ now: NOW, keys: [], database: WELL, budget: PLENTY, next: NEXT, ...facts });
  return {
    load: load.map(({ key }) => key),
    skipped: Object.fromEntries(skipped.map(({ key, why }) => [key, why])),
    afterMs: load.map(({ afterMs }) => afterMs),
  };
}

describe("whether a key is loaded", () => {
  test.for<[string, HotKey, string | undefined]>([
    ["that has no copy", hot("k"), undefined],
    ["that has expired", hot("k", { lifeMs: 0 }), undefined],
    ["that expired long ago", hot("k", { lifeMs: -9_000_000 }), undefined],
    ["that took no time to load", hot("k", { loadMs: 0 }), undefined],
    ["that is fresh, but not until the next run", hot("k", { lifeMs: 200_000 }), undefined],
    ["that is fresh exactly until the next run", hot("k", { lifeMs: 300_000 }), undefined],
    ["that is fresh until a moment before the next run's copy is seen", hot("k", { lifeMs: 375_099 }), undefined],
    ["that is fresh until then", hot("k", { lifeMs: 375_100 }), "lives"],
    ["that takes longer to load than it lives beyond that", hot("k", { lifeMs: 375_100, loadMs: 101 }), undefined],
    ["that nobody wants", hot("k", { heat: 0 }), "cold"],
  ])("a key %s", ([, key, why]) => {
    expect(plan({ keys: [key] })).toMatchObject(why ? { load: [], skipped: { k: why } } : { load: ["k"], skipped: {} });
  });

  test("every run finds every key to load where lifetimes are as long as the time between runs", () => {
    for (let run = 0; run < 5; run++) {
      expect(plan({ keys: [hot("k", { lifeMs: 300_000 - run * 100 })] }).load).toEqual(["k"]);
    }
  });
});

describe("a database that is not to be touched", () => {
  test.for<[string, Partial<DatabaseFacts>, string]>([
    ["that nobody may ask", { isOpen: true }, "breaker"],
    ["that nobody may ask and that is behind", { isOpen: true, isAsleep: true, lagMs: 1e9, load: 1 }, "breaker"],
    ["that is asleep", { isAsleep: true, load: 1 }, "asleep"],
    ["whose replicas are behind", { lagMs: MAX_WARM_LAG_MS + 1, load: 1 }, "lag"],
    ["that has enough to do", { load: MAX_WARM_LOAD + 0.01 }, "busy"],
  ])("%s", ([, database, why]) => {
    const found = plan({ keys: [hot("a"), hot("b", { heat: 0 })], database: { ...WELL, ...database } });
    expect(found).toMatchObject({ load: [], skipped: { a: why, b: why } });
  });

  test.for<[string, Partial<DatabaseFacts>]>([
    ["at the limit of lag", { lagMs: MAX_WARM_LAG_MS }],
    ["of unknown lag", { lagMs: null }],
    ["at the limit of load", { load: MAX_WARM_LOAD }],
  ])("but one %s is", ([, database]) => {
    expect(plan({ keys: [hot("a")], database: { ...WELL, ...database } }).load).toEqual(["a"]);
  });
});

describe("budgets", () => {
  const many = Array.from({ length: 25 }, (_, rank) => hot(`k${rank}`, { heat: 100 - rank }));

  test("of 40 subrequests keep the ten hottest, and name the reason for the others", () => {
    const { load, skipped } = plan({ keys: many, budget: { ...PLENTY, subrequestsLeft: 40 } });
    expect(load).toEqual(many.slice(0, 10).map(({ key }) => key));
    expect(new Set(Object.values(skipped))).toEqual(new Set(["subrequests"]));
  });

  test("spent on nothing that lives on", () => {
    const keys = many.map((each, rank) => (rank < 5 ? { ...each, freshUntil: NOW + 999_999 } : each));
    expect(plan({ keys, budget: { ...PLENTY, subrequestsLeft: 8 } }).load).toEqual(["k5", "k6"]);
  });

  test("of time let begin what can end, four at a time", () => {
    const keys = many.map((each) => ({ ...each, loadMs: 1_000 }));
    const { load, skipped } = plan({ keys, budget: { ...PLENTY, leftMs: 3_000 } });
    expect(load.length).toBe(9);
    expect(skipped.k9).toBe("time");
  });

  test("without a KV write load nothing: nobody would see it", () => {
    expect(plan({ keys: [hot("a")], budget: { ...PLENTY, kvWrites: 0 } })).toMatchObject({
      load: [],
      skipped: { a: "kv-writes" },
    });
  });
});

describe("the order", () => {
  test.for<[string, readonly HotKey[], readonly string[]]>([
    ["the hotter first", [hot("a", { heat: 1 }), hot("b", { heat: 2 })], ["b", "a"]],
    ["the dearer to load first", [hot("a", { loadMs: 10 }), hot("b", { loadMs: 200 })], ["b", "a"]],
    ["what expires sooner first", [hot("a", { lifeMs: 200_000 }), hot("b", { lifeMs: 10_000 })], ["b", "a"]],
    ["half as hot, but four times as dear", [hot("a", { heat: 2 }), hot("b", { heat: 1, loadMs: 400 })], ["b", "a"]],
    ["as they were, of equals", [hot("b"), hot("a"), hot("c")], ["b", "a", "c"]],
  ])("%s", ([, keys, load]) => {
    expect(plan({ keys }).load).toEqual(load);
  });

  test("after an outage: the hottest first, at a pace", () => {
    const keys = [
      hot("dear", { heat: 1, loadMs: 900 }),
      hot("hot", { heat: 9, lifeMs: 0 }),
      hot("lives", { lifeMs: 999_999 }),
    ];
    const found = plan({ keys, database: { ...WELL, isRecovering: true } });
    expect(found).toMatchObject({ load: ["hot", "dear"], skipped: { lives: "lives" } });
    expect(found.afterMs).toEqual([0, 1_000 / RECOVERY_LOADS_PER_S]);
  });

  test("after an outage no second has more loads than the cap, and what would come too late waits for the next run", () => {
    const keys = Array.from({ length: 100 }, (_, rank) => hot(`k${rank}`, { heat: 1_000 - rank }));
    const { load, afterMs, skipped } = plan({
      keys,
      database: { ...WELL, isRecovering: true },
      budget: { ...PLENTY, leftMs: 5_000 },
    });
    for (const from of afterMs) {
      expect(afterMs.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(RECOVERY_LOADS_PER_S);
    }
    expect(load.length).toBe(50);
    expect(skipped.k50).toBe("time");
  });
});

test("every key is either loaded or skipped, once, within every budget", () => {
  const key = fc.record({
    heat: fc.nat(50),
    loadMs: fc.nat(2_000),
    loadedAt: fc.constant(NOW - 1_000),
    freshUntil: fc.integer({ min: NOW - 900_000, max: NOW + 900_000 }),
    errorUntil: fc.constant(NOW + 3_600_000),
    hash: fc.constant("h"),
  });
  const budget = fc.record({ subrequestsLeft: fc.nat(100), kvWrites: fc.nat(5), leftMs: fc.nat(10_000) });
  fc.assert(
    fc.property(fc.array(key, { maxLength: 40 }), budget, fc.boolean(), (found, budget, isRecovering) => {
      const keys = found.map((each, rank) => ({ ...each, key: `k${rank}` }));
      const { load, skipped } = plan({ keys, budget, database: { ...WELL, isRecovering } });
      expect([...load, ...Object.keys(skipped)].sort()).toEqual(keys.map((each) => each.key).sort());
      expect(load.length * 4).toBeLessThanOrEqual(budget.subrequestsLeft);
    }),
  );
});

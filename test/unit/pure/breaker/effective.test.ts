import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admits, effective, type WorldWord } from "../../../../src/breaker/effective.ts";
import type { Evident } from "../../../../src/breaker/phase.ts";
import { type BreakerStateName, breakerStates } from "../../../../src/rpc/parts.ts";

const NOW = 1_700_000_000_000;
const SOFT_MS = 10_000;
const locals: { readonly [State in Evident["state"]]: Evident & { state: State } } = {
  closed: { state: "closed", epoch: 70, since: NOW },
  open: { state: "open", epoch: 71, since: NOW, until: NOW + 1_500, opened: 1 },
  "half-open": { state: "half-open", epoch: 72, since: NOW, opened: 1, good: 0 },
  ramping: { state: "ramping", epoch: 73, since: NOW, opened: 1 },
};

const FOR_MS: Readonly<Partial<Record<BreakerStateName, number>>> = {
  open: 4_000,
  ramping: 3_000,
  "forced-open": 40_000,
  "forced-closed": 40_000,
  shadow: 40_000,
};

const word = (state: BreakerStateName, ageMs: number, more: Partial<WorldWord> = {}): WorldWord => ({
  verdict: { node: "a", state, epoch: 9, sinceMs: 0, forMs: FOR_MS[state] ?? 0 },
  ageMs,
  softMs: SOFT_MS,
  viaNeighbour: false,
  reporters: 10,
  ...more,
});

type Whose = "world" | "isolate";

/** While the world's word is fresh: whose word counts, by the local state. An operator's order counts whatever was met. */
const STRICTER: Readonly<Record<BreakerStateName, Readonly<Record<Evident["state"], Whose>>>> = {
  closed: { closed: "world", ramping: "isolate", "half-open": "isolate", open: "isolate" },
  ramping: { closed: "world", ramping: "world", "half-open": "isolate", open: "isolate" },
  "half-open": { closed: "world", ramping: "world", "half-open": "world", open: "isolate" },
  open: { closed: "world", ramping: "world", "half-open": "world", open: "world" },
  "forced-open": { closed: "world", ramping: "world", "half-open": "world", open: "world" },
  "forced-closed": { closed: "world", ramping: "world", "half-open": "world", open: "world" },
  shadow: { closed: "world", ramping: "world", "half-open": "world", open: "world" },
};

const cells = breakerStates.flatMap((world) =>
  (["closed", "ramping", "half-open", "open"] as const).map((local) => [local, world, STRICTER[world][local]] as const),
);

test.for(cells)("%s here and %s in the world: while that is fresh, the %3$s's word counts", ([local, world, whose]) => {
  for (const ageMs of [0, SOFT_MS]) {
    const found = effective(locals[local], word(world, ageMs), NOW);
    expect(found).toMatchObject({ scope: whose, source: "fresh", ageMs });
    expect([found.state, found.epoch]).toEqual(whose === "world" ? [world, 9] : [local, locals[local].epoch]);
  }
});

const ofEvidence = cells.filter(([, world]) => !["forced-open", "forced-closed", "shadow"].includes(world));

test.for(ofEvidence)("%s here and %s in the world: past the horizons the isolate's own counts", ([local, world]) => {
  const own = { state: local, epoch: locals[local].epoch, scope: "isolate" };
  for (const [ageMs, source] of [
    [SOFT_MS + 1, "fail-static"],
    [60_000, "fail-static"],
    [60_001, "local-only"],
  ] as const) {
    expect(effective(locals[local], word(world, ageMs), NOW)).toMatchObject({ ...own, source, ageMs });
  }
});

describe.for(["forced-open", "forced-closed", "shadow"] as const)("an order (%s)", (state) => {
  test("binds past the soft horizon, for it says itself how long it is meant", () => {
    const found = effective(locals.open, word(state, 39_999), NOW);
    expect(found).toMatchObject({ state, scope: "world", source: "fail-static", ratePerS: null });
  });

  test("binds no longer than it was meant, nor past the hard horizon", () => {
    const own = { state: "half-open", scope: "isolate" };
    expect(effective(locals["half-open"], word(state, 40_000), NOW)).toMatchObject({ ...own, source: "fail-static" });
    const forADay = word(state, 60_001);
    const verdict = { node: "a", state, epoch: 9, sinceMs: 0, forMs: 86_400_000 };
    expect(effective(locals["half-open"], { ...forADay, verdict }, NOW)).toMatchObject({
      ...own,
      source: "local-only",
    });
  });

  test("that is over by now, and of which nothing else was heard, still keeps away, but lets nobody in", () => {
    const over = word(state, 5_000, { verdict: { node: "a", state, epoch: 9, sinceMs: 0, forMs: 5_000 } });
    expect(effective(locals.open, over, NOW).state).toBe(state === "forced-open" ? "forced-open" : "open");
  });
});

describe("the source", () => {
  test("is cached where a neighbour handed the word on", () => {
    expect(effective(locals.closed, word("open", 5, { viaNeighbour: true }), NOW).source).toBe("cached");
    expect(effective(locals.open, word("closed", 5, { viaNeighbour: true }), NOW).source).toBe("cached");
  });

  test("is the isolate alone where nothing was heard, of anything or of this node", () => {
    expect(effective(locals.closed, undefined, NOW)).toMatchObject({
      source: "local-only",
      ageMs: null,
      scope: "isolate",
    });
    const ofOthers = word("closed", 5, { verdict: undefined });
    expect(effective(locals.open, ofOthers, NOW)).toMatchObject({ source: "local-only", state: "open", ageMs: 5 });
  });

  test("follows the pace of exchanges: a quiet site's word is fresh for longer", () => {
    expect(effective(locals.closed, word("open", 50_000, { softMs: 100_000 }), NOW).source).toBe("fresh");
    expect(effective(locals.closed, word("open", 60_001, { softMs: 100_000 }), NOW).source).toBe("local-only");
  });
});

describe("how long it surely stays open", () => {
  test.for<[string, Evident["state"], BreakerStateName, number, number]>([
    ["the world's wait, less the age of that word", "closed", "open", 1_000, 3_000],
    ["nothing once that wait is over", "closed", "open", 4_001, 0],
    ["its own wait", "open", "closed", 0, 1_500],
    ["the longer of both", "open", "open", 1_000, 3_000],
    ["the longer of both, though it is the isolate's", "open", "open", 3_900, 1_500],
    ["nothing while half-open", "half-open", "closed", 0, 0],
    ["its own wait where the world's word is old", "open", "open", 20_000, 1_500],
    ["its own wait, and no more, while it ramps in the world", "open", "ramping", 0, 1_500],
    ["six seconds at most of an order, which may be taken back", "closed", "forced-open", 0, 6_000],
    ["the rest of an order that is nearly over", "open", "forced-open", 39_000, 1_000],
    ["nothing where an order lets all through", "open", "forced-closed", 0, 0],
    ["nothing while it ramps", "ramping", "closed", 0, 0],
  ])("%s", ([, local, world, ageMs, retryInMs]) => {
    expect(effective(locals[local], word(world, ageMs), NOW).retryInMs).toBe(retryInMs);
  });
});

test("the world's wait is told whole, be it drawn longer than six seconds", () => {
  const verdict = { node: "a", state: "open", epoch: 9, sinceMs: 0, forMs: 7_000 } as const;
  expect(effective(locals.closed, word("open", 0, { verdict }), NOW).retryInMs).toBe(7_000);
});

describe("the rate of a node that ramps up", () => {
  test.for<[string, Evident["state"], BreakerStateName, number, number | null]>([
    ["is any where it is closed here and in the world", "closed", "closed", 0, null],
    ["is each isolate's share, by the time that passed in the world", "closed", "ramping", 0, 0.5],
    ["grows without news", "closed", "ramping", 1_000, 2.5],
    ["grows to the last step, and no further without news", "closed", "ramping", 9_000, 10],
    ["is all of it where only this isolate had trouble", "ramping", "closed", 0, 5],
    ["is the lesser of both", "ramping", "ramping", 1_000, 2.5],
    ["is its own where news stopped", "ramping", "ramping", 20_000, 5],
    ["is its own where the world says nothing of one", "ramping", "half-open", 0, 5],
    ["is any where news stopped and nothing is known here", "closed", "ramping", 20_000, null],
    ["is any where an order lets all through", "ramping", "forced-closed", 0, null],
  ])("%s", ([, local, world, ageMs, ratePerS]) => {
    expect(effective(locals[local], word(world, ageMs), NOW).ratePerS).toBe(ratePerS);
  });

  test("is the world's own where nobody is known to report", () => {
    expect(effective(locals.closed, word("ramping", 0, { reporters: 0 }), NOW).ratePerS).toBe(5);
  });

  test("grows with time here, too", () => {
    const steps = [0, 1_000, 2_000].map((passedMs) => effective(locals.ramping, undefined, NOW + passedMs).ratePerS);
    expect(steps).toEqual([5, 25, 100]);
  });
});

test("while the world's word is fresh nobody is let in whom it keeps out, nor faster, and none of its orders is outvoted", () => {
  const local = fc.constantFrom(...Object.values(locals));
  const said = fc.record({ state: fc.constantFrom(...breakerStates), ageMs: fc.nat(70_000), sinceMs: fc.nat(5_000) });
  fc.assert(
    fc.property(
      local,
      said,
      fc.nat(5_000),
      fc.integer({ min: 1, max: 50 }),
      (mine, { state, ageMs, sinceMs }, passedMs, reporters) => {
        const verdict = { node: "a", state, epoch: 9, sinceMs, forMs: FOR_MS[state] ?? 0 };
        const found = effective(mine, { ...word(state, ageMs), verdict, reporters }, NOW + passedMs);
        const isFresh = found.source === "fresh";
        const keepsOut = state === "open" || state === "half-open" || state === "forced-open";
        if (isFresh && keepsOut) expect(admits(found)).toBe(false);
        if (isFresh && state === "ramping" && admits(found))
          expect(found.ratePerS).toBeLessThanOrEqual(100 / reporters);
        if (ageMs < (FOR_MS[state] ?? 0) && state.startsWith("forced")) expect(found.state).toBe(state);
        if (ageMs > 60_000) expect(found.scope).toBe("isolate");
        expect(found.retryInMs).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});

test("requests go where the state is closed, or ramping, or only shadowed", () => {
  const admitted = breakerStates.filter((state) => admits(effective(locals.closed, word(state, 0), NOW)));
  expect(admitted.toSorted()).toEqual(["closed", "forced-closed", "ramping", "shadow"]);
});

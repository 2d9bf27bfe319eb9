import { describe, expect, test } from "vitest";
import { admits, effective, type WorldWord } from "../../../../src/breaker/effective.ts";
import type { Phase } from "../../../../src/breaker/phase.ts";
import { type BreakerStateName, breakerStates } from "../../../../src/rpc/parts.ts";

const NOW = 1_700_000_000_000;
const SOFT_MS = 10_000;
const locals: Readonly<Record<Phase["state"], Phase>> = {
  closed: { state: "closed", epoch: 70, since: NOW },
  open: { state: "open", epoch: 71, since: NOW, until: NOW + 1_500, opened: 1 },
  "half-open": { state: "half-open", epoch: 72, since: NOW, opened: 1, good: 0 },
};

const word = (state: BreakerStateName, ageMs: number, more: Partial<WorldWord> = {}): WorldWord => ({
  verdict: { node: "a", state, epoch: 9, sinceMs: 0, forMs: state === "open" ? 4_000 : 0 },
  ageMs,
  softMs: SOFT_MS,
  viaNeighbour: false,
  ...more,
});

/** While the world's word is fresh: whose word counts, by the local state. */
const STRICTER: Readonly<Record<BreakerStateName, Readonly<Record<Phase["state"], "world" | "isolate">>>> = {
  closed: { closed: "world", "half-open": "isolate", open: "isolate" },
  "forced-closed": { closed: "world", "half-open": "isolate", open: "isolate" },
  shadow: { closed: "world", "half-open": "isolate", open: "isolate" },
  ramping: { closed: "world", "half-open": "isolate", open: "isolate" },
  "half-open": { closed: "world", "half-open": "world", open: "isolate" },
  open: { closed: "world", "half-open": "world", open: "world" },
  "forced-open": { closed: "world", "half-open": "world", open: "world" },
};

const cells = breakerStates.flatMap((world) =>
  (["closed", "half-open", "open"] as const).map((local) => [local, world, STRICTER[world][local]] as const),
);

test.for(cells)("%s here and %s in the world: while that is fresh, the %3$s's word counts", ([local, world, whose]) => {
  for (const ageMs of [0, SOFT_MS]) {
    const found = effective(locals[local], word(world, ageMs), NOW);
    expect(found).toMatchObject({ scope: whose, source: "fresh", ageMs });
    expect([found.state, found.epoch]).toEqual(whose === "world" ? [world, 9] : [local, locals[local].epoch]);
  }
});

test.for(cells)("%s here and %s in the world: past the horizons the isolate's own word counts", ([local, world]) => {
  const own = { state: local, epoch: locals[local].epoch, scope: "isolate" };
  for (const [ageMs, source] of [
    [SOFT_MS + 1, "fail-static"],
    [60_000, "fail-static"],
    [60_001, "local-only"],
  ] as const) {
    expect(effective(locals[local], word(world, ageMs), NOW)).toMatchObject({ ...own, source, ageMs });
  }
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
  test.for<[string, Phase["state"], BreakerStateName, number, number]>([
    ["the world's wait, less the age of that word", "closed", "open", 1_000, 3_000],
    ["nothing once that wait is over", "closed", "open", 4_001, 0],
    ["its own wait", "open", "closed", 0, 1_500],
    ["the longer of both", "open", "open", 1_000, 3_000],
    ["the longer of both, though it is the isolate's", "open", "open", 3_900, 1_500],
    ["nothing while half-open", "half-open", "closed", 0, 0],
    ["its own wait where the world's word is old", "open", "open", 20_000, 1_500],
  ])("%s", ([, local, world, ageMs, retryInMs]) => {
    expect(effective(locals[local], word(world, ageMs), NOW).retryInMs).toBe(retryInMs);
  });
});

test("requests go where the state is closed, or ramping, or only shadowed", () => {
  const admitted = breakerStates.filter((state) => admits(effective(locals.closed, word(state, 0), NOW)));
  expect(admitted.toSorted()).toEqual(["closed", "forced-closed", "ramping", "shadow"]);
});

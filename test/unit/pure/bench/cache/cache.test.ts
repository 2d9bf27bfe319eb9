import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { bytesOf } from "../../../../../bench/cache/bytesOf.ts";
import { catalogueOf, type Item } from "../../../../../bench/cache/catalogue.ts";
import { KINDS, LOAD_MS, MIX, WINDOWS } from "../../../../../bench/cache/constants.ts";
import { optimalHitRatio } from "../../../../../bench/cache/optimalHitRatio.ts";
import { type Played, playTrace } from "../../../../../bench/cache/playTrace.ts";
import { stampede } from "../../../../../bench/cache/stampede.ts";
import type { Loaded, MakeSubject } from "../../../../../bench/cache/subject.ts";
import { MAKE, PEERS } from "../../../../../bench/cache/subjects.ts";
import { type Trace, traceOf } from "../../../../../bench/cache/trace.ts";
import { warmHitRatio } from "../../../../../bench/cache/warmHitRatio.ts";

vi.setConfig({ testTimeout: 60_000 });

const SEED = 1;
const MIB = 1_048_576;
const trace = traceOf(SEED, 12_000);

function sum({ shares }: Played): number {
  return Object.values(shares).reduce((all, share) => all + share, 0);
}

describe("the trace", () => {
  test("has the marketplace's mix among the hottest keys as among all", () => {
    for (const keys of [1_000, 100_000]) {
      const items = catalogueOf(SEED, keys);
      const weights = items.map((_, rank) => 1 / (rank + 1));
      const all = weights.reduce((a, b) => a + b, 0);
      for (const kind of KINDS) {
        const its = items.reduce((of, item, rank) => of + (item.kind === kind ? (weights[rank] ?? 0) : 0), 0);
        expect(its / all).toBeCloseTo(MIX[kind], 2);
      }
    }
  });

  test("is the same for the same seed, and has one write in a hundred requests", () => {
    expect(traceOf(SEED, 1_000)).toEqual(traceOf(SEED, 1_000));
    expect(traceOf(SEED, 1_000)).not.toEqual(traceOf(SEED + 1, 1_000));
    expect(trace.written.size / trace.asked.length).toBeCloseTo(0.01, 2);
  });
});

describe("the bound", () => {
  const items = catalogueOf(SEED, 3);
  const [a, b] = items as [Item, Item, Item];
  const of = (asked: Iterable<number>): Trace => ({ items, asked: Uint32Array.from(asked), written: new Map() });

  test("without an end of memory is what was asked for before", () => {
    expect(optimalHitRatio(of([0, 1, 0, 0, 2, 1]), 1e9)).toBeCloseTo(3 / 6, 6);
  });

  test("counts no request whose last one was too long ago to be shown still", () => {
    const { freshMs, staleMs } = WINDOWS[a.kind];
    const apart = freshMs + staleMs + LOAD_MS[a.kind];
    const far = (ms: number) => of(new Uint32Array(ms + 1).fill(1).fill(0, 0, 1).fill(0, ms));
    const others = apart - 2;
    expect(optimalHitRatio(far(apart), 1e9) * (apart + 1)).toBeCloseTo(others + 1, 3);
    expect(optimalHitRatio(far(apart + 1), 1e9) * (apart + 2)).toBeCloseTo(others + 1, 3);
  });

  test("is nothing without memory, and grows with it", () => {
    const ratios = [1, 1, 2, 4, 8, 16].map((mib, at) => optimalHitRatio(trace, at === 0 ? 1 : mib * MIB));
    expect(ratios[0]).toBeLessThan(0.001);
    expect(ratios).toEqual([...ratios].sort((x, y) => x - y));
  });

  /** The most hits of any cache that holds whole answers: over all that it could hold between two requests. */
  function mostHits(bytes: readonly number[], asked: readonly number[], maxBytes: number): number {
    const sets = Array.from({ length: 1 << bytes.length }, (_, set) => set);
    const weigh = (set: number) => bytes.reduce((sum, each, key) => sum + (set & (1 << key) ? each : 0), 0);
    const fits = sets.filter((set) => weigh(set) <= maxBytes);
    let hits = new Map([[0, 0]]);
    for (const key of asked) {
      const next = new Map<number, number>();
      for (const [held, before] of hits) {
        const now = before + (held & (1 << key) ? 1 : 0);
        for (const set of fits) {
          if ((set & ~(held | (1 << key))) === 0) next.set(set, Math.max(next.get(set) ?? 0, now));
        }
      }
      hits = next;
    }
    return Math.max(...hits.values());
  }

  test("is never below what the best of all caches reaches, and not far above it", () => {
    const five = catalogueOf(SEED, 5);
    const bytes = five.map(bytesOf);
    const far: number[] = [];
    const request = fc.array(fc.nat(4), { minLength: 8, maxLength: 24 });
    fc.assert(
      fc.property(request, fc.double({ min: 1, max: 3, noNaN: true }), (asked, answers) => {
        const maxBytes = answers * Math.max(...bytes);
        const best = mostHits(bytes, asked, maxBytes);
        const bound = optimalHitRatio({ items: five, asked: Uint32Array.from(asked), written: new Map() }, maxBytes);
        expect(bound * asked.length).toBeGreaterThanOrEqual(best - 1e-6);
        far.push(bound - best / asked.length);
      }),
    );
    expect(far.reduce((sum, each) => sum + each, 0) / far.length).toBeLessThan(0.1);
  });

  test("is what can be had where two keys in turn have room for one", () => {
    const turns = Array.from({ length: 1_000 }, (_, request) => request % 2);
    const room = Math.max(bytesOf(a), bytesOf(b));
    const ratio = optimalHitRatio(of(turns), room);
    // One of them can be kept all the time.
    expect(ratio).toBeGreaterThanOrEqual(0.499);
    expect(ratio).toBeLessThan((0.5 * (bytesOf(a) + bytesOf(b))) / Math.min(bytesOf(a), bytesOf(b)));
  });
});

describe("what is judged", () => {
  /** Answers with the first load for ever. */
  const forEver: MakeSubject = ({ load }) => {
    const known = new Map<number, Promise<Loaded>>();
    return {
      ask: async (rank) => {
        const loaded = known.get(rank) ?? load(rank);
        known.set(rank, loaded);
        return { loaded: await loaded };
      },
      written: () => undefined,
    };
  };

  test("an answer that waited is no hit", async () => {
    const never: MakeSubject = ({ load }) => ({
      ask: async (rank) => ({ loaded: await load(rank) }),
      written: () => undefined,
    });
    const played = await playTrace(traceOf(SEED, 500), never, MIB);
    expect(played).toMatchObject({ hitRatio: 0, loadsPerRequest: 1, shares: { waited: 1 } });
  });

  test("an answer that something newer was written of is no hit where the cache does not know", async () => {
    const played = await playTrace(trace, forEver, MIB);
    expect(played.shares.bumped).toBe(0);
    expect(played.shares.outdated).toBeGreaterThan(0.2);
    expect(played.hitRatio).toBe(played.shares.fresh);
    expect(sum(played)).toBeCloseTo(1, 2);
  });

  test("an answer past its freshness is no hit where nobody loads it anew", async () => {
    const quiet = { ...traceOf(SEED, 70_000), written: new Map() };
    const { shares } = await playTrace(quiet, forEver, MIB);
    expect(shares.tooOld).toBeGreaterThan(0.05);
    expect(shares.outdated).toBe(0);
  });
});

describe("every cache that is compared", () => {
  const maxBytes = 2 * MIB;

  test("is below the bound, all its requests accounted for, and ours is above the others", async () => {
    const optimal = optimalHitRatio(trace, maxBytes);
    const ours = await playTrace(trace, MAKE.ours, maxBytes);
    expect(ours.hitRatio).toBeLessThan(optimal);
    expect(ours.hitRatio).toBeGreaterThan(0.8 * optimal);
    expect(ours.shares).toMatchObject({ outdated: 0, tooOld: 0 });
    expect(sum(ours)).toBeCloseTo(1, 2);
    for (const name of PEERS) {
      const peer = await playTrace(trace, MAKE[name], maxBytes);
      expect(sum(peer), name).toBeCloseTo(1, 2);
      expect(peer.hitRatio, name).toBeLessThan(ours.hitRatio);
      expect(peer.hitRatio, `${name} is set up as well as it allows`).toBeGreaterThan(0.5 * optimal);
      expect(peer.shares.tooOld, name).toBe(0);
    }
  });
});

test("a stampede loads a cold key once an isolate, a stale or bumped one once in the world and later once a colo; nobody waits for those", async () => {
  expect(await stampede(SEED)).toEqual({
    coldPerIsolate: 1,
    staleInTheWorld: 1,
    staleWithin10s: 4,
    bumpedInTheWorld: 1,
    waited: 0,
  });
});

test("warming is worth something where nobody asked before", async () => {
  const options = { seed: SEED, isolates: 4, colos: 2, keys: 1_000, everyMs: 12_000, reportEveryMs: 2_000 };
  // Cycles are short: so is the time until what is written to KV is seen elsewhere.
  const short = { ...options, kvSeenAfterMs: 2_000 };
  const long = traceOf(SEED, 36_000);
  const warmed = await warmHitRatio(long, { ...short, warming: "by-hand" });
  const unwarmed = await warmHitRatio(long, { ...short, warming: "not" });
  const byCron = await warmHitRatio(long, { ...short, warming: "cron" });
  expect(warmed.loaded.length).toBe(2);
  // 33,000 writes a day are 4.6 in twelve seconds; the first run has those of its own time and the next one's.
  expect([byCron.kvWrites > 0, byCron.kvWrites <= 14, unwarmed.kvWrites]).toEqual([true, true, 0]);
  expect(warmed.newColoHitRatio).toBeGreaterThan(unwarmed.newColoHitRatio);
  expect(warmed.warmHitRatio).toBeGreaterThanOrEqual(unwarmed.warmHitRatio);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entryOf, NOW } from "./entries.ts";
import { sharedBed } from "./sharedBed.ts";

const SEED = Number(process.env.SEED ?? 1);

const sumOf = (counts: Readonly<Record<string, number>>, prefix: string) =>
  Object.entries(counts).reduce((sum, [what, times]) => (what.startsWith(prefix) ? sum + times : sum), 0);

describe("what is counted", () => {
  test(`is each request once, and each that no copy answered once by why (seed ${SEED})`, async () => {
    const step = fc.record({
      key: fc.constantFrom("/a", "/b", "/c"),
      at: fc.nat(3),
      passMs: fc.constantFrom(0, 500, 4_000, 12_000, 70_000),
      database: fc.constantFrom("answers", "answers", "answers", "fails"),
      mayRead: fc.constantFrom(true, true, true, false),
      isBumped: fc.boolean(),
    } as const);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const bed = sharedBed();
        let asked = 0;
        for (const { key, at, passMs, database, mayRead, isBumped } of steps) {
          await bed.pass(passMs);
          Object.assign(bed.state, { database, mayRead });
          if (isBumped) bed.state.known = { buckets: { 1: ++bed.state.seq } };
          asked += at + 1;
          await Promise.allSettled(Array.from({ length: at + 1 }, () => bed.cache.answer(bed.request({ key }))));
          await bed.behind();
        }
        const { counts } = bed;
        expect([counts.wanted, sumOf(counts, "shared "), sumOf(counts, "memory ")]).toEqual([asked, asked, asked]);
        const waited = ["loaded", "joined", "refused"].reduce((sum, as) => sum + (counts[`shared ${as}`] ?? 0), 0);
        // Whoever waited for a load that failed may have been given the copy after all: that was a miss all the same.
        const misses = sumOf(counts, "miss ");
        expect(misses).toBeGreaterThanOrEqual(waited);
        expect(misses - waited).toBeLessThanOrEqual(counts["shared error"] ?? 0);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  test("is no visit where a run warms", async () => {
    const bed = sharedBed();
    await bed.cache.warm(bed.request(), () => true);
    expect([bed.counts.wanted, sumOf(bed.counts, "shared "), sumOf(bed.counts, "miss ")]).toEqual([undefined, 0, 0]);
    expect(bed.kv.held.size).toBe(1);
  });
});

test("a run that dies while it loads leaves what lay there as it was", async () => {
  const bed = sharedBed();
  const old = entryOf({ loadedAt: NOW - 5_000 });
  for (const tier of [bed.colo, bed.kv]) tier.held.set(old.key, old);
  bed.memory.store(old, NOW);
  bed.state.database = "fails";
  await expect(bed.cache.warm(bed.request(), () => true)).rejects.toThrow("outage");
  expect([bed.memory.peek(old.key, NOW), bed.colo.held.get(old.key), bed.kv.held.get(old.key)]).toEqual([
    old,
    old,
    old,
  ]);
  bed.state.database = "hangs"; // and is killed with its event
  void bed.cache.warm(bed.request(), () => true);
  await bed.pass(60_000);
  expect([bed.colo.held.get(old.key), bed.kv.held.get(old.key)]).toEqual([old, old]);
});

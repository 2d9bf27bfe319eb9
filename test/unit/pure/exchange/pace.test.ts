import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BUMP_GAP_MS, URGENT_GAP_MS } from "../../../../src/exchange/constants.ts";
import { Bed } from "./bed.ts";
import { breakerPart, verdict } from "./parts.ts";

const START = 1_800_000_000_000;
const CALM_MS = 5_000;
const INCIDENT_MS = 2_000;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
/** Milliseconds between requests: bursts, steady traffic and long pauses. */
const pauses = fc.array(fc.oneof(fc.nat(20), fc.nat(1_500), fc.nat(12_000)), { minLength: 20, maxLength: 120 });
const took = fc.constantFrom(1, 20, 300, 1_900);

function gaps(bed: Bed): number[] {
  return bed.sent.slice(1).map(({ at }, index) => at - (bed.sent[index]?.at ?? 0));
}

test.for<[string, number, number]>([
  ["calm", CALM_MS, 0.2],
  ["in an incident", INCIDENT_MS, 0.5],
])(
  "%s, whatever requests come when, exchanges keep to the pace of %d ms, and so to %d a second",
  async ([, nextInMs, perSecond]) => {
    const parts = nextInMs === INCIDENT_MS ? { breaker: breakerPart({ nodes: [verdict("open")] }) } : {};
    await fc.assert(
      fc.asyncProperty(pauses, took, async (list, afterMs) => {
        vi.setSystemTime(START);
        const bed = new Bed();
        bed.behave = () => ({ reply: { nextInMs, parts }, afterMs });
        for (const pauseMs of list) {
          bed.request();
          await pass(pauseMs);
        }
        const endedAt = Date.now();
        const seconds = (endedAt - START) / 1_000;
        expect(bed.sent.length).toBeLessThanOrEqual(1 + seconds * perSecond);
        expect(Math.min(...gaps(bed), Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(nextInMs);
        // and what there was to tell is told, with or without another request
        await pass(nextInMs + 4_000);
        const told = bed.sent.reduce((sum, { report }) => sum + report.requests, 0);
        expect(told).toBe(list.length);
        await pass(60_000);
      }),
      { numRuns: 60 },
    );
  },
);

test("whatever is urgent when, exchanges are 250 ms apart", async () => {
  await fc.assert(
    fc.asyncProperty(pauses, took, async (list, afterMs) => {
      vi.setSystemTime(START);
      const bed = new Bed();
      bed.behave = () => ({ reply: {}, afterMs });
      for (const pauseMs of list) {
        bed.ledger.urgent(Date.now());
        bed.request();
        await pass(pauseMs);
      }
      await pass(5_000);
      expect(Math.min(...gaps(bed), Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(URGENT_GAP_MS);
      expect(bed.ledger.urgentAt).toBeUndefined();
      await pass(60_000);
    }),
    { numRuns: 60 },
  );
});

test("however much is written, the first write is told at once and the others at most every five seconds", async () => {
  await fc.assert(
    fc.asyncProperty(pauses, took, async (list, afterMs) => {
      vi.setSystemTime(START);
      const bed = new Bed();
      bed.behave = () => ({ reply: {}, afterMs });
      for (const [index, pauseMs] of list.entries()) {
        bed.ledger.bump({ id: `bump-${index}`, buckets: [index % 1_024] }, Date.now());
        bed.request();
        await pass(pauseMs);
      }
      await pass(30_000);
      const withBumps = bed.sent.filter(({ report }) => report.bumps.length > 0);
      expect(withBumps[0]?.at).toBe(START);
      const apart = withBumps.slice(1).map(({ at }, index) => at - (withBumps[index]?.at ?? 0));
      expect(Math.min(...apart, Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(BUMP_GAP_MS);
      const told = withBumps.flatMap(({ report }) => report.bumps.map(({ id }) => id));
      expect(told).toEqual(list.map((_, index) => `bump-${index}`));
      await pass(60_000);
    }),
    { numRuns: 60 },
  );
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BUDGET_WINDOW_MS,
  EVENTS_A_MINUTE,
  MAX_FINGERPRINTS,
  MAX_WAIT_MS,
  REPEATS_A_MINUTE,
} from "../../../../../src/telemetry/errors/constants.ts";
import { admit, createErrorState, forget, mustWait, wait } from "../../../../../src/telemetry/errors/errorBudget.ts";

const NOW = 1_000_000_000;

describe("the budget of an isolate", () => {
  test("lets the first of a kind through and a few repeats, and again when the minute is over", () => {
    const state = createErrorState();
    const said = Array.from({ length: REPEATS_A_MINUTE + 3 }, (_, index) => admit(state, "a", NOW + index));
    expect(said).toEqual([...Array(REPEATS_A_MINUTE + 1).fill("admitted"), "limit", "limit"]);
    expect(admit(state, "a", NOW + BUDGET_WINDOW_MS)).toBe("limit"); // the first repeat came 1 ms after the first
    expect(admit(state, "a", NOW + 1 + BUDGET_WINDOW_MS)).toBe("admitted");
  });

  test("lets the first of another kind through though the repeats are used up", () => {
    const state = createErrorState();
    while (admit(state, "a", NOW) === "admitted");
    expect(["b", "b", "c"].map((fingerprint) => admit(state, fingerprint, NOW))).toEqual([
      "admitted",
      "limit",
      "admitted",
    ]);
  });

  test("is not flooded by new kinds, and takes those it refused for new ones later", () => {
    const state = createErrorState();
    const said = Array.from({ length: 1_000 }, (_, index) => admit(state, `kind ${index}`, NOW));
    expect(said.filter((word) => word === "admitted")).toHaveLength(EVENTS_A_MINUTE);
    expect(said.filter((word) => word === "flood")).toHaveLength(1_000 - EVENTS_A_MINUTE);
    const later = NOW + BUDGET_WINDOW_MS;
    for (let index = 0; index < REPEATS_A_MINUTE; index++) admit(state, "kind 0", later);
    expect(admit(state, "kind 0", later)).toBe("limit");
    expect(admit(state, "kind 999", later)).toBe("admitted");
  });

  test("remembers a bounded number of kinds, and forgets the one met longest ago", () => {
    const state = createErrorState();
    let now = NOW;
    const meet = (fingerprint: string) => {
      now += BUDGET_WINDOW_MS; // each in its own minute
      return admit(state, fingerprint, now);
    };
    meet("first");
    for (let index = 1; index < MAX_FINGERPRINTS; index++) meet(`kind ${index}`);
    meet("first"); // met again, so it is now the youngest
    meet("one more");
    expect(state.seen.size).toBe(MAX_FINGERPRINTS);
    expect([state.seen.has("first"), state.seen.has("kind 1"), state.seen.has("kind 2")]).toEqual([true, false, true]);
  });

  test("takes the next of a kind for the first again when that one was lost", () => {
    const state = createErrorState();
    while (admit(state, "a", NOW) === "admitted");
    admit(state, "b", NOW);
    forget(state, "b");
    expect(admit(state, "b", NOW)).toBe("admitted");
  });

  test("is not used up for ever by a clock that is set back", () => {
    const state = createErrorState();
    while (admit(state, "a", NOW) === "admitted");
    expect(admit(state, "a", NOW - 3_600_000)).toBe("admitted");
  });
});

describe("being told to wait", () => {
  test("lets nothing through before the time, not even a first one, and counts nothing", () => {
    const state = createErrorState();
    wait(state, 5_000, NOW);
    expect([admit(state, "a", NOW), admit(state, "a", NOW + 4_999)]).toEqual(["told-to-wait", "told-to-wait"]);
    expect([state.eventsAt, state.seen.size]).toEqual([[], 0]);
    expect(admit(state, "a", NOW + 5_000)).toBe("admitted");
  });

  test("again for a shorter time does not end the longer wait", () => {
    const state = createErrorState();
    wait(state, 60_000, NOW);
    wait(state, 1_000, NOW);
    expect([mustWait(state, NOW + 59_999), mustWait(state, NOW + 60_000)]).toEqual([true, false]);
  });

  test("for ever is not obeyed", () => {
    const state = createErrorState();
    wait(state, Number.POSITIVE_INFINITY, NOW);
    expect([mustWait(state, NOW + MAX_WAIT_MS - 1), mustWait(state, NOW + MAX_WAIT_MS)]).toEqual([true, false]);
  });

  test("does not last longer because the clock was set back", () => {
    const state = createErrorState();
    wait(state, MAX_WAIT_MS, NOW);
    expect(mustWait(state, NOW - 1)).toBe(false);
    wait(state, 1_000, NOW - 1);
    expect([mustWait(state, NOW - 1), mustWait(state, NOW + 999)]).toEqual([true, false]);
  });
});

test("whatever comes when, no minute has more than its events and repeats, and a first one is refused only in a flood", () => {
  const step = fc.record({ kind: fc.integer({ min: 0, max: 90 }), afterMs: fc.integer({ min: 0, max: 2_000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const state = createErrorState();
      const admitted: { at: number; isRepeat: boolean }[] = [];
      const seen = new Set<number>();
      let now = NOW;
      for (const { kind, afterMs } of steps) {
        now += afterMs;
        const said = admit(state, `kind ${kind}`, now);
        const lastMinute = admitted.filter(({ at }) => now - at < BUDGET_WINDOW_MS);
        if (said === "admitted") {
          admitted.push({ at: now, isRepeat: seen.has(kind) });
          seen.add(kind);
          expect(lastMinute.length).toBeLessThan(EVENTS_A_MINUTE);
          expect(
            admitted.filter(({ at, isRepeat }) => isRepeat && now - at < BUDGET_WINDOW_MS).length,
          ).toBeLessThanOrEqual(REPEATS_A_MINUTE);
        } else if (!seen.has(kind)) {
          expect([said, lastMinute.length]).toEqual(["flood", EVENTS_A_MINUTE]);
        }
      }
    }),
    { numRuns: 100 },
  );
});

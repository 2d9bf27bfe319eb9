import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { STARVED_FOR_MS, STARVED_MS, WATCH_EVERY_MS } from "../../../../tools/fuzz/constants.ts";
import { watchStarvation } from "../../../../tools/fuzz/watchStarvation.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A watch over something that answers after so long; `late` moves the clock without running a timer. */
function watching(answersAfterMs: number) {
  let lateMs = 0;
  const thing = () => new Promise((resolve) => setTimeout(resolve, answersAfterMs));
  const watch = watchStarvation({ thing }, () => Date.now() + lateMs);
  const late = (ms: number) => {
    lateMs += ms;
  };
  return { watch, late };
}

describe("the machine is", () => {
  test("not starved while everything answers at once", async () => {
    const { watch } = watching(5);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(watch.isStarved()).toBe(false);
    expect(watch.worstMs).toEqual({ here: 0, thing: 5 });
  });

  test.for([
    ["answers late", STARVED_MS + 50],
    ["answers not at all", 1e9],
  ] as const)("starved when what is asked for nothing %s", async ([, answersAfterMs]) => {
    const { watch } = watching(answersAfterMs);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(watch.isStarved()).toBe(true);
  });

  test("starved when this process stood still, and for a while after", async () => {
    const { watch, late } = watching(5);
    await vi.advanceTimersByTimeAsync(1_000);
    late(STARVED_MS);
    await vi.advanceTimersByTimeAsync(WATCH_EVERY_MS);
    expect(watch.isStarved()).toBe(true);
    await vi.advanceTimersByTimeAsync(STARVED_FOR_MS + WATCH_EVERY_MS);
    expect(watch.isStarved()).toBe(false);
  });

  test("asked no more once the watch is over", () => {
    const { watch } = watching(5);
    watch.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

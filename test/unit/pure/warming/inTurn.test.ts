import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { inTurn } from "../../../../src/warming/inTurn.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What is done of these, each for so long: when each began, and which came too late. */
async function play(turns: readonly { name: string; afterMs: number }[], { lanes = 2, ms = 100, endMs = 10_000 } = {}) {
  const beganAt = Date.now();
  const began: Record<string, number> = {};
  let underWay = 0;
  let most = 0;
  const played = inTurn(turns, { lanes, endAt: beganAt + endMs }, async ({ name }) => {
    began[name] = Date.now() - beganAt;
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setTimeout(resolve, ms));
    underWay--;
    return name;
  });
  await vi.advanceTimersByTimeAsync(endMs + ms);
  const { ends, late } = await played;
  return { began, most, ends, late: late.map(({ name }) => name) };
}

const at = (...afterMs: number[]) => afterMs.map((each, nth) => ({ name: "abcdefgh"[nth] ?? "", afterMs: each }));

describe("work in turn", () => {
  test("is done so many at a time, in its order", async () => {
    expect(await play(at(0, 0, 0, 0))).toEqual({
      began: { a: 0, b: 0, c: 100, d: 100 },
      most: 2,
      ends: ["a", "b", "c", "d"],
      late: [],
    });
  });

  test("is not begun before its moment", async () => {
    expect((await play(at(0, 500, 1_000), { lanes: 4 })).began).toEqual({ a: 0, b: 500, c: 1_000 });
  });

  test("is left where its turn comes after the end, and what is under way is ended", async () => {
    const played = await play(at(0, 0, 0, 5_000), { lanes: 1, ms: 150, endMs: 200 });
    expect(played).toMatchObject({ began: { a: 0, b: 150 }, ends: ["a", "b"], late: ["c", "d"] });
  });

  test("is nothing where there is none", async () => {
    expect(await play([])).toMatchObject({ ends: [], late: [] });
  });
});

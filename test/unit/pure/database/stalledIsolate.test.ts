import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CATCH_UP_MS, STOOD_STILL_MS } from "../../../../src/database/constants.ts";
import { DatabaseState } from "../../../../src/database/databaseState.ts";
import { query } from "../../../../src/database/query.ts";
import { RequestScope } from "../../../../src/database/requestScope.ts";
import type { ResultSet } from "../../../../src/database/transport.ts";
import { failure, result } from "./bed.ts";

const SHARE_MS = 900;
const films = query("films.list", "SELECT id FROM films");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** One attempt on a node whose answer is read after so many milliseconds of the isolate's running time. */
function attempt(answersAfterMs: number) {
  const answer = (signal: AbortSignal) =>
    new Promise<ResultSet>((resolve, reject) => {
      setTimeout(() => resolve(result(["id"], [1])), answersAfterMs);
      signal.addEventListener("abort", () => reject(failure("aborted")));
    });
  const open = () => ({
    query: (_: unknown, signal: AbortSignal) => answer(signal),
    batch: async () => [],
    close: async () => {},
  });
  const state = new DatabaseState([{ name: "a", maySleep: false, open }]);
  const scope = new RequestScope(state, {
    deadline: { at: Date.now() + 3_000 },
    mode: "on",
    breakerMode: "on",
    now: Date.now,
    random: () => 0,
    waitUntil: () => {},
  });
  return { attempt: scope.query("a", films, SHARE_MS), state };
}

/** The clock goes on, and nothing else does. */
const standStill = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe("an isolate that stood still", () => {
  test("reads what the node answered meanwhile, and blames it for nothing", async () => {
    const { attempt: attempted, state } = attempt(SHARE_MS + CATCH_UP_MS - 1);
    standStill(STOOD_STILL_MS);
    await vi.advanceTimersByTimeAsync(SHARE_MS + CATCH_UP_MS);
    expect(await attempted).toMatchObject({ ok: true });
    expect(state.breakers.local("a")).toMatchObject({ slowRun: 0, failedRun: 0 });
  });

  test.for([
    ["that never answers is given up soon, and was slow", 3_600_000, STOOD_STILL_MS, CATCH_UP_MS],
    ["is given up at once where the timer rang in time", SHARE_MS + 1, STOOD_STILL_MS - 1, 0],
  ] as const)("a node %s", async ([, answersAfterMs, stoodMs, catchUpMs]) => {
    const { attempt: attempted, state } = attempt(answersAfterMs);
    standStill(stoodMs);
    await vi.advanceTimersByTimeAsync(SHARE_MS + catchUpMs);
    expect(await attempted).toMatchObject({ ok: false, judgement: { class: "slow" } });
    expect(state.breakers.local("a")).toMatchObject({ slowRun: 1 });
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DatabaseState } from "../../../../src/database/databaseState.ts";
import type { ResultSet } from "../../../../src/database/transport.ts";
import { watchNodes } from "../../../../src/health/watchNodes.ts";
import { answerOf, failure, PRIMARY, REPLICA, result } from "../database/bed.ts";

/** `dead`: refuses at once; `frozen`: owes every answer. */
type Way = "standby" | "primary" | "dead" | "frozen";

const WATCH_MS = 1_000;
/** A question's way there and back. */
const TRIP_MS = 2;
/** Fake timers are moved one by one, each of which is a turn. */
const SLACK_MS = 10;

let startedAt = 0;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  startedAt = Date.now();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Nodes that are in some way until a moment, and in another from then on. */
function watched(nodes: Record<string, { readonly is: Way; readonly at?: number; readonly becomes?: Way }>) {
  const questions: string[] = [];
  const wayOf = (name: string): Way => {
    const { is, at, becomes } = nodes[name] ?? { is: "dead" };
    return at !== undefined && becomes && Date.now() - startedAt >= at ? becomes : is;
  };
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const ask = async (name: string, question: string, steps: number): Promise<ResultSet> => {
    questions.push(`${name} ${question}`);
    await sleep(TRIP_MS);
    for (let step = 0; question === "breakwater.await-promotion" && step < steps; step++) {
      if (wayOf(name) !== "standby") break;
      await sleep(10);
    }
    switch (wayOf(name)) {
      case "standby":
        return question === "breakwater.sample" ? REPLICA : result(["promoted"], [false]);
      case "primary":
        return question === "breakwater.sample" ? PRIMARY : result(["promoted"], [true]);
      case "dead":
        throw failure("connect");
      case "frozen":
        return new Promise<never>(() => {});
    }
  };
  const state = new DatabaseState(
    Object.keys(nodes).map((name) => ({
      name,
      maySleep: false,
      open: () => ({
        query: ({ name: question, values }) => ask(name, question, Number(values[1])),
        batch: () => Promise.reject(failure("connect")),
        close: async () => {},
      }),
    })),
  );
  const watching = answerOf(watchNodes({ database: state, checksInFlight: new Map() }, Object.keys(nodes), WATCH_MS));
  return { watching, questions, tookMs: () => Date.now() - startedAt };
}

const OLD = { is: "dead" } as const;
const STANDBY = { is: "standby" } as const;

describe("a watch", () => {
  test.for([
    ["a dead one", { is: "dead" }],
    ["one that is frozen", { is: "frozen" }],
  ] as const)("ends with a promotion beside %s, and brings the new primary", async ([, old]) => {
    const made = watched({ old, heir: { is: "standby", at: 617, becomes: "primary" }, other: STANDBY });
    const answers = await made.watching;
    expect(made.tookMs()).toBeGreaterThanOrEqual(617);
    expect(made.tookMs()).toBeLessThan(617 + 10 + 2 * TRIP_MS + SLACK_MS);
    expect(answers.map(({ sample }) => sample?.inRecovery)).toEqual([undefined, false, true]);
  });

  test("of a node that is frozen gives it a moment's time, and no more, where another takes writes at once", async () => {
    const made = watched({ old: { is: "frozen" }, heir: { is: "primary" } });
    const answers = await made.watching;
    expect(made.tookMs()).toBeGreaterThanOrEqual(250);
    expect(made.tookMs()).toBeLessThan(250 + SLACK_MS);
    expect(answers[0]).toEqual({ node: "old", outcome: "slow" });
  });

  test("that meets the primary itself waits for nothing", async () => {
    const made = watched({ old: { is: "primary" }, heir: STANDBY });
    await made.watching;
    expect(made.tookMs()).toBeLessThan(2 * TRIP_MS + SLACK_MS);
    expect(made.questions.filter((question) => question.startsWith("old"))).toHaveLength(1);
  });

  test("finds an old primary that comes back", async () => {
    const made = watched({ old: { is: "dead", at: 600, becomes: "primary" }, other: STANDBY });
    const [old] = await made.watching;
    expect(old?.sample?.inRecovery).toBe(false);
    expect(made.tookMs()).toBeLessThan(600 + 250 + SLACK_MS);
  });

  test("ends after its time though a frozen node owes an answer still", async () => {
    const made = watched({ old: { is: "frozen" }, heir: STANDBY });
    const answers = await made.watching;
    expect(made.tookMs()).toBeLessThan(WATCH_MS + SLACK_MS);
    expect(answers.map(({ outcome }) => outcome)).toEqual(["slow", "ok"]);
  });

  test("ends after its time, asks the silent four times a second, and each standby twice", async () => {
    const made = watched({ old: OLD, heir: STANDBY, other: STANDBY });
    const answers = await made.watching;
    expect(made.tookMs()).toBeLessThan(WATCH_MS + 50 + SLACK_MS);
    expect(answers.map(({ outcome }) => outcome)).toEqual(["failed", "ok", "ok"]);
    const asked = (node: string, question: string) =>
      made.questions.filter((each) => each === `${node} breakwater.${question}`).length;
    expect(asked("old", "sample")).toBeLessThanOrEqual(6);
    expect(asked("heir", "await-promotion")).toBeLessThanOrEqual(3);
    expect(answers[1]?.sample?.ageMs).toBeLessThan(500 + SLACK_MS);
  });
});

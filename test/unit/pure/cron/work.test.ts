import { describe, expect, test } from "vitest";
import { cleanUp } from "../../../../src/cron/cleanUp.ts";
import { ANALYZE_MS, DETACH_WAIT_MS, MAX_BATCHES, MAX_TABLES, STATEMENT_MS } from "../../../../src/cron/constants.ts";
import { forgetRows } from "../../../../src/cron/forgetRows.ts";
import { takeStatistics } from "../../../../src/cron/takeStatistics.ts";
import { detachMarks } from "../../../../src/database/maintenance.ts";
import { query } from "../../../../src/database/query.ts";
import { TransportFailure } from "../../../../src/database/transport.ts";
import { type Rows, scripted } from "./scripted.ts";

const NONE: Rows = [[0, 0]];
const SESSIONS = query("app.sessions", "DELETE …");

describe("the clean-up", () => {
  test.for(["breakwater.drop-old-marks", "breakwater.old-marks"])(
    "leaves marks to the run that holds them when %s waits for it in vain, and has not failed",
    async (statement) => {
      const locked = new TransportFailure("sql", "canceling statement due to lock timeout", { sqlstate: "55P03" });
      const { work } = scripted({ "breakwater.drop-old-marks": () => NONE, [statement]: () => locked });
      expect(await cleanUp(work, [])).toMatchObject({ outcome: "ok", note: "left over: marks" });
    },
  );

  test("leaves a day to the run that is detaching it, and has not failed", async () => {
    const pending = new TransportFailure("sql", "partition is already pending detach", { sqlstate: "55000" });
    const { work } = scripted({
      "breakwater.drop-old-marks": () => NONE,
      "breakwater.old-marks": () => [["marks_20261120"]],
      "breakwater.detach-marks": () => pending,
    });
    expect(await cleanUp(work, [])).toMatchObject({ outcome: "ok", note: "left over: marks" });
  });

  test("makes partitions, and forgets marks, keys and what the application wants forgotten, in this order", async () => {
    const { work, names } = scripted({
      "breakwater.ensure-partitions": () => [[2]],
      "breakwater.drop-old-marks": (nth) => (nth === 1 ? [[1, 0]] : NONE),
      "breakwater.old-marks": (nth) => (nth === 0 ? [["marks_20261120"]] : []),
      "breakwater.forget-requests": (nth) => (nth < 2 ? 1_000 : 0),
      "app.sessions": (nth) => (nth === 0 ? 7 : 0),
    });
    expect(await cleanUp(work, [SESSIONS])).toEqual({
      outcome: "ok",
      note: "",
      detail: {
        partitionsMade: 2,
        daysOfMarksDropped: 1,
        daysOfMarksBusy: 0,
        "breakwater.forget-requests": 2_000,
        "app.sessions": 7,
      },
    });
    expect(names()).toEqual([
      "ensure-partitions",
      "drop-old-marks",
      "old-marks",
      "detach-marks",
      "drop-old-marks",
      "old-marks",
      ...Array(3).fill("forget-requests"),
      ...Array(2).fill("app.sessions"),
    ]);
  });

  test.each([
    ["breakwater.ensure-partitions", "breakwater.ensure-partitions: no"],
    ["breakwater.drop-old-marks", "left over: marks; breakwater.drop-old-marks: no"],
    ["breakwater.old-marks", "left over: marks; breakwater.old-marks: no"],
    ["breakwater.forget-requests", "left over: breakwater.forget-requests; breakwater.forget-requests: no"],
    ["app.sessions", "left over: app.sessions; app.sessions: no"],
  ])("goes on after a failure of %s, and says it failed", async (failing, note) => {
    const { work, names } = scripted({ "breakwater.drop-old-marks": () => NONE, [failing]: () => new Error("no") });
    expect(await cleanUp(work, [SESSIONS])).toMatchObject({ outcome: "failed", note });
    expect(names().at(-1)).toBe("app.sessions");
  });

  test("gives a day's detaching two seconds, and leaves a day that stays attached to the next night", async () => {
    const { work, sent, names } = scripted({
      "breakwater.drop-old-marks": () => NONE,
      "breakwater.old-marks": () => [["marks_20261120"], ["marks_20261121"]],
      "breakwater.detach-marks": () => new Error("must be owner"),
    });
    expect(await cleanUp(work, [])).toMatchObject({
      outcome: "failed",
      note: "left over: marks; breakwater.detach-marks: must be owner",
    });
    expect(sent.filter(({ name }) => name === "breakwater.detach-marks").map(({ ms }) => ms)).toEqual([DETACH_WAIT_MS]);
    expect(names()).toContain("forget-requests");
  });

  test("detaches no further day while one is busy", async () => {
    const { work, names } = scripted({
      "breakwater.drop-old-marks": (nth) => (nth === 0 ? NONE : [[0, 1]]),
      "breakwater.old-marks": () => [["marks_20261120"], ["marks_20261121"]],
      "breakwater.detach-marks": () => new Error("the attempt's time is over"),
    });
    expect(await cleanUp(work, [])).toMatchObject({
      outcome: "ok",
      note: "left over: marks",
      detail: { daysOfMarksDropped: 0, daysOfMarksBusy: 1 },
    });
    expect(names().filter((name) => name === "detach-marks")).toHaveLength(1);
  });

  test("ends in time, without a failure, and says what is left", async () => {
    const { work, sent } = scripted(
      { "breakwater.drop-old-marks": () => NONE, "breakwater.forget-requests": () => 1_000 },
      950,
    );
    expect(await cleanUp(work, [SESSIONS])).toMatchObject({
      outcome: "ok",
      note: "left over: breakwater.forget-requests, app.sessions",
      detail: { "breakwater.forget-requests": 7_000 },
    });
    expect(sent.at(-1)?.ms).toBe(50);
    expect(sent).toHaveLength(10);
  });
});

test.each(["marks_20261124; DROP TABLE users", "marks_2026112", "Marks_20261124", ""])(
  "nothing but a day's name becomes part of a statement: %o",
  (name) => {
    expect(() => detachMarks(name)).toThrow(/no day of marks/);
    expect(detachMarks("marks_20261124").text).toContain(" breakwater.marks_20261124 CONCURRENTLY");
  },
);

test("what always finds something to delete is stopped", async () => {
  const { work, sent } = scripted({ "app.sessions": () => 1 });
  expect(await forgetRows(work, SESSIONS)).toEqual({ rows: MAX_BATCHES, isDone: false });
  expect(sent.every(({ ms }) => ms <= STATEMENT_MS)).toBe(true);
});

describe("taking statistics", () => {
  test("ends with the last table that needs it, and says what it could not do", async () => {
    const { work, sent } = scripted({
      "breakwater.refresh-statistics": (nth) =>
        [[["app.a", "analysed", 2, 1]], [["app.b", "locked", 1, 1]], [["app.c", "failed", 0, 1]]][nth] ?? [
          [null, null, 0, 1],
        ],
    });
    expect(await takeStatistics(work)).toEqual({
      outcome: "ok",
      note: "analysed: app.a; locked: app.b; failed: app.c",
      detail: { analysed: 1, remaining: 1, refused: 1 },
    });
    expect(sent).toEqual(Array(4).fill({ name: "breakwater.refresh-statistics", ms: ANALYZE_MS }));
  });

  test("is bounded, and fails with the statement that failed", async () => {
    const many = scripted({ "breakwater.refresh-statistics": (nth) => [[`app.t${nth}`, "analysed", 90, 0]] });
    expect((await takeStatistics(many.work)).detail).toEqual({ analysed: MAX_TABLES, remaining: 90, refused: 0 });
    const broken = scripted({
      "breakwater.refresh-statistics": (nth) => (nth === 0 ? [["app.a", "analysed", 3, 0]] : new Error("gone")),
    });
    expect(await takeStatistics(broken.work)).toEqual({
      outcome: "failed",
      note: "analysed: app.a; breakwater.refresh-statistics: gone",
      detail: { analysed: 1, remaining: 3, refused: 0 },
    });
  });
});

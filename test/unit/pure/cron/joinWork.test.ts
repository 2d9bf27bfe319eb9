import { expect, test } from "vitest";
import { joinWork } from "../../../../src/cron/joinWork.ts";
import type { WorkDone } from "../../../../src/cron/work.ts";

const done = (outcome: WorkDone["outcome"], note = ""): WorkDone => ({ outcome, note, detail: { [note]: 1 } });

test.each([
  [["ok", "ok"], "ok"],
  [["ok", "skipped"], "ok"],
  [["skipped", "ok"], "ok"],
  [["skipped", "skipped"], "skipped"],
  [["failed", "ok"], "failed"],
  [["ok", "failed"], "failed"],
  [["skipped", "failed"], "failed"],
] as const)("%j together are %s", ([first, second], outcome) => {
  expect(joinWork({ first: done(first), second: done(second) }).outcome).toBe(outcome);
});

test("each says what it has to say, also where another failed", () => {
  expect(joinWork({ refresh: done("failed", "no"), statistics: done("ok", "taken") })).toEqual({
    outcome: "failed",
    note: "refresh: no; statistics: taken",
    detail: { no: 1, taken: 1 },
  });
});

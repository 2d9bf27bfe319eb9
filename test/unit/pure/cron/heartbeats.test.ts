import { expect, test } from "vitest";
import type { EndOutcome } from "../../../../src/cron/cronRecord.ts";
import { heartbeats } from "../../../../src/cron/heartbeats.ts";
import { begin, type CronJournal, EMPTY_JOURNAL, end } from "../../../../src/cron/journal.ts";

const MINUTE = 60_000;

/** A run of the minutely cron, which ends a second after it began. */
function ran(journal: CronJournal, minute: number, outcome: EndOutcome | "lost"): CronJournal {
  const run = { cron: "* * * * *", scheduledTime: minute * MINUTE, runner: String(minute) };
  const [begun] = begin(journal, { ...run, now: minute * MINUTE, leaseMs: 30_000 });
  return outcome === "lost" ? begun : end(begun, { ...run, now: minute * MINUTE + 1_000, outcome, note: "" });
}

test.for<[string, readonly (EndOutcome | "lost")[], number | undefined]>([
  ["nothing ran", [], undefined],
  ["a run ended well", ["ok"], 61_000],
  ["a run failed", ["failed"], 61_000],
  ["a run had nothing to do", ["ok", "skipped"], 121_000],
  ["a run has not ended yet", ["ok", "lost"], 61_000],
  ["runs were lost", ["ok", "lost", "lost"], 61_000],
  ["nothing but a lost run", ["lost", "lost"], undefined],
])("when %s", ([, outcomes, endedAt]) => {
  const journal = outcomes.reduce((so, outcome, index) => ran(so, index + 1, outcome), EMPTY_JOURNAL);
  const expected = endedAt === undefined ? [] : [{ cron: "* * * * *", endedAt }];
  expect(heartbeats(journal)).toEqual(expected);
});

test("each cron has its own", () => {
  const other = { cron: "17 3 * * *", scheduledTime: 5, runner: "n" };
  const [begun] = begin(ran(EMPTY_JOURNAL, 1, "ok"), { ...other, now: 5, leaseMs: 1_000 });
  const journal = end(begun, { ...other, now: 9, outcome: "ok", note: "" });
  expect(heartbeats(journal)).toEqual([
    { cron: "* * * * *", endedAt: 61_000 },
    { cron: "17 3 * * *", endedAt: 9 },
  ]);
});

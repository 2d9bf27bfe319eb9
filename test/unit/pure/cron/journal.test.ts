import { describe, expect, test } from "vitest";
import {
  FIVE_MINUTES_LEASE_MS,
  MAX_CRONS,
  MAX_DETAIL_CHARS,
  MAX_NOTE_CHARS,
  MAX_REGRANTS,
  MAX_RUNS,
  MINUTELY_LEASE_MS,
} from "../../../../src/cron/constants.ts";
import { begin, type CronJournal, EMPTY_JOURNAL, end, lastTimes } from "../../../../src/cron/journal.ts";
import { journalView } from "../../../../src/cron/journalView.ts";
import { readJournal } from "../../../../src/cron/readJournal.ts";

const CRON = "*/5 * * * *";
const AT = 1_800_000_000_000;
const leaseMs = FIVE_MINUTES_LEASE_MS;

/** A journal that is told things one after the other, with the answers it gave. `after`: milliseconds since `AT`. */
function told() {
  let journal = EMPTY_JOURNAL;
  return {
    get journal() {
      return journal;
    },
    begin(after: number, runner: string, { scheduledTime = AT, cron = CRON } = {}) {
      const [next, grant] = begin(journal, { cron, scheduledTime, runner, now: AT + after, leaseMs });
      journal = next;
      return grant.granted ? `attempt ${grant.run.attempt}` : grant.reason;
    },
    end(
      after: number,
      runner: string,
      outcome: "ok" | "failed" | "skipped",
      more: { scheduledTime?: number; detail?: Record<string, string>; note?: string } = {},
    ) {
      const report = { cron: CRON, scheduledTime: AT, runner, now: AT + after, outcome, note: "", ...more };
      journal = end(journal, report);
    },
    outcomes: (after: number) =>
      journalView(journal, AT + after).crons.flatMap(({ runs }) => runs.map(({ outcome }) => outcome)),
  };
}

/** What is told in order, and what the journal says to each `begin`. */
type Step =
  | readonly ["begin", after: number, runner: string, says: string, scheduledTime?: number]
  | readonly ["end", after: number, runner: string, outcome: "ok" | "failed" | "skipped"];

const LATER = AT + 300_000;

test.for<[string, readonly Step[], outcomes: readonly string[]]>([
  ["a scheduled time is granted", [["begin", 0, "a", "attempt 1"]], ["running"]],
  [
    "delivered twice while it runs, it is granted once",
    [
      ["begin", 0, "a", "attempt 1"],
      ["begin", 1, "b", "running"],
      ["begin", 2, "a", "running"],
    ],
    ["running"],
  ],
  [
    "delivered again after it ended well, it is done",
    [
      ["begin", 0, "a", "attempt 1"],
      ["end", 10, "a", "ok"],
      ["begin", 20, "b", "done"],
    ],
    ["ok"],
  ],
  [
    "one that was skipped is done",
    [
      ["begin", 0, "a", "attempt 1"],
      ["end", 10, "a", "skipped"],
      ["begin", 20, "b", "done"],
    ],
    ["skipped"],
  ],
  [
    "one that failed is granted again, three times and no more",
    [
      ["begin", 0, "a", "attempt 1"],
      ["end", 1, "a", "failed"],
      ["begin", 2, "b", "attempt 2"],
      ["end", 3, "b", "failed"],
      ["begin", 4, "c", "attempt 3"],
      ["end", 5, "c", "failed"],
      ["begin", 6, "d", "attempt 4"],
      ["end", 7, "d", "failed"],
      ["begin", 8, "e", "done"],
    ],
    ["failed", "failed", "failed", "failed"],
  ],
  [
    "the next scheduled time waits for the one before",
    [
      ["begin", 0, "a", "attempt 1"],
      ["begin", leaseMs - 1, "b", "running", LATER],
      ["end", leaseMs - 1, "a", "ok"],
      ["begin", leaseMs - 1, "b", "attempt 1", LATER],
    ],
    ["running", "ok"],
  ],
  [
    "a lease that expired is lost, and keeps nobody waiting",
    [
      ["begin", 0, "a", "attempt 1"],
      ["begin", leaseMs, "b", "attempt 1", LATER],
    ],
    ["running", "lost"],
  ],
  [
    "the scheduled time of a lost run may be granted again",
    [
      ["begin", 0, "a", "attempt 1"],
      ["begin", leaseMs, "b", "attempt 2"],
      ["end", leaseMs + 1, "a", "ok"],
      ["end", leaseMs + 2, "b", "ok"],
      ["begin", leaseMs + 3, "c", "done"],
    ],
    ["ok", "lost"],
  ],
  [
    "an end after the lease does not count, though nobody else has begun",
    [
      ["begin", 0, "a", "attempt 1"],
      ["end", leaseMs, "a", "ok"],
    ],
    ["lost"],
  ],
  [
    "an end by somebody else does not count",
    [
      ["begin", 0, "a", "attempt 1"],
      ["end", 1, "b", "ok"],
    ],
    ["running"],
  ],
  [
    "a delivery that comes late is granted as well",
    [
      ["begin", 0, "a", "attempt 1", LATER],
      ["begin", leaseMs, "b", "attempt 1"],
    ],
    ["running", "lost"],
  ],
  [
    "a clock set back a little keeps the lease, and one set back by more than a lease does not block",
    [
      ["begin", 0, "a", "attempt 1"],
      ["begin", 1 - leaseMs, "b", "running", LATER],
      ["begin", -leaseMs, "b", "attempt 1", LATER],
    ],
    ["running", "lost"],
  ],
])("%s", ([, steps, outcomes]) => {
  const it = told();
  for (const step of steps) {
    if (step[0] === "end") it.end(step[1], step[2], step[3]);
    else expect([step, it.begin(step[1], step[2], { scheduledTime: step[4] ?? AT })]).toEqual([step, step[3]]);
  }
  const last = Math.max(...steps.map(([, after]) => after));
  expect(it.outcomes(steps.at(-1)?.[0] === "begin" ? (steps.at(-1)?.[1] ?? 0) : last)).toEqual(outcomes);
});

describe("the journal", () => {
  test("lets crons run beside each other", () => {
    const it = told();
    expect([it.begin(0, "a"), it.begin(0, "a", { cron: "* * * * *" })]).toEqual(["attempt 1", "attempt 1"]);
  });

  test("returns itself when it refuses, so that nothing needs to be written", () => {
    const it = told();
    it.begin(0, "a");
    const before = it.journal;
    it.begin(1, "b");
    expect(it.journal).toBe(before);
    it.end(2, "a", "ok");
    const after = it.journal;
    it.begin(3, "c");
    expect(it.journal).toBe(after);
  });

  test("gives a new run what the last one found, past runs that found nothing, and when one last went well", () => {
    const it = told();
    const request = { cron: CRON, runner: "x", leaseMs };
    it.begin(0, "a");
    it.end(10, "a", "ok", { detail: { mark: "m" } });
    it.begin(20, "b", { scheduledTime: LATER });
    it.end(30, "b", "failed", { scheduledTime: LATER, detail: {} });
    const [, grant] = begin(it.journal, { ...request, scheduledTime: LATER + 1, now: AT + 40 });
    expect(grant).toMatchObject({ granted: true, lastDetail: { mark: "m" }, lastSuccessAt: AT + 10 });
    expect(lastTimes(it.journal, CRON)).toEqual({ lastSuccessAt: AT + 10, lastBegunAt: AT + 20 });
    expect(lastTimes(it.journal, "17 3 * * *")).toEqual({ lastSuccessAt: null, lastBegunAt: null });
  });

  test("remembers twenty runs, and calls what it forgot done for ever", () => {
    const it = told();
    for (let index = 0; index < MAX_RUNS + 5; index++) {
      const scheduledTime = AT + index * 300_000;
      it.begin(index * 300_000, "a", { scheduledTime });
      it.end(index * 300_000 + 1, "a", "failed", { scheduledTime });
    }
    const [record] = it.journal.crons;
    expect(record?.runs).toHaveLength(MAX_RUNS);
    expect(record?.counts).toEqual({ ok: 0, failed: MAX_RUNS + 5, skipped: 0, lost: 0 });
    expect(it.begin(1e9, "b", { scheduledTime: AT + 4 * 300_000 })).toBe("done");
    expect(it.begin(1e9, "b", { scheduledTime: AT + 5 * 300_000 })).toBe("attempt 2");
  });

  test("does not grant again what was forgotten, when an earlier scheduled time is forgotten after it", () => {
    const it = told();
    const runAt = (minutes: number) => {
      const scheduledTime = AT + minutes * 60_000;
      const says = it.begin(minutes * 60_000 + 1e9, "a", { scheduledTime });
      it.end(minutes * 60_000 + 1e9 + 1, "a", "ok", { scheduledTime });
      return says;
    };
    for (let minutes = 1; minutes <= MAX_RUNS; minutes++) runAt(minutes);
    expect([runAt(0), runAt(100), runAt(1)]).toEqual(["attempt 1", "attempt 1", "done"]);
  });

  test("keeps eight crons, and forgets the one begun the longest ago, but none that runs", () => {
    const it = told();
    const names = Array.from({ length: MAX_CRONS }, (_, index) => `cron ${index}`);
    for (const [index, cron] of names.entries()) expect(it.begin(index, "a", { cron })).toBe("attempt 1");
    expect(it.begin(100, "a", { cron: "one more" })).toBe("running");
    expect(it.begin(2 * leaseMs, "b", { cron: "cron 0", scheduledTime: LATER })).toBe("attempt 1");
    expect(it.begin(2 * leaseMs, "a", { cron: "one more" })).toBe("attempt 1");
    expect(it.journal.crons.map(({ cron }) => cron)).toEqual([...names.slice(2), "cron 0", "one more"]);
  });

  test("keeps notes short, and drops a detail that is too large", () => {
    const it = told();
    it.begin(0, "a");
    it.end(1, "a", "ok", { note: "n".repeat(5_000), detail: { all: "d".repeat(MAX_DETAIL_CHARS) } });
    const run = it.journal.crons[0]?.runs[0];
    expect(run?.end?.note).toHaveLength(MAX_NOTE_CHARS);
    expect(run?.detail).toEqual({ dropped: `${MAX_DETAIL_CHARS + 10} characters` });
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["another shape", { crons: [{ cron: CRON }], strayEnds: 0 }],
    ["a count below zero", { crons: [], strayEnds: -1 }],
  ])("is empty where %s was stored", (_, stored) => {
    expect(readJournal(stored)).toEqual(EMPTY_JOURNAL);
  });

  test("ignores what a newer version may have stored beside it", () => {
    const it = told();
    it.begin(0, "a");
    expect(readJournal({ ...it.journal, later: 1 })).toEqual(it.journal);
  });
});

describe("the view of the journal", () => {
  test("shows runs newest first, in ages and durations, and crons by name", () => {
    const it = told();
    it.begin(0, "a", { cron: "17 3 * * *" });
    it.begin(0, "a");
    it.end(1_500, "a", "ok", { note: "all well", detail: { deleted: "3" } });
    it.end(1_600, "a", "ok");
    it.begin(300_000, "b", { scheduledTime: LATER });
    expect(journalView(it.journal, AT + 310_000)).toEqual({
      strayEnds: 1,
      crons: [
        {
          cron: CRON,
          lastSuccessAgoMs: 308_500,
          counts: { ok: 1, failed: 0, skipped: 0, lost: 0 },
          runs: [
            {
              scheduledTime: new Date(LATER).toISOString(),
              attempt: 1,
              startedAgoMs: 10_000,
              tookMs: null,
              outcome: "running",
              note: "",
              detail: null,
            },
            {
              scheduledTime: new Date(AT).toISOString(),
              attempt: 1,
              startedAgoMs: 310_000,
              tookMs: 1_500,
              outcome: "ok",
              note: "all well",
              detail: { deleted: "3" },
            },
          ],
        },
        {
          cron: "17 3 * * *",
          lastSuccessAgoMs: null,
          counts: { ok: 0, failed: 0, skipped: 0, lost: 1 },
          runs: [
            {
              scheduledTime: new Date(AT).toISOString(),
              attempt: 1,
              startedAgoMs: 310_000,
              tookMs: leaseMs,
              outcome: "lost",
              note: "",
              detail: null,
            },
          ],
        },
      ],
    });
  });

  test("calls a run lost as soon as its lease has expired, and changes nothing by looking", () => {
    const it = told();
    it.begin(0, "a");
    const before: CronJournal = structuredClone(it.journal);
    expect(it.outcomes(leaseMs - 1)).toEqual(["running"]);
    expect(it.outcomes(leaseMs)).toEqual(["lost"]);
    expect(it.journal).toEqual(before);
  });

  test("has no negative age, though the clock was set back", () => {
    const it = told();
    it.begin(0, "a");
    it.end(10, "a", "ok");
    expect(journalView(it.journal, AT - 1_000).crons[0]).toMatchObject({
      lastSuccessAgoMs: 0,
      runs: [{ startedAgoMs: 0 }],
    });
  });
});

test("a minute's run that died is over when the next minute begins", () => {
  const request = { cron: "* * * * *", leaseMs: MINUTELY_LEASE_MS };
  const [journal] = begin(EMPTY_JOURNAL, { ...request, scheduledTime: AT, runner: "a", now: AT });
  const [, grant] = begin(journal, { ...request, scheduledTime: AT + 60_000, runner: "b", now: AT + 60_000 });
  expect(grant.granted).toBe(true);
  expect(MAX_REGRANTS).toBe(3);
});

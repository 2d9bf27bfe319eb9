import { MAX_DETAIL_CHARS, MAX_NOTE_CHARS, MAX_REGRANTS, MAX_RUNS } from "./constants.ts";

/** How a run says it ended. `skipped`: there was nothing to do, or it was not the time. */
export type EndOutcome = "ok" | "failed" | "skipped";
/** `lost`: its lease expired without a word. */
export type CronOutcome = EndOutcome | "lost";

/** What a run found or did, in a few named values. */
export type CronDetail = Readonly<Record<string, string | number | boolean | null>>;

export interface CronRun {
  readonly scheduledTime: number;
  /** 1 for the first grant of this scheduled time. */
  readonly attempt: number;
  /** Names the event that runs it: two deliveries, also to one isolate, are two runners. */
  readonly runner: string;
  readonly startedAt: number;
  readonly leaseMs: number;
  /** null while it runs. */
  readonly end: { readonly at: number; readonly outcome: CronOutcome; readonly note: string } | null;
  readonly detail: CronDetail | null;
}

/** What is kept of one cron. */
export interface CronRecord {
  readonly cron: string;
  /** In the order they were granted, at most 20. At most one has not ended. */
  readonly runs: readonly CronRun[];
  /** Scheduled times up to this one need no run, unless `runs` says otherwise. */
  readonly forgottenThrough: number | null;
  readonly lastSuccessAt: number | null;
  readonly counts: Readonly<Record<CronOutcome, number>>;
}

export function newRecord(cron: string): CronRecord {
  const counts = { ok: 0, failed: 0, skipped: 0, lost: 0 };
  return { cron, runs: [], forgottenThrough: null, lastSuccessAt: null, counts };
}

/** Whether the run holds its lease. A clock set back by more than a lease must not keep a cron from running. */
export function isLive({ end, startedAt, leaseMs }: CronRun, now: number): boolean {
  return end === null && Math.abs(now - startedAt) < leaseMs;
}

/** The record with a run whose lease has expired counted as lost; the same record where there is none. */
export function withLostRuns(record: CronRecord, now: number): CronRecord {
  const lost = record.runs.find((run) => run.end === null && !isLive(run, now));
  if (!lost) return record;
  return withEnd(record, lost, { at: lost.startedAt + lost.leaseMs, outcome: "lost", note: "" });
}

/** Why this scheduled time may not run now; undefined when it may. */
export function refusal({ runs, forgottenThrough }: CronRecord, scheduledTime: number): "done" | "running" | undefined {
  const last = runs.findLast((run) => run.scheduledTime === scheduledTime);
  if (!last && forgottenThrough !== null && scheduledTime <= forgottenThrough) return "done";
  if (last?.end && !mayRunAgain(last.end.outcome, last.attempt)) return "done";
  return runs.some(({ end }) => end === null) ? "running" : undefined;
}

function mayRunAgain(outcome: CronOutcome, attempt: number): boolean {
  switch (outcome) {
    case "ok":
    case "skipped":
      return false;
    case "failed":
    case "lost":
      return attempt <= MAX_REGRANTS;
    default:
      return outcome satisfies never;
  }
}

/** The record with one more run. The earliest scheduled times are forgotten beyond the bound, and stay done. */
export function withRun(record: CronRecord, run: CronRun): CronRecord {
  const runs = [...record.runs, run];
  if (runs.length <= MAX_RUNS) return { ...record, runs };
  const earliest = record.runs.reduce((least, each) => (each.scheduledTime < least.scheduledTime ? each : least));
  return {
    ...record,
    runs: runs.filter((each) => each !== earliest),
    forgottenThrough: Math.max(record.forgottenThrough ?? Number.NEGATIVE_INFINITY, earliest.scheduledTime),
  };
}

/** The record with this run of it ended. */
export function withEnd(
  record: CronRecord,
  run: CronRun,
  end: NonNullable<CronRun["end"]>,
  detail?: CronDetail,
): CronRecord {
  const ended: CronRun = {
    ...run,
    end: { ...end, note: end.note.slice(0, MAX_NOTE_CHARS) },
    detail: boundedDetail(detail),
  };
  return {
    ...record,
    runs: record.runs.map((each) => (each === run ? ended : each)),
    lastSuccessAt: end.outcome === "ok" ? end.at : record.lastSuccessAt,
    counts: { ...record.counts, [end.outcome]: record.counts[end.outcome] + 1 },
  };
}

function boundedDetail(detail: CronDetail | undefined): CronDetail | null {
  if (detail === undefined || Object.keys(detail).length === 0) return null;
  const chars = JSON.stringify(detail).length;
  return chars > MAX_DETAIL_CHARS ? { dropped: `${chars} characters` } : detail;
}

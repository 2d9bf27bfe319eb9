import { type CronDetail, type CronOutcome, type CronRun, withLostRuns } from "./cronRecord.ts";
import type { CronJournal } from "./journal.ts";

/** A run as `GET /admin/cron` shows it. */
interface RunView {
  readonly scheduledTime: string;
  readonly attempt: number;
  readonly startedAgoMs: number;
  /** null while it runs; of a lost run, its lease. */
  readonly tookMs: number | null;
  readonly outcome: CronOutcome | "running";
  readonly note: string;
  readonly detail: CronDetail | null;
}

interface CronView {
  readonly cron: string;
  readonly lastSuccessAgoMs: number | null;
  /** Since the journal began, also of runs that are not shown any more. */
  readonly counts: Readonly<Record<CronOutcome, number>>;
  /** Newest first. */
  readonly runs: readonly RunView[];
}

interface JournalView {
  readonly crons: readonly CronView[];
  readonly strayEnds: number;
}

/** The journal for operators: ages instead of times, and a run whose lease has expired is already lost. */
export function journalView({ crons, strayEnds }: CronJournal, now: number): JournalView {
  const views = crons.map((record): CronView => {
    const { cron, lastSuccessAt, counts, runs } = withLostRuns(record, now);
    const lastSuccessAgoMs = lastSuccessAt === null ? null : Math.max(0, now - lastSuccessAt);
    return { cron, lastSuccessAgoMs, counts, runs: runs.map((run) => runView(run, now)).reverse() };
  });
  return { crons: views.sort((a, b) => (a.cron < b.cron ? -1 : 1)), strayEnds };
}

function runView({ scheduledTime, attempt, startedAt, end, detail }: CronRun, now: number): RunView {
  return {
    scheduledTime: new Date(scheduledTime).toISOString(),
    attempt,
    startedAgoMs: Math.max(0, now - startedAt),
    tookMs: end && Math.max(0, end.at - startedAt),
    outcome: end?.outcome ?? "running",
    note: end?.note ?? "",
    detail,
  };
}

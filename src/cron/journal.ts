import { MAX_CRONS } from "./constants.ts";
import {
  type CronDetail,
  type CronRecord,
  type CronRun,
  type EndOutcome,
  isLive,
  newRecord,
  refusal,
  withEnd,
  withLostRuns,
  withRun,
} from "./cronRecord.ts";

/**
 * Which cron runs were granted, to whom, and how they ended: kept by one object for the world, as JSON. Cloudflare
 * promises neither to deliver a scheduled time only once nor to let a run end before the next: both are seen to here.
 */
export interface CronJournal {
  readonly crons: readonly CronRecord[];
  /** Ends told by runners that held no lease: too late, or a second time. */
  readonly strayEnds: number;
}

export const EMPTY_JOURNAL: CronJournal = { crons: [], strayEnds: 0 };

/** `lastDetail`: of this cron's newest run that told one. `lastSuccessAt`: when this cron last ended well. */
type Grant =
  | {
      readonly granted: true;
      readonly run: CronRun;
      readonly lastDetail: CronDetail | null;
      readonly lastSuccessAt: number | null;
    }
  | { readonly granted: false; readonly reason: "done" | "running" };

interface BeginRequest {
  readonly cron: string;
  readonly scheduledTime: number;
  readonly runner: string;
  readonly now: number;
  readonly leaseMs: number;
}

interface EndReport {
  readonly cron: string;
  readonly scheduledTime: number;
  readonly runner: string;
  readonly now: number;
  readonly outcome: EndOutcome;
  readonly note: string;
  readonly detail?: CronDetail;
}

/**
 * Asks for a run. `done`: this scheduled time needs no (further) run. `running`: this cron runs just now, perhaps for
 * another scheduled time; who asks again because the grant was lost waits for its lease like everybody. A refusal
 * returns the very journal it was given, unless it found an expired lease.
 */
export function begin(journal: CronJournal, request: BeginRequest): readonly [CronJournal, Grant] {
  const { cron, scheduledTime, runner, now, leaseMs } = request;
  const known = journal.crons.find((each) => each.cron === cron);
  const others = known ? journal.crons : withRoom(journal.crons, now);
  if (!others) return [journal, { granted: false, reason: "running" }];
  const record = withLostRuns(known ?? newRecord(cron), now);
  const reason = refusal(record, scheduledTime);
  if (reason !== undefined) {
    return [record === known ? journal : withRecord(journal, record), { granted: false, reason }];
  }
  const before = record.runs.findLast((each) => each.scheduledTime === scheduledTime);
  const attempt = (before?.attempt ?? 0) + 1;
  const run: CronRun = { scheduledTime, attempt, runner, startedAt: now, leaseMs, end: null, detail: null };
  const lastDetail = record.runs.findLast(({ detail }) => detail !== null)?.detail ?? null;
  return [
    withRecord({ ...journal, crons: others }, withRun(record, run)),
    { granted: true, run, lastDetail, lastSuccessAt: record.lastSuccessAt },
  ];
}

/** Records how a run ended. Told by a runner that holds no lease (any more) it changes nothing but `strayEnds`. */
export function end(journal: CronJournal, report: EndReport): CronJournal {
  const { cron, scheduledTime, runner, now, outcome, note, detail } = report;
  const record = journal.crons.find((each) => each.cron === cron);
  const run = record?.runs.find(
    (each) => each.scheduledTime === scheduledTime && each.runner === runner && isLive(each, now),
  );
  if (!record || !run) return { ...journal, strayEnds: journal.strayEnds + 1 };
  return withRecord(journal, withEnd(record, run, { at: now, outcome, note }, detail));
}

/** When a cron last ended well, and when it last began; null: never, as far as is remembered. */
export function lastTimes(
  { crons }: CronJournal,
  cron: string,
): { readonly lastSuccessAt: number | null; readonly lastBegunAt: number | null } {
  const record = crons.find((each) => each.cron === cron);
  return { lastSuccessAt: record?.lastSuccessAt ?? null, lastBegunAt: record?.runs.at(-1)?.startedAt ?? null };
}

function withRecord(journal: CronJournal, record: CronRecord): CronJournal {
  const others = journal.crons.filter(({ cron }) => cron !== record.cron);
  return { ...journal, crons: [...others, record] };
}

/** The records, with room for one more: the one begun the longest ago goes. undefined when all of them run. */
function withRoom(records: readonly CronRecord[], now: number): readonly CronRecord[] | undefined {
  if (records.length < MAX_CRONS) return records;
  const idle = records.filter(({ runs }) => !runs.some((run) => isLive(run, now)));
  if (idle.length === 0) return undefined;
  const oldest = idle.reduce((least, each) => (lastBegunAt(each) < lastBegunAt(least) ? each : least));
  return records.filter((each) => each !== oldest);
}

function lastBegunAt({ runs }: CronRecord): number {
  return runs.at(-1)?.startedAt ?? Number.NEGATIVE_INFINITY;
}

import { cleanUp } from "./cron/cleanUp.ts";
import { FIVE_MINUTES_LEASE_MS, MINUTELY_LEASE_MS, NIGHTLY_LEASE_MS } from "./cron/constants.ts";
import type { CronDetail } from "./cron/cronRecord.ts";
import { joinWork } from "./cron/joinWork.ts";
import { type PrimaryFacts, planFiveMinutes, planNightly } from "./cron/plan.ts";
import { withRun } from "./cron/recordedRun.ts";
import { type RefreshStep, refresh } from "./cron/refresh.ts";
import type { RunGrant } from "./cron/runMessages.ts";
import { takeStatistics } from "./cron/takeStatistics.ts";
import type { Work, WorkDone } from "./cron/work.ts";
import { EVERY_FIVE_MINUTES, EVERY_MINUTE, NIGHTLY } from "./cronTriggers.ts";
import { newestMark } from "./database/maintenance.ts";
import type { Query } from "./database/query.ts";
import type { EventContext } from "./eventContext.ts";
import { checkWhatIsDue } from "./health/answerHealth.ts";
import type { SharedTarget } from "./http/sharedTarget.ts";
import type { IsolateState } from "./isolate.ts";
import { primaryFacts, withPrimary } from "./primaryWork.ts";
import { EXCHANGE_DEADLINE_MS } from "./rpc/constants.ts";
import { ageOf } from "./rpc/held.ts";
import { warmShared } from "./warming/warmShared.ts";

/** A cron event, as the platform tells it. */
export interface CronEvent {
  readonly cron: string;
  /** Milliseconds since 1970: what a run is known by. */
  readonly scheduledTime: number;
}

/** What the application brings to its crons. */
export interface CronWork {
  /** Statements that each delete a few rows to be forgotten; sent each night until they delete none. */
  readonly nightly: readonly Query[];
  /** What is kept up to date every five minutes, for a run's scheduled time; each step is sent until it answers 0. */
  readonly refresh: (scheduledMs: number) => readonly RefreshStep[];
  /** What a path with its query shares with everybody; undefined: nothing. */
  readonly sharedTarget: (path: string) => SharedTarget | undefined;
}

/** How often a cron looks whether the exchange of another event brought news. */
const HEAR_AGAIN_MS = 100;

/** Hot keys that a run looks at, and how long it may take for them. */
const WARM_TOP = 500;
const WARM_MS = FIVE_MINUTES_LEASE_MS / 4;
const FIVE_MINUTES_MS = 300_000;

type Granted = Extract<RunGrant, { granted: true }>;

/** Runs what the cron expression stands for, once per scheduled time. Throws when it failed, so that the run counts as failed. */
export async function runCron(event: CronEvent, state: IsolateState, ctx: EventContext, work: CronWork): Promise<void> {
  switch (event.cron) {
    case EVERY_MINUTE:
      return withRun(state, event, MINUTELY_LEASE_MS, () => lookAtHealth(state, ctx));
    case EVERY_FIVE_MINUTES:
      return withRun(state, event, FIVE_MINUTES_LEASE_MS, async (granted) => {
        await hearFirst(state, ctx);
        await makeUpForTheNight(state, ctx, event, work, granted);
        return everyFiveMinutes(state, ctx, work, work.refresh(event.scheduledTime), granted);
      });
    case NIGHTLY:
      return withRun(state, event, NIGHTLY_LEASE_MS, async () => {
        await hearFirst(state, ctx);
        return nightly(state, ctx, work, true, undefined);
      });
    default:
      throw new Error(`No work is known for the cron trigger "${event.cron}": mend wrangler.toml.`);
  }
}

/**
 * A cron may run in an isolate that serves nobody. What it does not hear of the others' queries it would take for sleep,
 * and a database that is only ever met by such isolates would never be cleaned up. Another cron's exchange is waited for.
 */
async function hearFirst({ exchange, database: { view } }: IsolateState, ctx: EventContext): Promise<void> {
  const endAt = Date.now() + EXCHANGE_DEADLINE_MS;
  while (exchange && !exchange.hasFailed && Date.now() < endAt) {
    if (view.breaker && ageOf(view.breaker, Date.now()) <= view.softMs) return;
    if (await exchange.exchangeNow(endAt - Date.now(), (work) => ctx.waitUntil(work))) return;
    await new Promise((resolve) => setTimeout(resolve, HEAR_AGAIN_MS));
  }
}

/** The exchange asks for checks of what nobody looked at, and is granted them; without objects the isolate looks itself. */
async function lookAtHealth(state: IsolateState, ctx: EventContext): Promise<WorkDone> {
  const { exchange, database } = state;
  const work: Promise<unknown>[] = [];
  const heard = (await exchange?.exchangeNow(EXCHANGE_DEADLINE_MS, (each) => work.push(each))) ?? false;
  await Promise.all(work);
  if (!heard) await checkWhatIsDue(state, ctx);
  const now = Date.now();
  const open = database.nodes.filter(({ name }) => !database.breakers.admits(name, now)).map(({ name }) => name);
  const note = [...(heard ? [] : ["without objects"]), ...(open.length > 0 ? [`open: ${open.join(", ")}`] : [])];
  return { outcome: "ok", note: note.join("; "), detail: { open: open.length, heard } };
}

async function everyFiveMinutes(
  state: IsolateState,
  ctx: EventContext,
  work: CronWork,
  steps: readonly RefreshStep[],
  granted: Granted | undefined,
): Promise<WorkDone> {
  const kept = await keptUp(state, ctx, steps, granted);
  // Last, so that what the refresh changed is in what is loaded; it may fail without harm to anybody.
  return joinWork({ ...kept, warming: await warming(state, ctx, work) });
}

/** What the application keeps up to date, and the planner's statistics. */
async function keptUp(
  state: IsolateState,
  ctx: EventContext,
  steps: readonly RefreshStep[],
  granted: Granted | undefined,
): Promise<{ refresh: WorkDone; statistics: WorkDone }> {
  const endAt = Date.now() + FIVE_MINUTES_LEASE_MS / 2;
  const lastMark = textOrNull(granted?.lastDetail?.mark);
  const facts = { ...primaryFacts(state), lastMark };
  const plan = planFiveMinutes({ ...facts, leftMs: endAt - Date.now() });
  const { reason } = plan.refresh;
  if (reason !== undefined) {
    return { refresh: skipped(reason), statistics: skipped(reason, { mark: lastMark }) };
  }
  return withPrimary(state, ctx, endAt, async (primary) => {
    const refreshed = await refresh(primary, steps);
    // Afterwards, so that what it changed is in them; whatever came of it.
    return { refresh: refreshed, statistics: await statisticsOf(primary, facts) };
  });
}

/** Loads the hottest shared answers before they expire. What was left says why, the commonest reasons first. */
async function warming(state: IsolateState, ctx: EventContext, { sharedTarget }: CronWork): Promise<WorkDone> {
  if (!state.shared?.door.acts) return skipped("the cache does not act", { warmed: 0 });
  const endAt = Date.now() + WARM_MS;
  const order = { top: WARM_TOP, dryRun: false, nextInMs: FIVE_MINUTES_MS, endAt };
  const { planned, done, skipped: left, failed } = await warmShared(state, ctx, sharedTarget, order);
  const reasons = new Map<string, number>();
  for (const { why } of left) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  const why = [...reasons].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${count} ${reason}`);
  const note = `${done.length} of ${planned} loaded${failed.length > 0 ? `, ${failed.length} failed` : ""}${why.length > 0 ? `; left: ${why.join(", ")}` : ""}`;
  const detail = { warmed: done.length, warmingPlanned: planned, warmingFailed: failed.length };
  if (planned === 0) return skipped(note, detail);
  return { outcome: "ok", note, detail };
}

/** Takes statistics if something was written since they were last taken. */
async function statisticsOf(work: Work, facts: PrimaryFacts & { readonly lastMark: string | null }): Promise<WorkDone> {
  const { lastMark } = facts;
  const asked = await work.ask(newestMark, 5_000);
  if (!asked.ok) return { outcome: "failed", note: asked.failure.message, detail: { mark: lastMark } };
  const mark = textOrNull(asked.value.rows[0]?.[0]);
  const { statistics } = planFiveMinutes({ ...facts, newestMark: mark, leftMs: work.endAt - Date.now() });
  if (statistics.do === "skip") return skipped(statistics.reason, { mark });
  const done = await takeStatistics(work);
  // What was left over waits for the next run, not for the next write.
  const isWhole = done.outcome === "ok" && done.detail.remaining === 0;
  return { ...done, note: done.note || "taken", detail: { ...done.detail, mark: isWhole ? mark : lastMark } };
}

function skipped(note: string, detail: CronDetail = {}): WorkDone {
  return { outcome: "skipped", note, detail };
}

async function nightly(
  state: IsolateState,
  ctx: EventContext,
  work: CronWork,
  isScheduled: boolean,
  times: Granted["nightly"],
): Promise<WorkDone> {
  const facts = { ...primaryFacts(state), now: Date.now(), isScheduled, lastSuccessAt: null, lastBegunAt: null };
  const plan = planNightly({ ...facts, ...times });
  if (plan.do === "skip") return { outcome: "skipped", note: plan.reason, detail: {} };
  const endAt = Date.now() + NIGHTLY_LEASE_MS / 2;
  return withPrimary(state, ctx, endAt, (primary) => cleanUp(primary, work.nightly));
}

/** A database that sleeps each night would never be cleaned up: found awake and overdue (or new), it is done now. */
async function makeUpForTheNight(
  state: IsolateState,
  ctx: EventContext,
  { scheduledTime }: CronEvent,
  work: CronWork,
  granted: Granted | undefined,
): Promise<void> {
  if (!granted?.nightly) return;
  const plan = planNightly({ ...primaryFacts(state), now: Date.now(), isScheduled: false, ...granted.nightly });
  if (plan.do === "skip") return;
  const event = { cron: NIGHTLY, scheduledTime };
  await withRun(state, event, NIGHTLY_LEASE_MS, () => nightly(state, ctx, work, false, granted.nightly));
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

import { answerAdmin } from "./admin/answerAdmin.ts";
import { answerWarm } from "./admin/answerWarm.ts";
import { isAdmin } from "./admin/isAdmin.ts";
import { AfterEvents } from "./afterEvent.ts";
import { BackgroundWork } from "./backgroundWork.ts";
import type { CopyStore } from "./cache/tiers/cacheApi.ts";
import type { RefreshStep } from "./cron/refresh.ts";
import { CRONS } from "./cronTriggers.ts";
import { missingDatabase } from "./database/missingDatabase.ts";
import { openDatabase } from "./database/openDatabase.ts";
import type { Query } from "./database/query.ts";
import { Session } from "./database/session.ts";
import { type ErrorTracking, errorLog } from "./errorLog.ts";
import type { EventContext } from "./eventContext.ts";
import { answerHealth, isHealth } from "./health/answerHealth.ts";
import { ProblemError } from "./http/problem.ts";
import type { Account } from "./http/route.ts";
import { createRouter, type RouterOptions } from "./http/router.ts";
import { type Brought, broughtBy, sealSession } from "./http/sessionCarrier.ts";
import { createIsolate, type IsolateState, requestOptions } from "./isolate.ts";
import { observeRequest } from "./observeRequest.ts";
import { answerProbes } from "./prober.ts";
import { type CronEvent, runCron } from "./scheduled.ts";
import { settleIn } from "./settleIn.ts";
import type { SendOptions } from "./telemetry/errors/sendReport.ts";

/** An application, as Breakwater runs it. */
export interface WorkerOptions<Who extends Account> extends RouterOptions<Who> {
  /** Shown by `/health` and `/metrics`, and named in error reports. */
  readonly version: string;
  /** Statements that each delete a few rows to be forgotten; sent each night until they delete none. Default: none. */
  readonly nightly?: readonly Query[];
  /**
   * What is kept up to date every five minutes: for a run's scheduled time (milliseconds since 1970) the steps of it,
   * each sent to the primary until it answers 0. Default: none. It may be sent twice and given up at any point.
   */
  readonly refresh?: (scheduledMs: number) => readonly RefreshStep[];
  /** Sends an error on to the tracker of `SENTRY_DSN` (`captureWithToucan`). Default: errors go to the log alone. */
  readonly captureError?: SendOptions["capture"];
  /** The colo's Cache API, asked for at the first event. Default: none, and no colo copy of the view. */
  readonly cache?: () => CopyStore | undefined;
}

/** What a Worker's module exports: the handlers, and what its `Prober` entry point says. */
export interface BreakwaterWorker {
  fetch(request: Request, env: object, ctx: EventContext): Promise<Response>;
  scheduled(event: CronEvent, env: object, ctx: EventContext): Promise<void>;
  /** What the objects ask: `class Prober extends WorkerEntrypoint { sample(q) { return worker.sample(q, this.env) } }`. */
  sample(question: string, env: object): Promise<string>;
}

/**
 * A Worker over an application's routes: health, admin, metrics and crons come with it. Made once, at module scope,
 * which it shares with nothing else: it holds all that the isolate remembers.
 */
export function createWorker<Who extends Account>(options: WorkerOptions<Who>): BreakwaterWorker {
  const { version, routes, nightly = [], refresh = () => [], cache } = options;
  const isolate = createIsolate(() => ({
    cache: cache?.(),
    known: {
      route: routes.map(({ path }) => path),
      shared: routes.filter(({ shared }) => shared).map(({ path }) => path),
      cron: CRONS,
      version: [version],
    },
  }));
  const router = createRouter(options);
  const afterEvents = new AfterEvents();
  const tracking: ErrorTracking = { release: version, capture: options.captureError };

  /** The isolate's state, or why there is none. */
  function stateOf(env: object): { state?: IsolateState; trouble?: unknown } {
    try {
      return { state: isolate.state(env) };
    } catch (trouble) {
      return { trouble };
    }
  }

  return {
    async fetch(request, env, ctx) {
      const { state, trouble } = stateOf(env);
      if (state) settleIn(state, request);
      const observer = observeRequest(state, request, ctx, tracking);
      const brought = state?.signer && (await broughtBy(request, state.signer, Date.now()));
      const session = new Session(brought?.token);
      const options = state && { ...requestOptions(state, ctx), session };
      const database = options ? openDatabase(state.database, options) : missingDatabase(trouble);
      const background = new BackgroundWork(ctx);
      const response = await router.fetch(request, {
        database,
        now: Date.now,
        waitUntil: (work) => background.add(work),
        hasSession: brought?.token !== undefined,
        shared: state?.shared?.door,
        owed: () => (state ? session.owed(state.database.bumps.at(Date.now()), Date.now()) : []),
        seal: (headers) => seal(state, request, { session, by: brought?.by, written: brought?.written ?? [] }, headers),
        exposesRoute: state !== undefined && (await exposesRoute(state, request)),
        intercept: (asked, url) => {
          if (isHealth(asked, url)) return answerHealth(asked, url, state, trouble, version, ctx);
          const answer =
            answerAdmin(asked, url, state, { version, ctx, sharedRoute: (path) => router.sharedRoute(path) }) ??
            answerWarm(asked, url, state, ctx, (path) => router.sharedTarget(path));
          if (!answer && brought?.isRefused) throw new ProblemError("invalid-session-token");
          return answer;
        },
        report: observer.report,
        answered: observer.answered,
      });
      ctx.waitUntil(background.ended().then(() => database.close()));
      if (state) afterEvents.afterEvent(state, ctx, observer.isTraffic ? "traffic" : "question");
      return response;
    },

    async scheduled(event, env, ctx) {
      const state = isolate.state(env);
      try {
        await runCron(event, state, ctx, { nightly, refresh, sharedTarget: (path) => router.sharedTarget(path) });
      } catch (error) {
        errorLog(state, ctx, tracking).report(error, { cron: event.cron });
        throw error; // the platform shows the run as failed, and may deliver it again
      } finally {
        afterEvents.afterEvent(state, ctx, "question");
      }
    },

    sample: (question, env) => answerProbes(isolate.state(env), question),
  };
}

/** What the session takes away; what it was told is counted. */
async function seal(
  state: IsolateState | undefined,
  request: Request,
  { session, by, written }: { readonly session: Session } & Pick<Brought, "by" | "written">,
  headers: Headers,
): Promise<void> {
  if (!state?.signer) return;
  const { broken } = session;
  if (broken.lost.length > 0) state.instruments.broken("lost");
  if (broken.rewound) state.instruments.broken("rewound");
  if (broken.unproven) state.instruments.broken("unproven");
  const isHttps = request.url.startsWith("https:");
  await sealSession(headers, session, {
    signer: state.signer,
    now: Date.now(),
    random: Math.random(),
    isHttps,
    by,
    written,
  });
}

async function exposesRoute({ config }: IsolateState, request: Request): Promise<boolean> {
  if (config.mode === "off" || config.exposeRoute === "off") return false;
  return config.exposeRoute === "always" || (await isAdmin(request, config.adminTokens));
}

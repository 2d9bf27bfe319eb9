import type { EventContext } from "./eventContext.ts";
import type { AnsweredRequest } from "./http/call.ts";
import type { IsolateState } from "./isolate.ts";
import { createErrorReporter } from "./telemetry/errors/errorReporter.ts";
import type { SendOptions } from "./telemetry/errors/sendReport.ts";
import { logLine } from "./telemetry/logLine.ts";
import { traceIdOf } from "./telemetry/trace.ts";

/** What a request leaves behind besides its answer: counts, a log line at times, a report of what went wrong. */
export interface RequestObserver {
  readonly report: (error: unknown, facts: { readonly requestId: string; readonly path: string }) => void;
  readonly answered: (facts: AnsweredRequest) => void;
  /** It was answered by a route: it counts as traffic. */
  readonly isTraffic: boolean;
}

/** Who sends errors on, and as errors of which release. */
export interface ErrorTracking {
  readonly release: string;
  readonly capture: SendOptions["capture"] | undefined;
}

/** `state`: undefined where the configuration is wrong; then only the log tells. */
export function observeRequest(
  state: IsolateState | undefined,
  request: Request,
  ctx: EventContext,
  { release, capture }: ErrorTracking,
): RequestObserver {
  const traceId = traceIdOf(request.headers);
  let isTraffic = false;
  return {
    get isTraffic() {
      return isTraffic;
    },
    answered(facts) {
      isTraffic = true;
      if (!state) return;
      const now = Date.now();
      state.instruments.request(
        facts.route,
        facts.status,
        facts.ms / 1_000,
        traceId ? { traceId, at: now } : undefined,
      );
      if (Math.random() >= state.config.logSample) return;
      state.instruments.logLine("info");
      logLine("info", { ...facts, ...(traceId ? { traceId } : {}) });
    },
    report(error, facts) {
      const words = error instanceof Error ? error.message : String(error);
      state?.instruments.logLine("error");
      logLine("error", { ...facts, ...(traceId ? { traceId } : {}), error: words });
      if (!state?.config.sentry || !capture) return;
      const { config, errors, instruments } = state;
      createErrorReporter({
        dsn: config.sentry,
        capture,
        release,
        environment: "production",
        state: errors,
        now: Date.now,
        waitUntil: (work) => ctx.waitUntil(work),
        onOutcome: ({ kind }) => instruments.errorReported(kind),
      }).report(error, { ...facts, method: request.method, ...(traceId ? { traceId } : {}) });
    },
  };
}

import { type ErrorTracking, errorLog } from "./errorLog.ts";
import type { EventContext } from "./eventContext.ts";
import type { AnsweredRequest } from "./http/call.ts";
import type { IsolateState } from "./isolate.ts";
import { logLine } from "./telemetry/logLine.ts";
import { traceIdOf } from "./telemetry/trace.ts";

/** What a request leaves behind besides its answer: counts, a log line at times, a report of what went wrong. */
export interface RequestObserver {
  readonly report: (error: unknown, facts: { readonly requestId: string; readonly path: string }) => void;
  readonly answered: (facts: AnsweredRequest) => void;
  /** It was answered by a route: it counts as traffic. */
  readonly isTraffic: boolean;
}

/** `state`: undefined where the configuration is wrong; then only the log tells. */
export function observeRequest(
  state: IsolateState | undefined,
  request: Request,
  ctx: EventContext,
  tracking: ErrorTracking,
): RequestObserver {
  const traceId = traceIdOf(request.headers);
  const errors = errorLog(state, ctx, tracking);
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
      const trace = traceId ? { traceId } : {};
      errors.report(error, { ...facts, method: request.method, ...trace });
    },
  };
}

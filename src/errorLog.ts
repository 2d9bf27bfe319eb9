import type { EventContext } from "./eventContext.ts";
import type { IsolateState } from "./isolate.ts";
import { wordsOf } from "./rpc/wordsOf.ts";
import { createErrorReporter, type ErrorReporter } from "./telemetry/errors/errorReporter.ts";
import { scrubText } from "./telemetry/errors/scrubText.ts";
import type { SendOptions } from "./telemetry/errors/sendReport.ts";
import { logLine } from "./telemetry/logLine.ts";

/** Who sends errors on, and as errors of which release. */
export interface ErrorTracking {
  readonly release: string;
  readonly capture: SendOptions["capture"] | undefined;
}

/**
 * Where the mistakes of one event (request, cron run) go: each one line in the log, scrubbed, and a report where there
 * is somebody to report to. Never throws, never waits. `state`: undefined where the configuration is wrong; then only
 * the log tells.
 */
export function errorLog(
  state: IsolateState | undefined,
  ctx: EventContext,
  { release, capture }: ErrorTracking,
): ErrorReporter {
  let reporter: ErrorReporter | undefined; // made at the first error: most events have none
  return {
    report(error, facts) {
      state?.instruments.logLine("error");
      logLine("error", { ...facts, error: scrubText(wordsOf(error)) });
      if (!state?.config.sentry || !capture) return;
      reporter ??= createErrorReporter({
        dsn: state.config.sentry,
        capture,
        release,
        environment: state.config.environment,
        state: state.errors,
        now: Date.now,
        waitUntil: (work) => ctx.waitUntil(work),
        onOutcome: ({ kind }) => state.instruments.errorReported(kind),
      });
      reporter.report(error, facts);
    },
  };
}

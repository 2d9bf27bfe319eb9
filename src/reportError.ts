import type { EventContext } from "./eventContext.ts";
import type { IsolateState } from "./isolate.ts";
import { createErrorReporter } from "./telemetry/errors/errorReporter.ts";
import { scrubText } from "./telemetry/errors/scrubText.ts";
import type { SendOptions } from "./telemetry/errors/sendReport.ts";
import { logLine } from "./telemetry/logLine.ts";

/** Who sends errors on, and as errors of which release. */
export interface ErrorTracking {
  readonly release: string;
  readonly capture: SendOptions["capture"] | undefined;
}

/**
 * A mistake of ours: one line in the log, scrubbed, and a report where there is somebody to report to. Never throws,
 * never waits. `state`: undefined where the configuration is wrong; then only the log tells.
 */
export function reportError(
  state: IsolateState | undefined,
  ctx: EventContext,
  { release, capture }: ErrorTracking,
  error: unknown,
  facts: Readonly<Record<string, unknown>>,
): void {
  state?.instruments.logLine("error");
  logLine("error", { ...facts, error: scrubText(error instanceof Error ? error.message : String(error)) });
  if (!state?.config.sentry || !capture) return;
  createErrorReporter({
    dsn: state.config.sentry,
    capture,
    release,
    environment: "production",
    state: state.errors,
    now: Date.now,
    waitUntil: (work) => ctx.waitUntil(work),
    onOutcome: ({ kind }) => state.instruments.errorReported(kind),
  }).report(error, facts);
}

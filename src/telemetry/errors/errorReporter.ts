import { SEND_DEADLINE_MS } from "./constants.ts";
import { describeError } from "./describeError.ts";
import { admit, forget } from "./errorBudget.ts";
import { errorReport } from "./errorReport.ts";
import { fingerprintOf } from "./fingerprintOf.ts";
import type { Dsn } from "./readDsn.ts";
import { type ErrorOutcome, type SendOptions, sendReport } from "./sendReport.ts";

/**
 * Tells the operators of errors, through Sentry; this folder is all there is of that. Pure but for `sendReport.ts`,
 * which sends, and `toucanClient.ts`, which knows the format; imports nothing of the core.
 */
export interface ErrorReporter {
  /** Takes whatever was thrown, and what is known of the event. Never throws and never waits. */
  report(error: unknown, facts: Readonly<Record<string, unknown>>): void;
}

export interface ErrorReporterOptions extends Omit<SendOptions, "dsn" | "fetch"> {
  /** None: reporting is off. */
  readonly dsn: Dsn | undefined;
  /** The event's. */
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** The platform's by default. */
  readonly fetch?: SendOptions["fetch"] | undefined;
  readonly deadlineMs?: number;
  /** Told once for each report, for the metrics. */
  readonly onOutcome?: (outcome: ErrorOutcome) => void;
}

const OFF: ErrorReporter = { report() {} };
const BROKEN: ErrorOutcome = { kind: "failed", reason: "broken" };

/**
 * A reporter for one event (request, cron run). It sends one report after the other, for an event has six connections
 * in all; each has `deadlineMs` from when it was reported.
 */
export function createErrorReporter(options: ErrorReporterOptions): ErrorReporter {
  const { dsn, state, now, waitUntil, deadlineMs = SEND_DEADLINE_MS } = options;
  if (dsn === undefined) return OFF;
  const sendOptions: SendOptions = { ...options, dsn, fetch: options.fetch ?? ((url, init) => fetch(url, init)) };
  let last: Promise<void> = Promise.resolve();

  function tell(outcome: ErrorOutcome): void {
    try {
      options.onOutcome?.(outcome);
    } catch {
      // Counting must not turn one error into two.
    }
  }

  return {
    report(error, facts) {
      try {
        const described = describeError(error);
        const fingerprint = fingerprintOf(described[0]);
        const admission = admit(state, fingerprint, now());
        if (admission !== "admitted") return tell({ kind: "dropped", reason: admission });
        const report = errorReport(described, facts);
        const signal = AbortSignal.timeout(deadlineMs);
        last = last.then(async () => {
          const outcome = await sendReport(report, sendOptions, signal).catch(() => BROKEN);
          if (mayArriveLater(outcome)) forget(state, fingerprint);
          tell(outcome);
        });
      } catch {
        return tell(BROKEN);
      }
      try {
        waitUntil(last);
      } catch {
        // The event is over: the report goes out if the platform lets it.
      }
    },
  };
}

/** Whether the next of its kind should be taken for the first, since this one was lost and that one may not be. */
function mayArriveLater(outcome: ErrorOutcome): boolean {
  if (outcome.kind === "sent") return false;
  return outcome.reason !== "refused" || outcome.status >= 500; // what Sentry will not take it will not take again
}

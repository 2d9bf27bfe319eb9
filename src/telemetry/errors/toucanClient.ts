import { linkedErrorsIntegration, Toucan } from "toucan-js";
import { MAX_CAUSES, MAX_DEPTH, MAX_TEXT_CHARS } from "./constants.ts";
import type { ErrorReport } from "./errorReport.ts";
import type { CaptureOptions } from "./sendReport.ts";

/**
 * Hands one report to toucan-js, which makes Sentry's envelope of it and calls `post` once, before this returns. The
 * only file that knows toucan-js: it is sunset, and whatever follows it takes its place here.
 *
 * An instance lives for one report. Requests interleave in an isolate, and a shared one would put what one of them set
 * into the events of the others. It gets no request and no context: no integration adds to what was scrubbed, and the
 * waiting, the deadline and the limits are ours.
 */
export function captureWithToucan(report: ErrorReport, { dsn, release, environment, post }: CaptureOptions): void {
  const toucan = new Toucan({
    dsn: dsn.text,
    release,
    environment,
    defaultIntegrations: false,
    integrations: [linkedErrorsIntegration({ limit: MAX_CAUSES })],
    maxValueLength: MAX_TEXT_CHARS,
    normalizeDepth: MAX_DEPTH + 2,
    // Only `method` and `body` are given, and of the answer only status and headers are read.
    transportOptions: { fetcher: post as typeof fetch },
  });
  const code = report.errors[0]?.code;
  if (code !== undefined) toucan.setTag("code", code);
  toucan.setExtra("facts", report.facts);
  toucan.setExtra("details", report.details);
  toucan.captureException(asError(report));
}

/** The scrubbed words as an error, for toucan reads stacks and causes from one. */
function asError({ errors }: ErrorReport): Error | undefined {
  return errors.reduceRight<Error | undefined>((cause, { name, message, frames }) => {
    const error = new Error(message, cause && { cause });
    error.name = name;
    error.stack = [name, ...frames].join("\n");
    return error;
  }, undefined);
}

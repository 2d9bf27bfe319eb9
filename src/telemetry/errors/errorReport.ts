import type { DescribedError } from "./describeError.ts";
import { type Scrubbed, scrub } from "./scrub.ts";
import { scrubText } from "./scrubText.ts";

/** One error of a report, scrubbed. */
interface ReportedError {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly frames: readonly string[];
}

/** What leaves the isolate: made by `errorReport` alone, which scrubs all of it. */
export interface ErrorReport {
  /** The one that was thrown, then its causes. */
  readonly errors: readonly ReportedError[];
  /** Whatever else each of them carries. */
  readonly details: Scrubbed;
  /** What the event was about: route, request id and the like. */
  readonly facts: Scrubbed;
}

/** The report of an error and the facts of its event, without secrets. */
export function errorReport(
  described: readonly DescribedError[],
  facts: Readonly<Record<string, unknown>>,
): ErrorReport {
  return {
    errors: described.map(({ name, message, code, frames }) => ({
      name: scrubText(name, 100),
      message: scrubText(message),
      code: code === undefined ? undefined : scrubText(code, 100),
      frames: frames.map((frame) => scrubText(frame)),
    })),
    details: scrub(described.map(({ details }) => details)),
    facts: scrub(facts),
  };
}

import { type Admission, type ErrorState, mustWait, wait } from "./errorBudget.ts";
import type { ErrorReport } from "./errorReport.ts";
import type { Dsn } from "./readDsn.ts";
import { waitAfter } from "./waitAfter.ts";

/**
 * How a report ended. `dropped`: see `Admission`, or Sentry answered 429. `no-answer`: none within the deadline, or the
 * connection failed; `refused`: a status that is neither 2xx nor 429; `broken`: nothing was sent, a bug.
 */
export type ErrorOutcome =
  | { readonly kind: "sent" }
  | { readonly kind: "dropped"; readonly reason: Exclude<Admission, "admitted"> }
  | { readonly kind: "failed"; readonly reason: "refused"; readonly status: number }
  | { readonly kind: "failed"; readonly reason: "no-answer" | "broken" };

interface PostInit {
  readonly method: string;
  readonly body: string;
}

export interface CaptureOptions {
  readonly dsn: Dsn;
  readonly release: string;
  readonly environment: string;
  readonly post: (url: string, init: PostInit) => Promise<Response>;
}

export interface SendOptions extends Omit<CaptureOptions, "post"> {
  /** The isolate's. */
  readonly state: ErrorState;
  readonly now: () => number;
  /**
   * Makes Sentry's envelope of a report and posts it, once, before it returns: `captureWithToucan`. Given and not
   * imported, because toucan's types declare the Worker's globals in every program that meets them.
   */
  readonly capture: (report: ErrorReport, options: CaptureOptions) => void;
  readonly fetch: (
    url: string,
    init: PostInit & { readonly redirect: "manual"; readonly signal: AbortSignal },
  ) => Promise<Response>;
}

/** Sends one report, unless Sentry has said meanwhile to wait, and obeys what the answer says. */
export async function sendReport(
  report: ErrorReport,
  { capture, fetch, state, now, dsn, release, environment }: SendOptions,
  signal: AbortSignal,
): Promise<ErrorOutcome> {
  if (mustWait(state, now())) return { kind: "dropped", reason: "told-to-wait" };
  if (signal.aborted) return { kind: "failed", reason: "no-answer" };
  const answers: Promise<Response>[] = [];
  function post(url: string, { method, body }: PostInit): Promise<Response> {
    const answer = fetch(url, { method, body, redirect: "manual", signal }); // to nobody else, whoever says so
    answers.push(answer);
    return answer;
  }
  try {
    capture(report, { dsn, release, environment, post });
  } catch {
    return { kind: "failed", reason: "broken" };
  }
  const [answering] = answers;
  if (answering === undefined) return { kind: "failed", reason: "broken" };
  try {
    return obey(await orAborted(answering, signal), state, now());
  } catch {
    return { kind: "failed", reason: "no-answer" };
  }
}

function obey({ status, headers, body }: Response, state: ErrorState, now: number): ErrorOutcome {
  body?.cancel().catch(() => {}); // an unread body keeps its connection
  const retryAfter = headers.get("Retry-After");
  const waitMs = waitAfter({ status, retryAfter, rateLimits: headers.get("X-Sentry-Rate-Limits") }, now);
  if (waitMs > 0) wait(state, waitMs, now);
  if (status === 429) return { kind: "dropped", reason: "told-to-wait" };
  return status >= 200 && status < 300 ? { kind: "sent" } : { kind: "failed", reason: "refused", status };
}

/** Not every `fetch` ends when its signal does. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

import { DEFAULT_WAIT_MS } from "./constants.ts";

/** The parts of an answer that may ask us to wait. */
interface SentryAnswer {
  readonly status: number;
  /** `Retry-After`. */
  readonly retryAfter: string | null;
  /** `X-Sentry-Rate-Limits`. */
  readonly rateLimits: string | null;
}

/**
 * How long to send no errors after this answer, in milliseconds; 0: go on. As Sentry's documentation for SDKs has it
 * ("Rate Limiting", stages 1 and 2): the list of limits counts on any status and alone, else `Retry-After` on a 429,
 * else a 429 means a minute.
 */
export function waitAfter({ status, retryAfter, rateLimits }: SentryAnswer, now: number): number {
  if (rateLimits !== null && rateLimits.trim() !== "") return longestLimit(rateLimits);
  if (status !== 429) return 0;
  return retryAfter === null ? DEFAULT_WAIT_MS : retryAfterMs(retryAfter.trim(), now);
}

/** `60:transaction:key, 2700:default;error;security:organization`: seconds, categories (none: all), and more of no use. */
function longestLimit(header: string): number {
  const limits = header.replace(/\s/g, "").split(",").filter(Boolean);
  return limits.reduce((longest, limit) => {
    const [seconds = "", categories = ""] = limit.split(":");
    const isOurs = categories === "" || categories.split(";").includes("error"); // we send nothing else
    return isOurs ? Math.max(longest, secondsMs(seconds) ?? DEFAULT_WAIT_MS) : longest;
  }, 0);
}

/** Seconds, or the date as HTTP writes it; what is neither counts as not said. */
function retryAfterMs(value: string, now: number): number {
  const date = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  return secondsMs(value) ?? (Number.isNaN(date) ? DEFAULT_WAIT_MS : Math.max(0, date - now));
}

function secondsMs(value: string): number | undefined {
  return /^\d+(?:\.\d*)?$/.test(value) ? Number(value) * 1_000 : undefined;
}

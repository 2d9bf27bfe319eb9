import { wordsOf } from "./wordsOf.ts";

/**
 * Why an object did not answer. `overloaded`: it has too much to do, asking again makes it worse. `reset`: it was
 * restarted (a deploy, an eviction, lost network); once more on a new stub is right. `missing`: it is of an older
 * deploy and has no such method. `quota`: the account's allowance is spent. `timeout`: it did not answer in time.
 */
export type ObjectTrouble = "overloaded" | "reset" | "missing" | "quota" | "timeout" | "failed";

/** Facts that the runtime puts on the errors of a stub. */
interface StubFlags {
  readonly overloaded?: unknown;
  readonly retryable?: unknown;
  readonly durableObjectReset?: unknown;
}

const QUOTA = /exceeded (allowed|the daily) .*(free tier|plan)|spending (cap|limit)|daily limit/i;
const OVERLOADED =
  /overloaded|too many requests|too much data queued|generating too much load|too many concurrent storage operations/i;
const MISSING = /does not implement the method|is not a function/i;

/** A reset that comes again with each repetition: it stands with what overloads. */
const EXHAUSTED = /exceeded its (memory|cpu time) limit/i;
const RESET =
  /reset because its code was updated|code has been updated|network connection lost|no longer active|object (has been|was) reset|(caused object to be|abort\(\) to) reset|broken\.|cannot resolve durable object|internal error/i;

/**
 * What an error of a stub means. Words that forbid a second try come first, then flags, then the other words: the flags
 * did not always survive each hop, and the most frequent failure of all, a deploy, is told by words alone in older
 * runtimes. Source: Cloudflare's "Error handling", "Troubleshooting" and "Spending limits" pages for Durable Objects,
 * and the messages of workerd.
 */
export function objectTrouble(error: unknown): ObjectTrouble {
  const words = wordsOf(error);
  const { overloaded, retryable, durableObjectReset } = flagsOf(error);
  if (QUOTA.test(words)) return "quota";
  if (overloaded === true || OVERLOADED.test(words) || EXHAUSTED.test(words)) return "overloaded";
  if (MISSING.test(words)) return "missing";
  if (durableObjectReset === true || retryable === true || RESET.test(words)) return "reset";
  return "failed";
}

function flagsOf(error: unknown): StubFlags {
  try {
    const { overloaded, retryable, durableObjectReset } = (error ?? {}) as StubFlags;
    return { overloaded, retryable, durableObjectReset };
  } catch {
    return {};
  }
}

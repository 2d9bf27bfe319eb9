/**
 * Why an object did not answer. `overloaded`: it has too much to do, asking again makes it worse. `reset`: it was
 * restarted (a deploy, an eviction, lost network); once more on a new stub is right. `missing`: it is of an older
 * deploy and has no such method. `quota`: the account's allowance is spent. `timeout`: it did not answer in time.
 */
export type ObjectTrouble = "overloaded" | "reset" | "missing" | "quota" | "timeout" | "failed";

/** Facts that the runtime puts on the errors of a stub. */
interface StubError {
  readonly message?: unknown;
  readonly overloaded?: unknown;
  readonly retryable?: unknown;
  readonly durableObjectReset?: unknown;
}

const QUOTA = /exceeded allowed .*(free tier|plan)|spending (cap|limit)|daily limit/i;
const OVERLOADED = /overloaded|too many requests|too much data queued|generating too much load/i;
const MISSING = /does not implement the method|is not a function/i;
const RESET =
  /reset because its code was updated|network connection lost|object (has been|was) reset|caused object to be reset|broken\.|cannot resolve durable object|internal error/i;

/**
 * What an error of a stub means. Flags first, then words: the flags did not always survive each hop, and the most
 * frequent failure of all, a deploy, is told by words alone in older runtimes. Source: Cloudflare's "Error handling"
 * and "Troubleshooting" pages for Durable Objects.
 */
export function objectTrouble(error: unknown): ObjectTrouble {
  const { message, overloaded, retryable, durableObjectReset } = (error ?? {}) as StubError;
  const words = typeof message === "string" ? message : String(error);
  if (QUOTA.test(words)) return "quota";
  if (overloaded === true || OVERLOADED.test(words)) return "overloaded";
  if (MISSING.test(words)) return "missing";
  if (durableObjectReset === true || retryable === true || RESET.test(words)) return "reset";
  return "failed";
}

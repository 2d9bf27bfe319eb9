import { QUOTA_PAUSE_MS } from "./constants.ts";
import { type ObjectTrouble, objectTrouble } from "./objectTrouble.ts";
import { wordsOf } from "./wordsOf.ts";

/** How a call of an object ended. `tookMs`: from before the first try to the end. */
export type Called<T> =
  | { readonly kind: "answered"; readonly value: T; readonly tookMs: number }
  | { readonly kind: "failed"; readonly trouble: ObjectTrouble; readonly tookMs: number; readonly message: string };

/** What a caller remembers between calls: until when the account's allowance is spent. */
export interface CallMemory {
  quotaUntil: number;
}

export interface CallOptions {
  readonly deadlineMs: number;
  readonly now: () => number;
  readonly random: () => number;
  readonly memory: CallMemory;
}

/** Pause before the one retry, at most: a reset object is back in milliseconds, and all its callers come at once. */
const RETRY_PAUSE_MS = 100;

/**
 * Calls an object: within a deadline, on a new stub per try, a second time only where the object was reset. Never
 * throws; whoever calls goes on without the answer. The method must be safe to repeat.
 */
export async function callObject<Stub, T>(
  open: () => Stub,
  invoke: (stub: Stub) => Promise<T>,
  { deadlineMs, now, random, memory }: CallOptions,
): Promise<Called<T>> {
  const startedAt = now();
  /** Never negative, and so never more time left than there was: a clock may be put back. */
  const elapsedMs = () => Math.max(0, now() - startedAt);
  if (isOutOfQuota(memory, startedAt)) return failed("quota", "out of quota", 0);
  for (let attempt = 0; ; attempt++) {
    const ended = await within(deadlineMs - elapsedMs(), () => invoke(open()));
    if (ended.kind === "value") return { kind: "answered", value: ended.value, tookMs: elapsedMs() };
    if (ended.kind === "timeout") return failed("timeout", `no answer in ${deadlineMs} ms`, elapsedMs());
    const trouble = objectTrouble(ended.error);
    if (trouble === "quota") memory.quotaUntil = now() + QUOTA_PAUSE_MS;
    const pauseMs = random() * RETRY_PAUSE_MS;
    if (attempt === 0 && trouble === "reset" && elapsedMs() + pauseMs < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (elapsedMs() < deadlineMs) continue; // a timer may come late: a call with no time left only costs
    }
    return failed(trouble, wordsOf(ended.error), elapsedMs());
  }
}

/** A pause that ends later than any pause can was noted by a clock that went wrong. */
function isOutOfQuota({ quotaUntil }: CallMemory, now: number): boolean {
  return quotaUntil > now && quotaUntil - now <= QUOTA_PAUSE_MS;
}

type Ended<T> = { kind: "value"; value: T } | { kind: "error"; error: unknown } | { kind: "timeout" };

/** What comes first: the outcome or the end of the time. What comes later is heeded by nobody, and harms nobody. */
function within<T>(ms: number, work: () => Promise<T>): Promise<Ended<T>> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ kind: "timeout" }), Math.max(0, ms));
    const end = (ended: Ended<T>) => {
      clearTimeout(timer);
      resolve(ended);
    };
    const fail = (error: unknown) => end({ kind: "error", error });
    try {
      work().then((value) => end({ kind: "value", value }), fail);
    } catch (error) {
      fail(error); // a namespace that is not bound, or a stub that cannot be made
    }
  });
}

function failed<T>(trouble: ObjectTrouble, message: string, tookMs: number): Called<T> {
  return { kind: "failed", trouble, message, tookMs };
}

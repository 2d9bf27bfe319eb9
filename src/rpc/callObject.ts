import { QUOTA_PAUSE_MS } from "./constants.ts";
import { type ObjectTrouble, objectTrouble } from "./objectTrouble.ts";

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
  if (memory.quotaUntil > startedAt) return failed("quota", "out of quota", startedAt, startedAt);
  for (let attempt = 0; ; attempt++) {
    const leftMs = deadlineMs - (now() - startedAt);
    const ended = await within(leftMs, () => invoke(open()));
    if (ended.kind === "value") return { kind: "answered", value: ended.value, tookMs: now() - startedAt };
    if (ended.kind === "timeout") return failed("timeout", `no answer in ${deadlineMs} ms`, startedAt, now());
    const trouble = objectTrouble(ended.error);
    if (trouble === "quota") memory.quotaUntil = now() + QUOTA_PAUSE_MS;
    const pauseMs = random() * RETRY_PAUSE_MS;
    const isLast = attempt > 0 || trouble !== "reset" || now() - startedAt + pauseMs >= deadlineMs;
    if (isLast) return failed(trouble, wordsOf(ended.error), startedAt, now());
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
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

function failed<T>(trouble: ObjectTrouble, message: string, startedAt: number, now: number): Called<T> {
  return { kind: "failed", trouble, message, tookMs: now - startedAt };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { KV_KEY_GAP_MS } from "./constants.ts";
import { type HotKey, type NextRun, neededMs } from "./warmFacts.ts";

/**
 * What becomes of an answer that a warming run loaded. `unchanged`: KV has the same, and for long enough.
 * `just-written`: the last write is not seen everywhere yet. `kv-writes`: this run has none left, so that loading more
 * is of no use either.
 */
export type KvWritePlan =
  | { readonly kind: "write" }
  | { readonly kind: "skip"; readonly why: "unchanged" | "just-written" | "kv-writes" };

export interface KvWriteFacts {
  readonly now: number;
  /** The copy in KV, and until when it is shown without that anybody waits: its route's stale-while-revalidate counted. */
  readonly copy: Pick<HotKey, "hash" | "loadedAt" | "errorUntil" | "loadMs"> & { readonly staleUntil: number };
  /** Of the answer that was loaded. */
  readonly hash: string;
  readonly next: NextRun;
  /** How long a copy shall last if the database went away now. */
  readonly runwayMs: number;
  /** What is left of what this run may write. */
  readonly kvWrites: number;
}

/**
 * Whether to write it to KV, whose writes are the scarcest thing there is on the free plan (1,000 a day): not where the
 * same answer lies there and can be shown until the next run's copy is seen, and in an outage for long enough.
 */
export function planKvWrite({ now, copy, hash, next, runwayMs, kvWrites }: KvWriteFacts): KvWritePlan {
  const isSame = copy.loadedAt > 0 && copy.hash === hash;
  const lasts = copy.staleUntil - now >= neededMs(next, copy.loadMs) && copy.errorUntil - now >= runwayMs;
  if (isSame && lasts) return { kind: "skip", why: "unchanged" };
  if (now - copy.loadedAt < KV_KEY_GAP_MS) return { kind: "skip", why: "just-written" };
  return kvWrites < 1 ? { kind: "skip", why: "kv-writes" } : { kind: "write" };
}

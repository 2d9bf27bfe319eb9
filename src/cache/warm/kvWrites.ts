import type { CacheEntry } from "../entry.ts";
import { planKvWrite } from "./planKvWrite.ts";
import type { HotKey, NextRun } from "./warmFacts.ts";

/** A hot key's copy in KV, and how long after being fresh it may be shown, by its route. In milliseconds. */
export interface WrittenCopy {
  readonly hot: HotKey;
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
}

/** What one warming run writes to KV: within its allowance, and only what is worth it. */
export class KvWrites {
  readonly #next: NextRun | undefined;
  #left: number;

  /** `next` undefined: somebody named what is to be written, whatever lies there. */
  constructor(allowed: number, next: NextRun | undefined) {
    this.#left = allowed;
    this.#next = next;
  }

  /** Nothing more can be written: to load it is of no use either. */
  get areGone(): boolean {
    return this.#left < 1;
  }

  /** Whether what was loaded is to be written; it counts as written then. */
  take({ hot, staleWhileRevalidateMs, staleIfErrorMs }: WrittenCopy, { hash }: Pick<CacheEntry, "hash">, now: number) {
    const isWanted =
      this.#next === undefined ||
      planKvWrite({
        now,
        copy: { ...hot, staleUntil: hot.freshUntil + staleWhileRevalidateMs },
        hash,
        next: this.#next,
        // At least half of what its route promises for an outage.
        runwayMs: staleIfErrorMs / 2,
        kvWrites: this.#left,
      }).kind === "write";
    if (!isWanted || this.areGone) return false;
    this.#left--;
    return true;
  }
}

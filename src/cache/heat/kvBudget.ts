import * as z from "zod/mini";
import { readMessage } from "../../rpc/readMessage.ts";
import {
  DAY_MS,
  KV_CHANGED_GAP_MS,
  KV_REFRESH_AHEAD_MS,
  KV_REFRESH_SHARE,
  KV_SCARCE_SHARE,
  KV_STORED_KEYS,
  KV_UNCHANGED_GAP_MS,
  KV_WRITES_A_DAY,
  MAX_LEASED_KEYS,
} from "../constants.ts";

const rowSchema = z.object({
  day: z.number(),
  writes: z.number(),
  aDay: z.optional(z.number()),
  /** `[key, written at, hash]`, the latest last. */
  last: z._default(z.array(z.tuple([z.string(), z.number(), z.string()])), []),
});

/** Writes to KV that somebody told of: how many by day (UTC), as KV counts them, and when each key's last one was. */
export class KvBudget {
  #day: number;
  #writes: number;
  /** As isolates said last. */
  #aDay: number;
  readonly #last: Map<string, { readonly at: number; readonly hash: string }>;

  constructor(rows: ReadonlyMap<string, string>) {
    const row = readMessage(rowSchema, rows.get("kv"), Number.POSITIVE_INFINITY);
    this.#day = row?.day ?? 0;
    this.#writes = row?.writes ?? 0;
    this.#aDay = row?.aDay ?? KV_WRITES_A_DAY.paid;
    this.#last = new Map(row?.last.map(([key, at, hash]) => [key, { at, hash }]));
  }

  /** Small, for it is stored with each write: on a quiet site the object is evicted between any two. */
  toRows(): Map<string, string> {
    const last = Array.from(this.#last, ([key, { at, hash }]) => [key, at, hash]).slice(-KV_STORED_KEYS);
    return new Map([["kv", JSON.stringify({ day: this.#day, writes: this.#writes, aDay: this.#aDay, last })]]);
  }

  /** It was written, or will be at once. */
  wrote(key: string, hash: string, now: number): void {
    const day = Math.floor(now / DAY_MS);
    if (day !== this.#day) this.#writes = 0;
    this.#day = day;
    this.#writes++;
    this.#last.delete(key);
    this.#last.set(key, { at: now, hash });
    const [oldest] = this.#last.keys();
    if (this.#last.size > MAX_LEASED_KEYS && oldest !== undefined) this.#last.delete(oldest);
  }

  /** That came to nothing: the key may be written again. The try counts: whether KV counted it nobody knows. */
  failed(key: string, hash: string): void {
    if (this.#last.get(key)?.hash === hash) this.#last.delete(key);
  }

  /**
   * Whether the last write of the key was long enough ago: others see one half a minute later or more, so that whatever
   * changes faster is not written each time, and what does not change only to live on.
   */
  isDue(key: string, hash: string, now: number): boolean {
    const last = this.#last.get(key);
    return !last || Math.abs(now - last.at) >= (last.hash === hash ? KV_UNCHANGED_GAP_MS : KV_CHANGED_GAP_MS);
  }

  /** What may be written a day: what who asked last said, or where nobody did, the paid plan's. */
  get aDay(): number {
    return this.#aDay;
  }

  /** What is left of today's. `aDay`: what whoever asks may write a day, who says so. */
  left(now: number, aDay?: number): number {
    this.#aDay = aDay ?? this.#aDay;
    return Math.max(0, this.#aDay - this.writes(now));
  }

  /** What refreshes may write now, so that the budget lasts the day: nothing, of the hottest keys alone, or of any. */
  refreshes(now: number, aDay?: number): "none" | "hottest" | "any" {
    this.#aDay = aDay ?? this.#aDay;
    const share = this.#aDay * KV_REFRESH_SHARE;
    const due = share * Math.min(1, ((now % DAY_MS) + KV_REFRESH_AHEAD_MS) / DAY_MS);
    const left = due - this.writes(now);
    if (left < 1) return "none";
    return left < (share * KV_REFRESH_AHEAD_MS * KV_SCARCE_SHARE) / DAY_MS ? "hottest" : "any";
  }

  /** Today's writes. */
  writes(now: number): number {
    return Math.floor(now / DAY_MS) === this.#day ? this.#writes : 0;
  }
}

import * as z from "zod/mini";
import { readMessage } from "../../rpc/readMessage.ts";
import { KV_REFRESH_AHEAD_MS, KV_REFRESH_SHARE, KV_SCARCE_SHARE, KV_WRITES_A_DAY } from "../constants.ts";

const rowSchema = z.object({ day: z.number(), writes: z.number() });
const DAY_MS = 86_400_000;

/** Writes to KV that somebody told of, by day (UTC), as KV counts them. What was not written down before an eviction is lost. */
export class KvBudget {
  #day: number;
  #writes: number;

  constructor(rows: ReadonlyMap<string, string>) {
    const { day, writes } = readMessage(rowSchema, rows.get("kv"), Number.POSITIVE_INFINITY) ?? { day: 0, writes: 0 };
    this.#day = day;
    this.#writes = writes;
  }

  toRows(): Map<string, string> {
    return new Map([["kv", JSON.stringify({ day: this.#day, writes: this.#writes })]]);
  }

  /** So many were made, or will be at once. */
  count(writes: number, now: number): void {
    const day = Math.floor(now / DAY_MS);
    if (day !== this.#day) this.#writes = 0;
    this.#day = day;
    this.#writes += writes;
  }

  /** What is left of today's. */
  left(now: number, aDay: number = KV_WRITES_A_DAY.paid): number {
    return Math.max(0, aDay - this.writes(now));
  }

  /** What refreshes may write now, so that the budget lasts the day: nothing, of the hottest keys alone, or of any. */
  refreshes(now: number, aDay: number = KV_WRITES_A_DAY.paid): "none" | "hottest" | "any" {
    const share = aDay * KV_REFRESH_SHARE;
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

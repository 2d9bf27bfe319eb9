import * as z from "zod/mini";
import { readMessage } from "../../rpc/readMessage.ts";
import { KV_WRITES_A_DAY } from "../constants.ts";

const rowSchema = z.object({ day: z.number(), writes: z.number(), aDay: z.optional(z.number()) });
const DAY_MS = 86_400_000;

/** Writes to KV that somebody told of, by day (UTC), as KV counts them. What was not written down before an eviction is lost. */
export class KvBudget {
  #day: number;
  #writes: number;
  /** As isolates said last. */
  #aDay: number;

  constructor(rows: ReadonlyMap<string, string>) {
    const row = readMessage(rowSchema, rows.get("kv"), Number.POSITIVE_INFINITY);
    this.#day = row?.day ?? 0;
    this.#writes = row?.writes ?? 0;
    this.#aDay = row?.aDay ?? KV_WRITES_A_DAY.paid;
  }

  toRows(): Map<string, string> {
    return new Map([["kv", JSON.stringify({ day: this.#day, writes: this.#writes, aDay: this.#aDay })]]);
  }

  /** So many were made, or will be at once. */
  count(writes: number, now: number): void {
    const day = Math.floor(now / DAY_MS);
    if (day !== this.#day) this.#writes = 0;
    this.#day = day;
    this.#writes += writes;
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

  /** Today's writes. */
  writes(now: number): number {
    return Math.floor(now / DAY_MS) === this.#day ? this.#writes : 0;
  }
}

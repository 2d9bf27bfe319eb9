import * as z from "zod/mini";
import { readMessage } from "../../rpc/readMessage.ts";
import { HEAT_LAG_MS, MAX_HOT_KEYS } from "../constants.ts";
import { fnv1a } from "../fnv1a.ts";

const number = z.number();
const rowSchema = z.object({
  /** `[hour, warmed, used]`, by when they were warmed. */
  hours: z._default(z.array(z.tuple([number, number, number])), []),
  /** `[key's digest, second]` of those that nobody wanted yet. */
  open: z._default(z.array(z.tuple([number, number])), []),
});

const ROW = "warming-use";
const HOUR_MS = 3_600_000;
const HOURS = 24;

/**
 * Of the copies that warming runs wrote, how many somebody wanted before the next one of the same key: what a run is worth.
 * Of the last day, by the hour of the run; what nobody wanted yet counts as not used. Keys are known by 32 bits of theirs:
 * in one of 60 sets of 12,000 two are taken for one.
 */
export class WarmingUse {
  readonly #hours: Map<number, { warmed: number; used: number }>;
  /** When each was warmed, in order of that. */
  readonly #open: Map<number, number>;

  constructor(rows: ReadonlyMap<string, string>) {
    const row = readMessage(rowSchema, rows.get(ROW), Number.POSITIVE_INFINITY) ?? { hours: [], open: [] };
    this.#hours = new Map(row.hours.map(([hour, warmed, used]) => [hour, { warmed, used }]));
    this.#open = new Map(row.open.map(([digest, second]) => [digest, second * 1_000]));
  }

  toRows(now: number): Map<string, string> {
    this.#forget(now);
    const hours = [...this.#hours].map(([hour, { warmed, used }]) => [hour, warmed, used]);
    const open = [...this.#open].map(([digest, at]) => [digest, Math.floor(at / 1_000)]);
    return new Map([[ROW, JSON.stringify({ hours, open })]]);
  }

  warmed(key: string, now: number): void {
    this.#hour(now).warmed++;
    this.#open.delete(fnv1a(key));
    this.#open.set(fnv1a(key), now);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MAX_HOT_KEYS && oldest !== undefined) this.#open.delete(oldest);
  }

  /** Somebody asked for it: not told of in the first moments, which may be of before. */
  wanted(key: string, now: number): void {
    const at = this.#open.get(fnv1a(key));
    if (at === undefined || now - at < HEAT_LAG_MS) return;
    this.#open.delete(fnv1a(key));
    this.#hour(at).used++;
  }

  /** Another copy came. */
  replaced(key: string): void {
    this.#open.delete(fnv1a(key));
  }

  /** `precision`: null where nothing was warmed. */
  lastDay(now: number): { readonly warmed: number; readonly used: number; readonly precision: number | null } {
    this.#forget(now);
    const all = [...this.#hours.values()];
    const warmed = all.reduce((sum, hour) => sum + hour.warmed, 0);
    const used = all.reduce((sum, hour) => sum + hour.used, 0);
    return { warmed, used, precision: warmed === 0 ? null : Math.round((1_000 * used) / warmed) / 1_000 };
  }

  #hour(at: number): { warmed: number; used: number } {
    const hour = Math.floor(at / HOUR_MS);
    const counts = this.#hours.get(hour) ?? { warmed: 0, used: 0 };
    this.#hours.set(hour, counts);
    return counts;
  }

  /** Of more than a day ago, or of a clock that ran ahead. */
  #forget(now: number): void {
    const hour = Math.floor(now / HOUR_MS);
    const isOld = (at: number) => at <= hour - HOURS || at > hour + 1;
    for (const at of this.#hours.keys()) if (isOld(at)) this.#hours.delete(at);
    for (const [digest, at] of this.#open) if (isOld(Math.floor(at / HOUR_MS))) this.#open.delete(digest);
  }
}

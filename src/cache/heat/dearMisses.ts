import * as z from "zod/mini";
import { readMessage } from "../../rpc/readMessage.ts";
import { MAX_DEAR_KEYS, MISS_HALF_LIFE_MS } from "../constants.ts";
import type { MissCost } from "../missCosts.ts";

/** As of `at`. */
interface Cost {
  readonly misses: number;
  readonly waitedMs: number;
  readonly at: number;
}

const number = z.number();
/** `[key, misses, waited, at]`. */
const rowSchema = z.array(z.tuple([z.string(), number, number, number]));
const ROW = "dear-misses";

/** The keys that the world's visitors waited for longest; halved each hour, bounded, the cheapest forgotten first. */
export class DearMisses {
  readonly #costs: Map<string, Cost>;

  constructor(rows: ReadonlyMap<string, string>) {
    const row = readMessage(rowSchema, rows.get(ROW), Number.POSITIVE_INFINITY) ?? [];
    this.#costs = new Map(row.map(([key, misses, waitedMs, at]) => [key, { misses, waitedMs, at }]));
  }

  toRows(): Map<string, string> {
    const row = Array.from(this.#costs, ([key, { misses, waitedMs, at }]) => [
      key,
      Number(misses.toPrecision(6)),
      Number(waitedMs.toPrecision(6)),
      at,
    ]);
    return new Map([[ROW, JSON.stringify(row)]]);
  }

  /** Since their reporters' last words. */
  add(all: readonly (readonly [key: string, misses: number, waitedMs: number])[], now: number): void {
    for (const [key, misses, waitedMs] of all) {
      const known = this.#costs.get(key);
      const before = known ? decayed(known, now) : { misses: 0, waitedMs: 0 };
      this.#costs.set(key, { misses: before.misses + misses, waitedMs: before.waitedMs + waitedMs, at: now });
    }
    if (this.#costs.size <= MAX_DEAR_KEYS) return;
    for (const { key } of this.#sorted(now).slice(MAX_DEAR_KEYS)) this.#costs.delete(key);
  }

  /** The dearest first, rounded. What is less than a millisecond by now cost nobody anything. */
  dearest(count: number, now: number): MissCost[] {
    return this.#sorted(now)
      .slice(0, count)
      .filter(({ waitedMs }) => waitedMs >= 1)
      .map(({ key, misses, waitedMs }) => ({ key, misses: Math.round(misses), waitedMs: Math.round(waitedMs) }));
  }

  #sorted(now: number): MissCost[] {
    return Array.from(this.#costs, ([key, cost]) => ({ key, ...decayed(cost, now) })).sort(
      (a, b) => b.waitedMs - a.waitedMs || (a.key < b.key ? -1 : 1),
    );
  }
}

/** A clock that went back makes nothing dearer. */
function decayed({ misses, waitedMs, at }: Cost, now: number): Pick<MissCost, "misses" | "waitedMs"> {
  const share = 2 ** (-Math.max(0, now - at) / MISS_HALF_LIFE_MS);
  return { misses: misses * share, waitedMs: waitedMs * share };
}

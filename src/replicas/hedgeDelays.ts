import { MAX_HEDGED_QUERIES, MIN_HEDGE_MS } from "./constants.ts";
import { HedgeDelay } from "./hedgeDelay.ts";

/** After how long each named query is late, as this isolate sees it. */
export class HedgeDelays {
  readonly #queries = new Map<string, HedgeDelay>();

  /** A read was answered, or its time was over. */
  record(query: string, ms: number): void {
    this.#of(query)?.record(ms);
  }

  /** It was given up after so long, for another's answer. */
  outlasted(query: string, ms: number): void {
    const delay = this.#of(query);
    if (delay && ms > (delay.ms ?? Number.POSITIVE_INFINITY)) delay.record(ms);
  }

  /** Undefined: not known. */
  ofMs(query: string): number | undefined {
    const ms = this.#queries.get(query)?.ms;
    return ms === undefined ? undefined : Math.max(MIN_HEDGE_MS, ms);
  }

  #of(query: string): HedgeDelay | undefined {
    const known = this.#queries.get(query);
    if (known || this.#queries.size >= MAX_HEDGED_QUERIES) return known;
    const delay = new HedgeDelay();
    this.#queries.set(query, delay);
    return delay;
  }
}

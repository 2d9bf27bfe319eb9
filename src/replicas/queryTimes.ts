import { LEARNT_AFTER, MAX_TIMED_QUERIES, MIN_HEDGE_MS } from "./constants.ts";
import { RunningQuantile } from "./runningQuantile.ts";

/**
 * The share of a query's answers that are faster than one that is late. As many as may be asked twice: of 0.95, those that
 * are late on any day used the budget up, and had nothing left for a node that turned slow.
 */
const LATE = 0.98;

/** And than a quick one. Not the middle: with two nodes of which one is slow that would be anywhere between them. */
const QUICK = 0.1;

interface Times {
  readonly quick: RunningQuantile;
  readonly late: RunningQuantile;
}

/** How long each named query takes, wherever it is asked, as this isolate sees it. */
export class QueryTimes {
  readonly #queries = new Map<string, Times>();

  /** A read was answered, or its time was over. */
  record(query: string, ms: number): void {
    const times = this.#of(query);
    times?.quick.record(ms);
    times?.late.record(ms);
  }

  /** It was given up after so long, for another's answer: no answer, but where that was late already, later than that. */
  outlasted(query: string, ms: number): void {
    const times = this.#queries.get(query);
    if (times && ms > times.late.ms) times.late.record(ms);
  }

  /** After how long an answer of the query is later than 98 of 100; undefined: not known. */
  lateAfterMs(query: string): number | undefined {
    const late = this.#queries.get(query)?.late;
    return late === undefined || late.count < LEARNT_AFTER ? undefined : Math.max(MIN_HEDGE_MS, late.ms);
  }

  /** How much longer than a quick answer of the query that was: what is the node's, and not the question's. */
  excessMs(query: string, ms: number): number {
    const quick = this.#queries.get(query)?.quick;
    return quick === undefined ? 0 : Math.max(0, ms - quick.ms);
  }

  #of(query: string): Times | undefined {
    const known = this.#queries.get(query);
    if (known || this.#queries.size >= MAX_TIMED_QUERIES) return known;
    const times = { quick: new RunningQuantile(QUICK), late: new RunningQuantile(LATE) };
    this.#queries.set(query, times);
    return times;
  }
}

import type { FailureClass } from "./classify.ts";
import { MAX_QUERY_NAMES } from "./constants.ts";

/** What this isolate saw of one named query, since it began. Times are round trips in milliseconds. */
export interface QueryStatistics {
  readonly name: string;
  readonly count: number;
  readonly totalMs: number;
  readonly maxMs: number;
  readonly failures: Readonly<Partial<Record<FailureClass, number>>>;
}

interface Entry {
  count: number;
  totalMs: number;
  maxMs: number;
  failures: Partial<Record<FailureClass, number>>;
}

/** Counts and times per named query, bounded by number of names. */
export class Statistics {
  /** When the first attempt was counted. */
  since = 0;
  readonly #entries = new Map<string, Entry>();

  /** One attempt: how long it took, and what went wrong, if something did. */
  record(name: string, ms: number, now: number, failure?: FailureClass): void {
    this.since ||= now;
    const entry = this.#entry(name);
    if (!entry) return;
    entry.count++;
    entry.totalMs += ms;
    if (ms > entry.maxMs) entry.maxMs = ms;
    if (failure) entry.failures[failure] = (entry.failures[failure] ?? 0) + 1;
  }

  /** All of it, the costliest first. */
  snapshot(): QueryStatistics[] {
    return Array.from(this.#entries, ([name, entry]) => ({ name, ...entry, failures: { ...entry.failures } })).sort(
      (a, b) => b.totalMs - a.totalMs,
    );
  }

  #entry(name: string): Entry | undefined {
    const known = this.#entries.get(name);
    if (known || this.#entries.size >= MAX_QUERY_NAMES) return known;
    const entry: Entry = { count: 0, totalMs: 0, maxMs: 0, failures: {} };
    this.#entries.set(name, entry);
    return entry;
  }
}

import { Random } from "../../tools/seed/random.ts";

/** One request: when it comes, to which isolate, and what chance makes of it at the node. */
export interface Arrival {
  readonly atMs: number;
  readonly isolate: number;
  readonly luck: readonly [failure: number, duration: number];
}

export interface TraceOptions {
  readonly seed: number;
  readonly isolates: number;
  /** Requests a second of each. */
  readonly requestsPerSecond: number;
  readonly seconds: number;
}

/** Requests that come whether or not earlier ones were answered (an open model), each isolate's at random moments. */
export function traceOf({ seed, isolates, requestsPerSecond, seconds }: TraceOptions): readonly Arrival[] {
  const random = new Random(seed);
  const rate = (isolates * requestsPerSecond) / 1_000;
  const arrivals: Arrival[] = [];
  for (let atMs = 0; ; ) {
    atMs -= Math.log(1 - random.next()) / rate;
    if (atMs >= seconds * 1_000) return arrivals;
    arrivals.push({ atMs, isolate: random.below(isolates), luck: [random.next(), random.next()] });
  }
}

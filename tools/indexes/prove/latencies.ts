import type { Query } from "../../../src/database/query.ts";
import type { SampledQuery } from "../sample.ts";
import { LATENCY_BUDGET_MS, LATENCY_LEAST_ROUNDS, LATENCY_ROUNDS } from "./constants.ts";
import { type Latency, latencyOf } from "./latencyOf.ts";
import { keyOf } from "./measure.ts";

/**
 * How long each sample of the reads takes at whoever asks, by its key. One after another, the first answer not counted;
 * fewer rounds where they take long.
 */
export async function latencies(
  ask: (query: Query) => Promise<unknown>,
  queries: readonly SampledQuery[],
): Promise<ReadonlyMap<string, Latency>> {
  const found = new Map<string, Latency>();
  for (const { name, kind, samples } of queries) {
    if (kind !== "read") continue;
    for (const { shape, label, query } of samples) {
      await ask(query);
      const durations: number[] = [];
      const startedAt = performance.now();
      const isEnough = () =>
        durations.length >= LATENCY_ROUNDS ||
        (durations.length >= LATENCY_LEAST_ROUNDS && performance.now() - startedAt > LATENCY_BUDGET_MS);
      while (!isEnough()) {
        const askedAt = performance.now();
        await ask(query);
        durations.push(performance.now() - askedAt);
      }
      found.set(keyOf({ name, shape, label }), latencyOf(durations));
    }
  }
  return found;
}

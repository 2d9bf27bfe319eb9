import { CONFIDENCE, RESAMPLING_SEED, RESAMPLINGS, SAME_BUFFERS_WITHIN } from "./constants.ts";
import type { MeasuredQuery, Measurement } from "./measurement.ts";
import { type Obstacle, obstacles } from "./obstacles.ts";
import { pairedRatio, type RatioInterval } from "./pairedRatio.ts";
import { quantile } from "./quantile.ts";

const BOOTSTRAP = { resamplings: RESAMPLINGS, confidence: CONFIDENCE, seed: RESAMPLING_SEED };

interface QueryNumbers {
  readonly buffers: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly walBytes: number;
  readonly indexes: readonly string[];
}

/** One query with one sort of parameters, before and after. */
export interface ComparedQuery {
  readonly name: string;
  readonly sample: string;
  readonly kind: "read" | "write";
  readonly before: QueryNumbers;
  readonly after: QueryNumbers;
  readonly p50: RatioInterval;
  readonly p95: RatioInterval;
  /** Buffers are exact: more or fewer by a tenth is a change. */
  readonly buffers: "fewer" | "same" | "more";
  /** Only where the whole interval of p50 lies on one side of 1, and of what the machine did (`Comparison.control`). */
  readonly latency: "faster" | "slower" | "undecided";
  /** Why nothing is claimed of it, though it has numbers. */
  readonly noClaim?: string;
}

export interface Comparison {
  readonly before: Measurement;
  readonly after: Measurement;
  readonly obstacles: readonly Obstacle[];
  readonly queries: readonly ComparedQuery[];
  /** In one of the two alone, or without numbers, and why. */
  readonly left: readonly { readonly name: string; readonly sample: string; readonly reason: string }[];
  /** The geometric mean of p50 over all queries that something is claimed of; none without any. */
  readonly overall: RatioInterval | undefined;
  /** The same over reads whose plan and buffers are what they were: what the machine did, and no index. */
  readonly control: RatioInterval | undefined;
}

/** Sets two baselines beside each other. Says of whatever it cannot claim why. */
export function compare(before: Measurement, after: Measurement): Comparison {
  const left: { name: string; sample: string; reason: string }[] = [];
  const queries: ComparedQuery[] = [];
  const key = ({ name, sample }: MeasuredQuery) => `${name} ${sample}`;
  const then = new Map(before.queries.map((query) => [key(query), query]));
  for (const now of after.queries) {
    const { name, sample } = now;
    const earlier = then.get(key(now));
    then.delete(key(now));
    const reason = earlier === undefined ? `only in "${after.label}"` : (earlier.trouble ?? now.trouble);
    if (earlier === undefined || reason !== undefined) left.push({ name, sample, reason: reason ?? "" });
    else queries.push(compared(earlier, now, whyNoClaim(earlier, now, [before, after])));
  }
  for (const { name, sample } of then.values()) left.push({ name, sample, reason: `only in "${before.label}"` });
  const claimed = queries.filter(({ noClaim }) => noClaim === undefined);
  const control = meanRatio(claimed.filter(isUnchanged));
  return {
    before,
    after,
    obstacles: obstacles(before, after),
    queries: queries.map((query) => ({ ...query, latency: latencyOf(query, control) })),
    left,
    overall: meanRatio(claimed),
    control,
  };
}

function latencyOf({ p50 }: ComparedQuery, control: RatioInterval | undefined): ComparedQuery["latency"] {
  if (p50.high < Math.min(1, control?.low ?? 1)) return "faster";
  return p50.low > Math.max(1, control?.high ?? 1) ? "slower" : "undecided";
}

function isUnchanged({ kind, before, after }: ComparedQuery): boolean {
  return kind === "read" && before.buffers === after.buffers && before.indexes.join() === after.indexes.join();
}

function meanRatio(queries: readonly ComparedQuery[]): RatioInterval | undefined {
  if (queries.length === 0) return undefined;
  const pairs = {
    before: queries.map(({ before }) => before.p50Ms),
    after: queries.map(({ after }) => after.p50Ms),
  };
  return pairedRatio(pairs, geometricMean, BOOTSTRAP);
}

function compared(before: MeasuredQuery, after: MeasuredQuery, noClaim: string | undefined): ComparedQuery {
  const rounds = Math.min(before.ms.length, after.ms.length);
  const pairs = { before: before.ms.slice(0, rounds), after: after.ms.slice(0, rounds) };
  const p50 = pairedRatio(pairs, (values) => quantile(values, 0.5), BOOTSTRAP);
  const p95 = pairedRatio(pairs, (values) => quantile(values, 0.95), BOOTSTRAP);
  const margin = before.buffers * SAME_BUFFERS_WITHIN;
  const change = after.buffers - before.buffers;
  return {
    name: after.name,
    sample: after.sample,
    kind: after.kind,
    before: numbers(before),
    after: numbers(after),
    p50,
    p95,
    buffers: Math.abs(change) <= margin ? "same" : change < 0 ? "fewer" : "more",
    latency: "undecided",
    ...(noClaim === undefined ? {} : { noClaim }),
  };
}

function numbers({ buffers, ms, walBytes, indexes }: MeasuredQuery): QueryNumbers {
  return { buffers, p50Ms: quantile(ms, 0.5), p95Ms: quantile(ms, 0.95), walBytes, indexes };
}

function whyNoClaim(before: MeasuredQuery, after: MeasuredQuery, runs: readonly Measurement[]): string | undefined {
  if (before.text !== after.text) return "its SQL changed in between";
  for (const { label, tables } of runs) {
    for (const { name, rows, analysed } of tables) {
      if (!after.tables.includes(name) && !before.tables.includes(name)) continue;
      if (analysed === "never") return `${name} was never analysed when "${label}" was taken: run ANALYZE ${name}`;
      if (analysed === "stale") return `${name} had grown since its last ANALYZE when "${label}" was taken`;
      if (rows === 0) return `${name} was empty when "${label}" was taken`;
    }
  }
  return undefined;
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

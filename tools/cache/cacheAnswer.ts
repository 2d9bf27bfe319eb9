import * as z from "zod/mini";
import { AdminError } from "../admin/adminError.ts";

const counts = z.record(z.string(), z.number());
/** Seconds. */
const served = z.optional(z.nullable(z.object({ p50: z.number(), p90: z.number(), p99: z.number() })));
const costs = z.array(z.object({ key: z.string(), misses: z.number(), waitedMs: z.number() }));
const nullableMs = z.nullable(z.number());

/** What of `GET /admin/cache` is shown here. What the object says is missing where it does not answer. */
const answerSchema = z.object({
  mode: z.string(),
  kvWritesADay: z.number(),
  trouble: z.optional(z.string()),
  seq: z.optional(z.number()),
  liveBumps: z.optional(z.number()),
  purgedBuckets: z.optional(z.number()),
  cover: z.optional(z.array(z.tuple([z.string(), z.string()]))),
  /** Writes that nobody told of, found by looks at the primary. Older owners did not say. */
  foreignMarks: z.optional(z.object({ found: z.number(), skipped: z.number() })),
  leases: z.optional(z.object({ held: z.number(), keys: z.number() })),
  hot: z.optional(
    z.object({
      keys: z.number(),
      top: z.array(
        z.object({
          key: z.string(),
          heat: z.number(),
          copy: z.nullable(z.object({ ageMs: z.number(), freshForMs: z.number(), usableForMs: z.number() })),
        }),
      ),
      runway: z.object({ ms: nullableMs, keys: z.number(), ofHotKeys: z.number() }),
      /** What the world's visitors waited for; older owners did not say, as below. */
      dearest: z.optional(costs),
      warming: z.optional(z.object({ warmed: z.number(), used: z.number(), precision: z.nullable(z.number()) })),
      kv: z.object({ writesToday: z.number(), writesLeft: z.optional(z.number()) }),
    }),
  ),
  world: z.object({
    trouble: z.optional(z.string()),
    routes: z.record(
      z.string(),
      z.object({
        requests: z.number(),
        hitRatio: z.nullable(z.number()),
        results: counts,
        misses: counts,
        bytes: z.optional(counts),
        servedAgeSeconds: served,
      }),
    ),
    tiers: z.record(z.string(), counts),
    bytes: z.optional(counts),
    servedAgeSeconds: served,
    refreshes: counts,
    audits: counts,
    observed: counts,
  }),
  isolate: z.object({
    runwayMs: nullableMs,
    memory: z.nullable(
      z.object({
        bytes: z.number(),
        entries: z.number(),
        evictions: z.number(),
        routes: z.optional(
          z.record(
            z.string(),
            z.object({
              entries: z.number(),
              bytes: z.number(),
              ageMs: z.object({ p50: z.number(), p90: z.number(), max: z.number() }),
            }),
          ),
        ),
      }),
    ),
    tiers: z.array(z.object({ name: z.string(), trouble: z.optional(z.string()) })),
    dearestMisses: costs,
  }),
});
export type CacheAnswer = z.infer<typeof answerSchema>;

export function readCache(answer: unknown): CacheAnswer {
  const read = answerSchema.safeParse(answer);
  if (read.success) return read.data;
  throw new AdminError("The Worker's answer is not understood: is it of another version, or switched off?");
}

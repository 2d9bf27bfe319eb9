import * as z from "zod/mini";
import { MAX_BUMPS, MAX_NODES, MAX_TAGS, TAG_BUCKETS } from "./constants.ts";
import { haveSchema } from "./parts.ts";

/** What goes up: the shapes an isolate sends, and what of them a Collector hands on. */

const count = z.number().check(z.int(), z.nonnegative());
const ms = z.number().check(z.nonnegative());
const text = (max: number) => z.string().check(z.maxLength(max));
const node = text(31);

/** `check`: a small query of our own. */
const outcomeKinds = ["read", "write", "check"] as const;
export type OutcomeKind = (typeof outcomeKinds)[number];

/** How attempts on one node ended since the last report. */
export const outcomesSchema = z.object({
  node,
  kind: z.enum(outcomeKinds),
  /** The epoch of the node's breaker that they were made under: what came before a transition says nothing after it. */
  epoch: count,
  ok: count,
  failed: count,
  slow: count,
  excluded: count,
});
export type Outcomes = z.infer<typeof outcomesSchema>;

/** What the reporter thinks of a node at the moment of the report. */
export const standingSchema = z.object({
  node,
  epoch: count,
  /** Failures, or slow answers, in a row up to now. */
  failedRun: count,
  slowRun: count,
  /** Its own breaker is open. */
  tripped: z.boolean(),
  successAgeMs: z.nullable(ms),
  failureAgeMs: z.nullable(ms),
  queryAgeMs: z.nullable(ms),
});
export type Standing = z.infer<typeof standingSchema>;

/** What one node said of itself. */
export const sampleSchema = z.object({
  node,
  inRecovery: z.boolean(),
  /** Bigints as text. */
  epoch: z.nullable(text(20)),
  position: z.nullable(text(20)),
  generation: z.nullable(text(40)),
  /** Below it every transaction is over there; the timeline that a primary writes. Older Workers did not say. */
  xmin: z.optional(z.nullable(text(20))),
  timeline: z.optional(z.nullable(text(8))),
  /** It answers a commit before that is on its disk. */
  mayLose: z.optional(z.boolean()),
  /** The round trip that brought it. */
  tookMs: ms,
  ageMs: ms,
});
export type Sample = z.infer<typeof sampleSchema>;

/** The end of a lease. `excluded`: the probe proved nothing. */
export const settlementSchema = z.object({
  lease: text(40),
  node,
  epoch: count,
  outcome: z.enum(["ok", "failed", "slow", "excluded"]),
});
export type Settlement = z.infer<typeof settlementSchema>;

/** A write happened that touches these buckets of tags. */
export const bumpSchema = z.object({
  id: text(36),
  buckets: z.array(z.number().check(z.int(), z.nonnegative(), z.lt(TAG_BUCKETS))).check(z.maxLength(MAX_TAGS)),
});
export type Bump = z.infer<typeof bumpSchema>;

/** The sparse lane: what only statistics want. */
export const bulkSchema = z.object({
  seq: count,
  /** Counters and histograms; their own schema guards them where they are merged. */
  telemetry: z.optional(z.unknown()),
  /** The hottest keys: `[key, hits]`. */
  heat: z.optional(z.array(z.tuple([text(200), count])).check(z.maxLength(64))),
  /** The keys that visitors waited for longest: `[key, misses, milliseconds]`. */
  misses: z.optional(z.array(z.tuple([text(200), count, count])).check(z.maxLength(16))),
});

export const reportSchema = z.object({
  wire: z.number(),
  id: text(36),
  seq: count,
  colo: text(16),
  /** How many shards the reporter knows of, and how long since its last report it collected this. */
  shards: z.number().check(z.int(), z.gte(1), z.lte(64)),
  overMs: ms,
  requests: count,
  have: haveSchema,
  outcomes: z.array(outcomesSchema).check(z.maxLength(3 * MAX_NODES)),
  standing: z.array(standingSchema).check(z.maxLength(MAX_NODES)),
  samples: z.array(sampleSchema).check(z.maxLength(MAX_NODES)),
  asks: z.object({
    /** Nodes whose newest evidence is too old: may somebody look? */
    checks: z.array(node).check(z.maxLength(MAX_NODES)),
    /** A node said another role than the view does. */
    sample: z.boolean(),
    /** A `bounded` read was asked for lately. */
    bounded: z.boolean(),
  }),
  settle: z.array(settlementSchema).check(z.maxLength(MAX_NODES)),
  bumps: z.array(bumpSchema).check(z.maxLength(MAX_BUMPS)),
});
export type Report = z.infer<typeof reportSchema>;

/** Why a report was not taken. */
export type Refusal = "stale" | "repeated" | "oversized" | "future" | "malformed";

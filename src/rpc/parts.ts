import * as z from "zod/mini";
import { MAX_NODES, MAX_RECENT_BUMPS, TAG_BUCKETS } from "./constants.ts";
import { stampSchema } from "./stamp.ts";

/** The three parts of the view: each one owner's word, with the age of that word. */

const ms = z.number().check(z.nonnegative());
const name = z.string().check(z.maxLength(64));
const part = { ...stampSchema.shape, ageMs: ms };

/** The state of one node's breaker; the vocabulary of every version. */
export const breakerStates = [
  "closed",
  "open",
  "half-open",
  "ramping",
  "forced-open",
  "forced-closed",
  "shadow",
] as const;
export type BreakerStateName = (typeof breakerStates)[number];

export const breakerPartSchema = z.object({
  ...part,
  /** Reporters that the world knows of: what a chance is divided by when the objects are away. */
  reporters: z.number(),
  nodes: z
    .array(
      z.object({
        node: name,
        state: z.enum(breakerStates),
        epoch: z.number(),
        /** How long it has been so, and how long it stays so at least, when that was said. */
        sinceMs: ms,
        forMs: ms,
        /** What it would be, were it not shadowed. Older owners did not say. */
        would: z.optional(z.enum(breakerStates)),
      }),
    )
    .check(z.maxLength(MAX_NODES)),
  /** The health cache: the newest evidence of each node in the world. `null`: none. */
  health: z
    .array(
      z.object({
        node: name,
        successAgeMs: z.nullable(ms),
        failureAgeMs: z.nullable(ms),
        /** The application's own last query: a node that may sleep is awake for some minutes after it. */
        queryAgeMs: z.nullable(ms),
      }),
    )
    .check(z.maxLength(MAX_NODES)),
});
export type BreakerPart = z.infer<typeof breakerPartSchema>;

export const replicasPartSchema = z.object({
  ...part,
  primary: z.nullable(name),
  /** The primary's epoch, a bigint as text; null where the schema is missing. */
  databaseEpoch: z.nullable(z.string()),
  /** The highest epoch that any node ever named. */
  newestEpoch: z.nullable(z.string()),
  trouble: z.nullable(z.enum(["none-answered", "two-primaries", "not-installed"])),
  /** How old the samples behind it are. */
  sampleAgeMs: z.nullable(ms),
  /** A `bounded` read below this cannot be proven by a replica; null: none can. */
  minProvableBoundMs: z.nullable(ms),
  nodes: z
    .array(
      z.object({
        node: name,
        role: z.enum(["primary", "replica", "rival", "unknown"]),
        /** Upper bound of how far it is behind; null: unknown. */
        lagBoundMs: z.nullable(ms),
        /** WAL position in bytes, a bigint as text. */
        position: z.nullable(z.string()),
        latencyMs: z.nullable(ms),
        /** How far it was behind at least when it was last asked. Older owners did not say. */
        behindMs: z.optional(z.nullable(ms)),
        /** Changes when the server was restarted: what one process had seen proves nothing of the next. */
        generation: z.nullable(z.string()),
        reasons: z.array(z.string()),
        /** It is read from only where nobody else is: drained, of a line that is over, too far behind. Older owners did not say. */
        isOut: z.optional(z.boolean()),
      }),
    )
    .check(z.maxLength(MAX_NODES)),
});
export type ReplicasPart = z.infer<typeof replicasPartSchema>;

const bucket = z.number().check(z.int(), z.nonnegative(), z.lt(TAG_BUCKETS));

export const bumpsPartSchema = z.object({
  ...part,
  /** The newest bump's number; `since`: this part tells all that came after it. */
  seq: z.number(),
  since: z.number(),
  /** `[bucket, number of its newest bump]`, those above `since`. */
  buckets: z.array(z.tuple([bucket, z.number()])).check(z.maxLength(TAG_BUCKETS)),
  /** Bumps that not every replica is known to hold yet. */
  live: z.array(z.object({ id: name, seq: z.number(), buckets: z.array(bucket) })).check(z.maxLength(256)),
  /** Replicas that are known to hold every bump that is no longer live: `[node, generation]`. */
  cover: z.array(z.tuple([name, z.string()])).check(z.maxLength(MAX_NODES)),
  /** The database's epoch when nodes were last asked for bumps, a bigint as text. Older owners did not say, as all below. */
  databaseEpoch: z.optional(z.nullable(z.string().check(z.maxLength(20)))),
  /** Numbers of the bumps of the last minute, by id: those above `since`. Who joins them keeps the older for longer. */
  recent: z.optional(z.array(z.tuple([name, z.number()])).check(z.maxLength(MAX_RECENT_BUMPS))),
  /** `[bucket, number of its newest purge]`: what was loaded before it is shown to nobody again. All of them, always. */
  purged: z.optional(z.array(z.tuple([bucket, z.number()])).check(z.maxLength(TAG_BUCKETS))),
  /** How long until the first of the hottest keys has no copy left; null: none has one. And of how many keys that is. */
  runway: z.optional(z.object({ ms: z.nullable(ms), keys: z.number() })),
  /** The crons' heartbeat: how long ago the last run of each ended, as its owner's journal has it. Older owners did not say. */
  crons: z.optional(
    z.array(z.object({ cron: z.string().check(z.maxLength(100)), endedAgeMs: ms })).check(z.maxLength(16)),
  ),
});
export type BumpsPart = z.infer<typeof bumpsPartSchema>;

/** What an answer brings: the parts that are newer than, or as new as, those that were there. */
export const partsSchema = z.object({
  breaker: z.optional(breakerPartSchema),
  replicas: z.optional(replicasPartSchema),
  bumps: z.optional(bumpsPartSchema),
});
export type Parts = z.infer<typeof partsSchema>;

/** The parts' stamps: what somebody has. */
export const haveSchema = z.object({
  breaker: z.optional(stampSchema),
  replicas: z.optional(stampSchema),
  bumps: z.optional(z.object({ ...stampSchema.shape, seq: z.number() })),
});
export type Have = z.infer<typeof haveSchema>;

import * as z from "zod/mini";
import { MAX_DIGEST_BUMPS, MAX_NODES } from "./constants.ts";
import { breakerPartSchema, breakerStates, bumpsPartSchema, replicasPartSchema } from "./parts.ts";
import { leaseSchema } from "./reply.ts";
import { bumpSchema, outcomesSchema, sampleSchema, settlementSchema, standingSchema } from "./report.ts";
import { stampSchema } from "./stamp.ts";

/** What Collectors tell the owners, and what the owners answer. */

const count = z.number().check(z.int(), z.nonnegative());
const node = z.string().check(z.maxLength(31));
/** Where a reporter is; empty: it does not know. Older Collectors did not say. */
const colo = z.string().check(z.maxLength(16));

const envelope = {
  wire: z.number(),
  /** The Collector's name, and how many reporters it heard of in the last minutes. */
  collector: z.string().check(z.maxLength(64)),
  reporters: count,
  /** The newest stamp of this owner's part that any reporter holds: beyond its own, the owner was restored. */
  have: z.optional(stampSchema),
};

/** To the CircuitBreaker. */
export const breakerDigestSchema = z.object({
  ...envelope,
  /** The Collector's life, and the digest's number in it: one that comes twice is known. Older Collectors did not say. */
  life: z.optional(z.string().check(z.maxLength(36))),
  seq: z.optional(count),
  /** Reports that say something went wrong, or settle a lease: one by one, so that a repeat is known. */
  reports: z
    .array(
      z.object({
        id: z.string().check(z.maxLength(36)),
        seq: count,
        colo: z.optional(colo),
        outcomes: z.array(outcomesSchema).check(z.maxLength(3 * MAX_NODES)),
        standing: z.array(standingSchema).check(z.maxLength(MAX_NODES)),
        settle: z.array(settlementSchema).check(z.maxLength(MAX_NODES)),
      }),
    )
    .check(z.maxLength(64)),
  /** All the others, added up; and for each node a few that asked it and are content. */
  calm: z
    .array(
      z.object({
        node,
        ok: count,
        excluded: count,
        successAgeMs: z.nullable(z.number()),
        queryAgeMs: z.nullable(z.number()),
        reporters: z.array(z.string().check(z.maxLength(36))).check(z.maxLength(8)),
        /** Of each of these reporters, in their order. */
        colos: z.optional(z.array(colo).check(z.maxLength(8))),
      }),
    )
    .check(z.maxLength(MAX_NODES)),
  /** Nodes that somebody wants looked at. */
  checks: z.array(node).check(z.maxLength(MAX_NODES)),
  /** How many leases can be handed on to somebody who waits. */
  wantsLeases: count,
});
export type BreakerDigest = z.infer<typeof breakerDigestSchema>;

/** `besides`: a reporter of this colo gets it only where none of another comes: its last probe of the node failed. */
const grantedLeaseSchema = z.extend(leaseSchema, { besides: z.optional(colo) });
export type GrantedLease = z.infer<typeof grantedLeaseSchema>;

export const breakerAnswerSchema = z.object({ part: breakerPartSchema, leases: z.array(grantedLeaseSchema) });
export type BreakerAnswer = z.infer<typeof breakerAnswerSchema>;

/** To the ReplicaCoordinator. */
export const replicasDigestSchema = z.object({
  ...envelope,
  samples: z.array(sampleSchema).check(z.maxLength(MAX_NODES)),
  /** Somebody met another role than the view says: look at once. */
  sample: z.boolean(),
  bounded: z.boolean(),
  /** What the CircuitBreaker said last, as the Collector holds it. */
  verdicts: z.array(z.object({ node, state: z.enum(breakerStates) })).check(z.maxLength(MAX_NODES)),
  /** Nodes that the application asked lately: they may be looked at without waking them. */
  awake: z.array(node).check(z.maxLength(MAX_NODES)),
});
export type ReplicasDigest = z.infer<typeof replicasDigestSchema>;

export const replicasAnswerSchema = z.object({ part: replicasPartSchema });
export type ReplicasAnswer = z.infer<typeof replicasAnswerSchema>;

/** To the CacheCoordinator. `haveSeq`: the Collector holds all bumps up to here. */
export const cacheDigestSchema = z.object({
  ...envelope,
  haveSeq: count,
  bumps: z.array(bumpSchema).check(z.maxLength(MAX_DIGEST_BUMPS)),
  heat: z.array(z.tuple([z.string().check(z.maxLength(200)), count])).check(z.maxLength(256)),
  /** What visitors waited for: `[key, misses, milliseconds]`. Older Collectors did not say. */
  misses: z.optional(z.array(z.tuple([z.string().check(z.maxLength(200)), count, count])).check(z.maxLength(64))),
  /** Nodes that the application asked lately: they may be looked at without waking them. Older Collectors did not say. */
  awake: z.optional(z.array(node).check(z.maxLength(MAX_NODES))),
  /** What the ReplicaCoordinator said last, as the Collector holds it. Older ones did not say. */
  map: z.optional(
    z.object({
      /** A bigint as text. */
      epoch: z.nullable(z.string().check(z.maxLength(20), z.regex(/^\d+$/))),
      nodes: z
        .array(z.object({ node, generation: z.nullable(z.string().check(z.maxLength(64))), isOut: z.boolean() }))
        .check(z.maxLength(MAX_NODES)),
    }),
  ),
});
export type CacheDigest = z.infer<typeof cacheDigestSchema>;

export const cacheAnswerSchema = z.object({ part: bumpsPartSchema });
export type CacheAnswer = z.infer<typeof cacheAnswerSchema>;

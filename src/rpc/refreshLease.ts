import * as z from "zod/mini";
import { MAX_CLAIM_MS, MAX_TAGS, MAX_TOLD_KEY_CHARS, TAG_BUCKETS } from "./constants.ts";
import { bumpsPartSchema } from "./parts.ts";

/** What isolates and the CacheCoordinator say to each other about loading a key anew. */

/** Keys that a run may name. */
const MAX_CLAIMED_KEYS = 200;

const ms = z.number().check(z.nonnegative());
const key = z.string().check(z.maxLength(MAX_TOLD_KEY_CHARS));
const hash = z.string().check(z.maxLength(64));

/** "May I load this?" `loadedAt`: of the copy in hand, milliseconds since 1970; 0: none. */
export const leaseQuestionSchema = z.object({
  wire: z.number(),
  key,
  loadedAt: z.number(),
  colo: z.string().check(z.maxLength(16)),
});
export type LeaseQuestion = z.infer<typeof leaseQuestionSchema>;

/**
 * `granted`: load it, and publish under `lease` within the time. `taken`: somebody does; ask again in `afterMs`.
 * `published`: somebody did, and the farther tiers may show it; ask again in `afterMs` where they do not.
 */
export const leaseAnswerSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("granted"), lease: z.string(), expiresInMs: ms }),
  z.object({ kind: z.literal("taken"), afterMs: ms }),
  z.object({ kind: z.literal("published"), loadedAt: z.number(), afterMs: ms }),
]);
export type LeaseAnswer = z.infer<typeof leaseAnswerSchema>;

/**
 * What the holder of a lease loaded, told before it is written where others see it. `hash` empty: the load failed.
 * `lease` empty: whoever tells it loaded without one.
 */
export const publicationSchema = z.object({
  wire: z.number(),
  lease: z.string().check(z.maxLength(64)),
  key,
  hash,
  loadedAt: z.number(),
  freshUntil: z.number(),
  errorUntil: z.number(),
  /** It will be written to KV: counted against the day's budget. Who does not say so may. */
  willWrite: z.optional(z.boolean()),
  /** It was published, and its write came to nothing. */
  isUnwritten: z.optional(z.boolean()),
  /** What KV may be written a day. Default: the paid plan's. */
  kvWritesADay: z.optional(z.number().check(z.int(), z.nonnegative())),
});
export type Publication = z.infer<typeof publicationSchema>;

/** `mayWrite`: nobody was given the key since; `isChanged`: another answer than the one published before. */
export const publishedSchema = z.object({
  mayWrite: z.boolean(),
  isChanged: z.boolean(),
  /** KV writes that are left of the day's budget, this one counted. */
  kvWritesLeft: z.optional(z.number()),
});
export type Published = z.infer<typeof publishedSchema>;

/**
 * What a warming run is going to load, so that no other run loads it too: of these keys (else of the hottest) those that
 * it has time and calls for. `run`: its name, which frees them; `leftMs`: its time, which frees them without a word.
 */
const warmClaimSchema = z.object({
  run: z.string().check(z.minLength(1), z.maxLength(36)),
  keys: z.optional(z.array(key).check(z.maxLength(MAX_CLAIMED_KEYS))),
  leftMs: ms.check(z.lte(MAX_CLAIM_MS)),
  subrequests: z.number().check(z.int(), z.nonnegative()),
  isRecovering: z.boolean(),
  /** When there will be another run, and how much later than that a copy has to live. */
  next: z.object({ inMs: ms, marginMs: ms }),
});
export type WarmClaim = z.infer<typeof warmClaimSchema>;

/** "What is hot?" The plan of a warming run is made from it. */
export const heatQuestionSchema = z.object({
  wire: z.number(),
  top: z.number().check(z.int(), z.nonnegative(), z.lte(10_000)),
  /** What KV may be written a day. Default: the paid plan's. */
  kvWritesADay: z.optional(z.number().check(z.int(), z.nonnegative())),
  /** Who only looks, or is of an older version, claims nothing. */
  claim: z.optional(warmClaimSchema),
});
export type HeatQuestion = z.infer<typeof heatQuestionSchema>;

/** The hottest keys, hottest first, and what is known of the copies of each. */
export const heatAnswerSchema = z.object({
  keys: z.array(
    z.object({
      /** Path and query, normalised. */
      key,
      /** Decayed hits. */
      heat: z.number(),
      /** Of the last publication; 0: none is known. */
      loadedAt: z.number(),
      freshUntil: z.number(),
      errorUntil: z.number(),
      hash: z.string(),
    }),
  ),
  /** KV writes that are left of the day's budget. */
  kvWritesLeft: z.number(),
  /** Keys that another run is loading; older owners did not say. And how many are the asking run's now. */
  joined: z.optional(z.array(key)),
  claimed: z.optional(z.number()),
});
export type HeatAnswer = z.infer<typeof heatAnswerSchema>;

/** What a warming run did; each key as a publication without a lease. */
export const warmedSchema = z.object({
  wire: z.number(),
  /** This run is over: what it claimed is free. */
  run: z.optional(z.string().check(z.maxLength(36))),
  copies: z
    .array(
      z.object({
        key,
        hash,
        loadedAt: z.number(),
        freshUntil: z.number(),
        errorUntil: z.number(),
        isWritten: z.boolean(),
      }),
    )
    .check(z.maxLength(1_000)),
});
export type Warmed = z.infer<typeof warmedSchema>;

/** An operator's order: what carries one of these tags is old (`soft`), or not to be shown again (`hard`). */
export const purgeOrderSchema = z.object({
  wire: z.number(),
  kind: z.enum(["soft", "hard"]),
  buckets: z
    .array(z.number().check(z.int(), z.nonnegative(), z.lt(TAG_BUCKETS)))
    .check(z.minLength(1), z.maxLength(MAX_TAGS)),
});
export type PurgeOrder = z.infer<typeof purgeOrderSchema>;

/** `part`: the owner's whole word with it, so that who ordered it goes by it at once. Older owners did not say. */
export const purgedSchema = z.object({ seq: z.number(), part: z.optional(bumpsPartSchema) });
export type Purged = z.infer<typeof purgedSchema>;

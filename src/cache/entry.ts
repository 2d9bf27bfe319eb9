import * as z from "zod/mini";
import { MAX_TAGS, TAG_BUCKETS } from "../rpc/constants.ts";

/** The shape of envelopes; one of another number is as none. */
export const CACHE_SCHEMA = 1;

const at = z.number();
const text = z.string();

/** What a load proved, as of the moment it began. */
const proofSchema = z.object({
  /** The bump log's life that the rest speaks of; 0: no view was held. */
  incarnation: z.number(),
  /** It surely shows every write up to this number of the log's; -1: nothing is proven. */
  provenThrough: z.number(),
  /** The newest number that was known then, proven or not; -1: none. What is purged for good is held to it. */
  knownThrough: z.number(),
  /** The database's epoch, a bigint as text; empty: not known. */
  epoch: text.check(z.maxLength(20)),
  /** Marks that the load saw though they were not everywhere yet. */
  saw: z.array(text.check(z.maxLength(36))).check(z.maxLength(8)),
});
export type FillProof = Readonly<z.infer<typeof proofSchema>>;

/**
 * An answer, shared by everybody, as it lies in a tier. All times are absolute (milliseconds since 1970), so that no tier
 * lengthens a life: `loadedAt` ≤ `freshUntil` ≤ `staleUntil` ≤ `errorUntil`.
 */
export const entrySchema = z.object({
  schema: z.literal(CACHE_SCHEMA),
  /** The whole key, as `cacheKey` made it: a tier's own key may be a digest. */
  key: text,
  status: z.number(),
  /** JSON of the answer; of a status that is a problem, the slug. */
  body: text,
  /** Of status and body: equal hashes are equal answers. Also the entity tag. */
  hash: text.check(z.maxLength(64)),
  buckets: z.array(z.number().check(z.int(), z.nonnegative(), z.lt(TAG_BUCKETS))).check(z.maxLength(MAX_TAGS)),
  /** When the load began: the answer is at least as new. */
  loadedAt: at,
  freshUntil: at,
  /** Until when it may be served while somebody loads it anew. */
  staleUntil: at,
  /** Until when it may be served because it cannot be loaded. */
  errorUntil: at,
  /** How long it was given to be fresh, in milliseconds, and how long that load took: what the next lifetime is learnt from. */
  freshMs: z.number(),
  loadMs: z.number(),
  proof: proofSchema,
});
export type CacheEntry = Readonly<z.infer<typeof entrySchema>>;

/** Until when anybody may want it. */
export function usableUntil({ staleUntil, errorUntil }: CacheEntry): number {
  return Math.max(staleUntil, errorUntil);
}

/** Whether it stands for "there is no such thing": it lives for seconds, and nobody counts on it. */
export function isNegative({ status }: Pick<CacheEntry, "status">): boolean {
  return status === NEGATIVE_STATUS;
}

/** A copy of this status holds the name of a problem, not an answer. */
export const NEGATIVE_STATUS = 404;

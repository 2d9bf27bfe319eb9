import * as z from "zod/mini";
import { outboxRowSchema } from "./outboxSample.ts";

const liveSchema = z.object({ id: z.string(), seq: z.number(), buckets: z.array(z.number()), at: z.number() });
/** A write that not every node in the cover was seen to hold. `at`: when it came, by the object's clock. */
export type LiveBump = Readonly<z.infer<typeof liveSchema>>;

const floodSchema = z.object({
  seq: z.number(),
  buckets: z.array(z.number()),
  /** When the last of them came. */
  at: z.number(),
  /** Where the primary's log was when all of them were in it, and when that was; null: not yet known. */
  barrier: z._default(z.nullable(z.object({ position: z.string(), at: z.number() })), null),
});
/** Bumps that found no room among the live ones, as one. */
export type Flood = Readonly<z.infer<typeof floodSchema>>;

const coverSchema = z.object({
  /** The database's epoch, and who is its primary, as of the last look that found one. */
  epoch: z._default(z.nullable(z.string()), null),
  primary: z._default(z.nullable(z.string()), null),
  processes: z._default(z.array(z.tuple([z.string(), z.string()])), []),
  /** How far a node's log must be, so that it holds all that was forgotten; null: to be taken at a look from `notBefore` on. */
  position: z._default(z.nullable(z.string()), null),
  notBefore: z._default(z.number(), 0),
});
export type CoverRow = Readonly<z.infer<typeof coverSchema>>;

/** Additive: what an older version did not write has a default. */
export const bumpRowSchema = z.object({
  incarnation: z.number(),
  seq: z.number(),
  buckets: z._default(z.array(z.tuple([z.number(), z.number()])), []),
  live: z._default(z.array(liveSchema), []),
  known: z._default(z.array(z.tuple([z.string(), z.number()])), []),
  purged: z._default(z.array(z.tuple([z.number(), z.number()])), []),
  flood: z._default(z.nullable(floodSchema), null),
  cover: z.optional(coverSchema),
  outbox: z._default(z.nullable(outboxRowSchema), null),
});

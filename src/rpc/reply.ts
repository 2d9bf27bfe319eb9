import * as z from "zod/mini";
import { partsSchema } from "./parts.ts";

/** What comes down: the answer to a report. */

const count = z.number().check(z.int(), z.nonnegative());
const ms = z.number().check(z.nonnegative());

/** The right to ask one node one question. `probe`: of a half-open breaker; `check`: because nobody asked it lately. */
export const leaseSchema = z.object({
  id: z.string(),
  kind: z.enum(["probe", "check"]),
  node: z.string(),
  epoch: count,
  expiresInMs: ms,
});
export type Lease = z.infer<typeof leaseSchema>;

export const replySchema = z.object({
  wire: z.number(),
  /** The report of this seq, and all before it, need not come again. */
  ack: count,
  refused: z.optional(z.string()),
  /** Bulk up to here is durable; up to `bulkSeen` it is merged in memory and need not be sent again for now. */
  bulkAck: z.optional(count),
  bulkSeen: z.optional(count),
  parts: partsSchema,
  nextInMs: ms,
  shards: z.number().check(z.int(), z.gte(1), z.lte(64)),
  leases: z.optional(z.array(leaseSchema).check(z.maxLength(16))),
});
export type Reply = z.infer<typeof replySchema>;

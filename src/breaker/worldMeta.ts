import * as z from "zod/mini";
import { readMessage } from "../rpc/readMessage.ts";

/** One change of one node's breaker, and why. */
const transitionSchema = z.object({
  node: z.string(),
  from: z.string(),
  to: z.string(),
  at: z.number(),
  evidence: z.string(),
  /** Who ordered it; empty: nobody did, the evidence said so. */
  by: z._default(z.string(), ""),
});
export type Transition = z.infer<typeof transitionSchema>;

/** What the owner remembers beside its nodes. Additive: what an older version did not write has a default. */
const metaSchema = z.object({
  incarnation: z.number(),
  epoch: z.number(),
  /** Leases that were ever granted: their names. */
  leases: z._default(z.number(), 0),
  lastDigestAt: z._default(z.number(), 0),
  transitions: z._default(z.array(transitionSchema), []),
  collectors: z._default(z.array(z.object({ name: z.string(), at: z.number(), reporters: z.number() })), []),
  /** Until `until` at least so many isolates count as being there: a power of two, so that the row seldom changes. */
  crowd: z._default(z.object({ count: z.number(), until: z.number() }), { count: 0, until: 0 }),
  /** The last reports that told of trouble, and orders, so that a repeat is known: `[reporter, seq]`. */
  recent: z._default(z.array(z.tuple([z.string(), z.number()])), []),
});
export type WorldMeta = z.infer<typeof metaSchema>;

/** From its row; where there is none, or one that cannot be read, a new owner begins: its incarnation is `now`. */
export function worldMeta(row: string | undefined, now: number): WorldMeta {
  return readMessage(metaSchema, row, Number.POSITIVE_INFINITY) ?? metaSchema.parse({ incarnation: now, epoch: 0 });
}

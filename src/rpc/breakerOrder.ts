import * as z from "zod/mini";
import { breakerStates } from "./parts.ts";

/** What operators tell the CircuitBreaker, and what it answers. Durable before the answer. */

const text = (max: number) => z.string().check(z.minLength(1), z.maxLength(max));
const count = z.number().check(z.int(), z.nonnegative());

/** `id`: made once per order, so that one that came twice is known. `owner`: who gives it. */
const order = { id: text(36), owner: text(100), reason: text(200) };

/** The states that an order may hold a node in. */
export const heldStates = ["forced-open", "forced-closed", "shadow"] as const;

/** `expectedEpoch`: of the node's breaker, as its owner saw it: an order to a breaker that moved since is none. */
export const holdOrderSchema = z.object({
  ...order,
  node: text(31),
  state: z.enum(heldStates),
  expiresInMs: z.number().check(z.int(), z.gte(1)),
  expectedEpoch: count,
});
export type HoldOrder = z.infer<typeof holdOrderSchema>;

export const releaseOrderSchema = z.object({ ...order, node: text(31), expectedEpoch: count });
export type ReleaseOrder = z.infer<typeof releaseOrderSchema>;

export const reincarnateOrderSchema = z.object(order);
export type ReincarnateOrder = z.infer<typeof reincarnateOrderSchema>;

/** What became of an order; and how the breaker stands now. */
export const orderOutcomeSchema = z.object({
  kind: z.enum(["done", "stale-epoch", "unknown-node"]),
  incarnation: count,
  node: z.optional(z.object({ name: z.string(), state: z.enum(breakerStates), epoch: count, forMs: z.number() })),
});
export type OrderOutcome = z.infer<typeof orderOutcomeSchema>;

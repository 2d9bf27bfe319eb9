import * as z from "zod/mini";

/** What operators tell the ReplicaCoordinator, and what it answers. Durable before the answer. */

const text = (max: number) => z.string().check(z.minLength(1), z.maxLength(max));

/** `owner`: who gives it. Given twice, an order is one: it says what shall be, not what shall change. */
export const replicaOrderSchema = z.object({
  kind: z.enum(["drain", "resume", "primary"]),
  node: text(31),
  owner: text(100),
  reason: text(200),
});
export type ReplicaOrder = z.infer<typeof replicaOrderSchema>;

/**
 * What became of it. `is-primary`: reads can be kept from a replica alone. `takes-no-writes`: a node is promoted by its
 * own means first. `beginning`: the epoch is decided, and its node did not confirm it yet.
 */
export const replicaOutcomeSchema = z.object({
  kind: z.enum(["done", "beginning", "unknown-node", "is-primary", "takes-no-writes"]),
  primary: z.nullable(z.string()),
  epoch: z.nullable(z.string()),
});
export type ReplicaOutcome = z.infer<typeof replicaOutcomeSchema>;

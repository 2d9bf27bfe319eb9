import * as z from "zod/mini";
import { replicaOrderSchema } from "../rpc/replicaOrder.ts";
import { epochSchema } from "./epochChain.ts";
import { holderStandSchema } from "./holderStand.ts";
import { lineageSchema } from "./lineage.ts";

const role = z.enum(["primary", "replica", "rival", "unknown"]);
const text = z._default(z.nullable(z.string()), null);

/** The coordinator's one row. Additive: what an older version did not write has a default. */
export const replicasRowSchema = z.object({
  incarnation: z.number(),
  version: z._default(z.number(), 0),
  roles: z._default(z.array(z.tuple([z.string(), role])), []),
  primary: text,
  epoch: text,
  newestEpoch: text,
  trouble: z._default(z.nullable(z.enum(["none-answered", "two-primaries", "not-installed"])), null),
  lastDigestAt: z._default(z.number(), 0),
  /** Nodes whose breaker was not closed: while there are any, the alarm looks each second. */
  unhealthy: z._default(z.array(z.string()), []),
  lineage: z.optional(lineageSchema),
  /** The holder as he was last looked at, his log as of that minute. */
  stand: z._default(z.nullable(holderStandSchema), null),
  /** The epochs that were met, oldest first. */
  epochs: z._default(z.array(epochSchema), []),
  /** Nodes that an operator keeps reads from, with his last words on any. */
  drained: z._default(z.array(z.string()), []),
  /** Replicas that are out until they have caught up. */
  behind: z._default(z.array(z.string()), []),
  orders: z._default(z.array(z.object({ at: z.number(), order: replicaOrderSchema })), []),
});
export type ReplicasRow = z.infer<typeof replicasRowSchema>;

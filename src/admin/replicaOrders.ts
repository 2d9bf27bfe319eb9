import * as z from "zod/mini";
import { invalidRequest, ProblemError } from "../http/problem.ts";
import type { IsolateState } from "../isolate.ts";
import { REPLICA_ORDER_DEADLINE_MS } from "../rpc/constants.ts";
import { type ReplicaOrder, type ReplicaOutcome, replicaOutcomeSchema } from "../rpc/replicaOrder.ts";
import type { AdminCall } from "./answerAdmin.ts";
import { askOwner } from "./askOwner.ts";
import { bodyOf, orderFields, signed } from "./orders.ts";

const { node, reason, owner } = orderFields;
const primarySchema = z.strictObject({ node, reason, owner });
const drainSchema = z.strictObject({ reason: z.optional(reason), owner });

/** `POST /admin/replicas/primary`: the node, which takes writes already, holds the next epoch. */
export async function orderPrimary(state: IsolateState, { request }: AdminCall): Promise<ReplicaOutcome> {
  const body = await bodyOf(request, primarySchema);
  return give(state, request, { kind: "primary", ...body });
}

/** `POST /admin/replicas/{node}/drain`, `/resume`: reads are kept from a replica, or come back to it. */
export async function orderDrain(
  state: IsolateState,
  { request }: AdminCall,
  kind: "drain" | "resume",
  name: string,
): Promise<ReplicaOutcome> {
  const body = await bodyOf(request, drainSchema);
  return give(state, request, { kind, node: name, owner: body.owner, reason: body.reason ?? kind });
}

type Given = Omit<ReplicaOrder, "owner"> & { readonly owner?: string | undefined };

async function give(state: IsolateState, request: Request, order: Given): Promise<ReplicaOutcome> {
  const text = JSON.stringify({ ...order, owner: await signed(request, order.owner) });
  const word = await askOwner(state, (objects) =>
    objects.replicas((stub) => stub.order(text), REPLICA_ORDER_DEADLINE_MS),
  );
  const read = replicaOutcomeSchema.safeParse(word.said);
  if (!read.success) {
    throw new ProblemError("unconfirmed", { detail: word.trouble ?? "The answer was not understood." });
  }
  const outcome = read.data;
  switch (outcome.kind) {
    case "done":
    case "beginning":
      return outcome;
    case "unknown-node":
      throw invalidRequest([{ field: "node", message: "must be one of the configured nodes" }]);
    case "is-primary":
      throw new ProblemError("not-in-this-role", {
        detail: `${order.node} is the primary, which is always read from.`,
      });
    case "takes-no-writes":
      throw new ProblemError("not-in-this-role", {
        detail: `${order.node} is in recovery, does not answer, or has no schema "breakwater": promote it first.`,
      });
    default:
      return outcome.kind satisfies never;
  }
}

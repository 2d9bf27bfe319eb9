import * as z from "zod/mini";
import { MAX_HOLD_MS } from "../breaker/constants.ts";
import { invalidRequest, ProblemError } from "../http/problem.ts";
import type { IsolateState } from "../isolate.ts";
import { heldStates, type OrderOutcome, orderOutcomeSchema } from "../rpc/breakerOrder.ts";
import type { CircuitBreakerStub } from "../rpc/stubs.ts";
import type { AdminCall } from "./answerAdmin.ts";
import { askOwner } from "./askOwner.ts";
import { bodyOf, orderFields, signed } from "./orders.ts";

const S = 1_000;

const count = z.number().check(z.int(), z.nonnegative());
const { node, reason, owner } = orderFields;

const holdSchema = z.strictObject({
  node,
  state: z.enum(heldStates),
  reason,
  expiresInS: z.number().check(z.int(), z.gte(1), z.lte(MAX_HOLD_MS / S)),
  expectedEpoch: count,
  owner,
});
const releaseSchema = z.strictObject({ node, reason: z.optional(reason), expectedEpoch: count, owner });
const reincarnateSchema = z.strictObject({ reason, owner });

/** `POST /admin/breaker/hold`: holds a node forced open, forced closed or shadowed, whatever the evidence, for a while. */
export async function holdNode(state: IsolateState, { request }: AdminCall): Promise<OrderOutcome> {
  const { expiresInS, ...order } = await bodyOf(request, holdSchema);
  return give(state, request, "hold", { ...order, expiresInMs: expiresInS * S });
}

/** `POST /admin/breaker/release`: ends a hold before its time. Where nothing is held, nothing changes. */
export async function releaseNode(state: IsolateState, { request }: AdminCall): Promise<OrderOutcome> {
  const order = await bodyOf(request, releaseSchema);
  return give(state, request, "release", { ...order, reason: order.reason ?? "released" });
}

/**
 * `POST /admin/breaker/reincarnate`: after a restore of the object's storage, so that isolates believe it although they
 * hold later words of its former life. Digests that tell it of such words do the same by themselves.
 */
export async function reincarnateBreaker(state: IsolateState, { request }: AdminCall): Promise<OrderOutcome> {
  return give(state, request, "reincarnate", await bodyOf(request, reincarnateSchema));
}

async function give(
  state: IsolateState,
  request: Request,
  method: "hold" | "release" | "reincarnate",
  order: Readonly<Record<string, string | number | undefined>>,
): Promise<OrderOutcome> {
  const text = JSON.stringify({ ...order, id: crypto.randomUUID(), owner: await signed(request, order.owner) });
  const word = await askOwner(state, (objects) => objects.breaker((stub: CircuitBreakerStub) => stub[method](text)));
  const read = orderOutcomeSchema.safeParse(word.said);
  if (!read.success)
    throw new ProblemError("unconfirmed", { detail: word.trouble ?? "The answer was not understood." });
  const outcome = read.data;
  switch (outcome.kind) {
    case "done":
      return outcome;
    case "unknown-node":
      throw invalidRequest([{ field: "node", message: "must be one of the configured nodes" }]);
    case "stale-epoch": {
      const { name, state: now, epoch } = outcome.node ?? {};
      throw new ProblemError("stale-epoch", { detail: `${name} is ${now}, in epoch ${epoch}.` });
    }
    default:
      return outcome.kind satisfies never;
  }
}

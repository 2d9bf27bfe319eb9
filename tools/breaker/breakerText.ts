import Table from "cli-table3";
import * as z from "zod/mini";
import { heldStates } from "../../src/rpc/breakerOrder.ts";
import { AdminError } from "../admin/adminError.ts";
import { span } from "../admin/span.ts";

const nullableMs = z.nullable(z.number());

/** What of `GET /admin/breaker` is shown here. */
const answerSchema = z.object({
  trouble: z.optional(z.string()),
  nodes: z.array(
    z.object({
      name: z.string(),
      state: z.string(),
      epoch: z.number(),
      would: z.optional(z.string()),
      sinceMs: z.optional(z.number()),
      hold: z.optional(z.nullable(z.object({ owner: z.string(), reason: z.string(), expiresInMs: z.number() }))),
      reporters: z.nullable(z.number()),
      successAgeMs: z.optional(nullableMs),
      failureAgeMs: z.optional(nullableMs),
    }),
  ),
  transitions: z.array(
    z.object({
      node: z.string(),
      from: z.string(),
      to: z.string(),
      agoMs: z.number(),
      evidence: z.string(),
      by: z.optional(z.string()),
    }),
  ),
});
export type BreakerAnswer = z.infer<typeof answerSchema>;

/** How many of the last transitions are told. */
const SHOWN_TRANSITIONS = 10;

export function readBreaker(answer: unknown): BreakerAnswer {
  const read = answerSchema.safeParse(answer);
  if (read.success) return read.data;
  throw new AdminError("The Worker's answer is not understood: is it of another version, or switched off?");
}

/** The breaker for people: a table of nodes, and what happened last. */
export function breakerText({ nodes, transitions, trouble }: BreakerAnswer): string {
  const table = new Table({
    head: ["node", "state", "for", "epoch", "last answer", "last failure", "asked by", "held"],
    style: { head: [], border: [] },
  });
  for (const node of nodes) {
    const { name, state, would, sinceMs, epoch, successAgeMs, failureAgeMs, reporters, hold } = node;
    const held = hold ? `by ${hold.owner}, ${span(hold.expiresInMs)} more: ${hold.reason}` : "";
    const shown = would === undefined ? state : `${state} (${would})`;
    table.push([name, shown, span(sinceMs), epoch, ago(successAgeMs), ago(failureAgeMs), reporters ?? "", held]);
  }
  const shown = transitions.slice(-SHOWN_TRANSITIONS);
  const lines = shown.map(({ node, from, to, agoMs, evidence, by }) => {
    return `${span(agoMs)} ago  ${node || "all"}: ${from} → ${to}  ${evidence}${by ? ` (${by})` : ""}`;
  });
  const warning = trouble === undefined ? [] : [`The object does not answer (${trouble}): this is one isolate's view.`];
  return [table.toString(), ...lines, ...warning].join("\n");
}

/** The epoch that an order has to name. */
export function epochOf({ nodes, trouble }: BreakerAnswer, node: string): number {
  if (trouble !== undefined) throw new AdminError(`The breaker's object does not answer: ${trouble}.`);
  const found = nodes.find(({ name }) => name === node);
  if (found) return found.epoch;
  throw new AdminError(`There is no node ${node}: there are ${nodes.map(({ name }) => name).join(", ")}.`);
}

export const HELD_STATES: readonly string[] = heldStates;

function ago(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? "" : `${span(ms)} ago`;
}

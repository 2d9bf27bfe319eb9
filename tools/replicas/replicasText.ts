import Table from "cli-table3";
import * as z from "zod/mini";
import { AdminError } from "../admin/adminError.ts";
import { span } from "../admin/span.ts";

const nullableText = z.nullable(z.string());
const nullableMs = z.nullable(z.number());

/** What of `GET /admin/replicas` is shown here. */
const answerSchema = z.object({
  trouble: z.optional(z.string()),
  epoch: nullableText,
  primary: nullableText,
  mapTrouble: nullableText,
  line: z.optional(
    z.object({
      pending: z.nullable(z.object({ node: z.string(), epoch: z.string() })),
      rivals: z.array(z.string()),
    }),
  ),
  epochs: z.optional(
    z.array(z.object({ epoch: z.string(), node: z.string(), by: z.string(), parent: nullableText, agoMs: z.number() })),
  ),
  orders: z.optional(
    z.array(z.object({ kind: z.string(), node: z.string(), owner: z.string(), reason: z.string(), agoMs: z.number() })),
  ),
  nodes: z.array(
    z.object({
      name: z.string(),
      role: z.string(),
      state: nullableText,
      lagBoundMs: nullableMs,
      reasons: z.array(z.string()),
      isOut: z.optional(z.boolean()),
      world: z.optional(z.object({ share: z.nullable(z.number()), reasons: z.record(z.string(), z.number()) })),
    }),
  ),
});
type ReplicasAnswer = z.infer<typeof answerSchema>;

/** How many of the last epochs and orders are told. */
const SHOWN = 10;

export function readReplicas(answer: unknown): ReplicasAnswer {
  const read = answerSchema.safeParse(answer);
  if (read.success) return read.data;
  throw new AdminError("The Worker's answer is not understood: is it of another version, or switched off?");
}

/** Roles, rotation and reads for people: a table of nodes, then epochs and orders, then what somebody has to look at. */
export function replicasText({ nodes, epochs, orders, ...map }: ReplicasAnswer): string {
  const table = new Table({
    head: ["node", "role", "breaker", "rotation", "behind at most", "reads", "most for", "notes"],
    style: { head: [], border: [] },
  });
  for (const { name, role, state, isOut, lagBoundMs, reasons, world } of nodes) {
    const rotation = role === "replica" ? (isOut ? "out" : "in") : "";
    const behind = role === "replica" ? span(lagBoundMs) || "unknown" : "";
    const share = world?.share === null || world === undefined ? "" : `${(world.share * 100).toFixed(1)} %`;
    table.push([name, role, state ?? "", rotation, behind, share, mostOf(world?.reasons), reasons.join("; ")]);
  }
  const chain = (epochs ?? []).slice(-SHOWN).map(({ epoch, node, by, parent, agoMs }) => {
    return `${span(agoMs)} ago  epoch ${epoch} on ${node}, ${by}${parent === null ? "" : ` after ${parent}`}`;
  });
  const given = (orders ?? []).slice(-SHOWN).map(({ kind, node, owner, reason, agoMs }) => {
    return `${span(agoMs)} ago  ${kind} ${node}, by ${owner}: ${reason}`;
  });
  return [table.toString(), ...chain, ...given, ...warnings(map)].join("\n");
}

function warnings({ trouble, primary, mapTrouble, line }: Omit<ReplicasAnswer, "nodes" | "epochs" | "orders">) {
  return [
    ...(trouble === undefined ? [] : [`The object does not answer (${trouble}): this is one isolate's view.`]),
    ...(primary === null ? [`Nobody takes writes${mapTrouble === null ? "" : ` (${mapTrouble})`}.`] : []),
    ...(line?.pending ? [`Epoch ${line.pending.epoch} is to begin on ${line.pending.node}.`] : []),
    ...(line?.rivals ?? []).map((node) => `${node} takes writes beside the primary: see docs/guide/failover.md.`),
  ];
}

function mostOf(reasons: Readonly<Record<string, number>> = {}): string {
  const [most] = Object.entries(reasons).toSorted(([, a], [, b]) => b - a);
  return most?.[0] ?? "";
}

import * as z from "zod/mini";
import type { IsolateState } from "../isolate.ts";
import type { GaugeSample } from "../telemetry/nodeStateGauges.ts";
import { askOwner } from "./askOwner.ts";

/** What of the coordinator's word is shown to Prometheus. */
const wordSchema = z.object({
  primary: z.nullable(z.string()),
  newestEpoch: z.nullable(z.string()),
  line: z.object({ pending: z.nullable(z.unknown()), rivals: z.array(z.string()) }),
  nodes: z.array(z.object({ node: z.string(), role: z.string(), isOut: z.optional(z.boolean()) })),
});

/** Roles and epochs as the world has them, for alerts; none where the coordinator does not answer. */
export async function replicaGauges(state: IsolateState): Promise<GaugeSample[]> {
  const word = await askOwner(state, (objects) => objects.replicas((stub) => stub.admin()));
  const read = wordSchema.safeParse(word.said);
  if (!read.success) return [];
  const { primary, newestEpoch, line, nodes } = read.data;
  const names = new Set(state.database.nodes.map(({ name }) => name));
  const rivals = new Set([...line.rivals, ...nodes.filter(({ role }) => role === "rival").map(({ node }) => node)]);
  const replicas = nodes.filter(({ node, role }) => role === "replica" && names.has(node));
  return [
    { name: "breakwater_primary_known", labels: {}, value: primary === null ? 0 : 1 },
    { name: "breakwater_primary_rivals", labels: {}, value: rivals.size },
    { name: "breakwater_epoch_pending", labels: {}, value: line.pending === null ? 0 : 1 },
    ...(newestEpoch === null
      ? []
      : [{ name: "breakwater_epoch", labels: {}, value: Number(newestEpoch) } as const satisfies GaugeSample]),
    ...replicas.map(
      ({ node, isOut }): GaugeSample => ({
        name: "breakwater_replica_in_rotation",
        labels: { node },
        value: isOut ? 0 : 1,
      }),
    ),
  ];
}

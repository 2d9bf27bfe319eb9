import * as z from "zod/mini";
import type { LineageRow } from "./lineage.ts";

/** Epochs kept for `/admin/replicas`: a database that is promoted each week has half a year. */
const MAX_EPOCHS = 24;

const nullable = z.nullable(z.string());

/** An epoch as the coordinator met it. */
export const epochSchema = z.object({
  epoch: z.string(),
  node: z.string(),
  /**
   * `begun`: on the coordinator's word, evidence or an `ordered` one's; `went-back`: on a node whose own log is not what it
   * was; `found`: it was there when somebody looked.
   */
  by: z.enum(["found", "begun", "ordered", "went-back"]),
  /** Of one that was only found nothing more is known here: the database's own table has it. */
  parent: nullable,
  switchXmin: nullable,
  timeline: nullable,
  at: z.number(),
});
type Epoch = z.infer<typeof epochSchema>;

/** The chain once the line's holder is another, or of another epoch. `before`, `after`: the line, around one round. */
export function withHolder(chain: readonly Epoch[], before: LineageRow, after: LineageRow, now: number): Epoch[] {
  const { holder } = after;
  const newest = chain.at(-1);
  if (!holder || (newest?.epoch === holder.epoch && newest.node === holder.node)) return [...chain];
  return [...chain, { ...holder, ...beginningOf(holder, before), at: now }].slice(-MAX_EPOCHS);
}

function beginningOf({ node, epoch }: NonNullable<LineageRow["holder"]>, { pending }: LineageRow) {
  if (pending?.node !== node || pending.epoch !== epoch) {
    return { by: "found", parent: null, switchXmin: null, timeline: null } as const;
  }
  const { parent, switchXmin, timeline, ordered, wentBack } = pending;
  return { by: wentBack ? "went-back" : ordered ? "ordered" : "begun", parent, switchXmin, timeline } as const;
}

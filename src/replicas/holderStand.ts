import * as z from "zod/mini";

const text = z.nullable(z.string());

/** What the holder of an epoch said of itself when it was last looked at. */
export const holderStandSchema = z.object({
  node: z.string(),
  epoch: z.string(),
  generation: text,
  timeline: text,
  /** What was surely on its disk. */
  position: text,
  /** It answers a commit before that is on its disk. */
  mayLose: z.boolean(),
  /** When its log went that far, or later. */
  at: z.number(),
});
export type HolderStand = Readonly<z.infer<typeof holderStandSchema>>;

/**
 * Whether what it had answered may be gone from it, though it is the same node in the same epoch: another process whose
 * log goes less far (a branch that was reset, a backup), or is another line's, or which had not written down what it
 * answered. One process never goes back.
 */
export function hasGoneBack(before: HolderStand, after: HolderStand): boolean {
  if (!isRestart(before, after)) return false;
  const isOtherLine = before.timeline !== null && after.timeline !== null && before.timeline !== after.timeline;
  return isOtherLine || before.mayLose || isShorter(before.position, after.position);
}

/** Whether it is another process of the same node in the same epoch. */
export function isRestart(before: HolderStand, after: HolderStand): boolean {
  if (before.node !== after.node || before.epoch !== after.epoch) return false;
  return before.generation !== null && after.generation !== null && before.generation !== after.generation;
}

/** Whether he is another, or another process, or of another kind, wherever his log is. */
export function isAnother(
  before: HolderStand | null,
  { node, epoch, generation, timeline, mayLose }: HolderStand,
): boolean {
  if (before?.node !== node || before.epoch !== epoch || before.generation !== generation) return true;
  return before.timeline !== timeline || before.mayLose !== mayLose;
}

/** Whether the second log is surely shorter than the first. */
export function isShorter(before: string | null, after: string | null): boolean {
  return before !== null && after !== null && BigInt(after) < BigInt(before);
}

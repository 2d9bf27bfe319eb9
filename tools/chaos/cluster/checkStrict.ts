import type { ReadOperation, Turn, Violation, WriteOperation } from "./history.ts";

/**
 * A `strict` read shows the newest write that was answered before it began, within the epoch: pairs with a change of
 * primary between them are left out, since the later one may be asked of a line that never had the earlier.
 */
export function checkStrict(
  read: ReadOperation,
  writes: readonly WriteOperation[],
  turns: readonly Turn[],
): Violation[] {
  const before = writes.filter(({ key, ending, endMs }) => {
    return key === read.key && ending === "answered" && endMs < read.startMs;
  });
  const newer = before.find(({ value, startMs }) => value > read.value && !turnBetween(turns, startMs, read.endMs));
  if (!newer) return [];
  const sentence = `${read.client} read ${read.key} = ${read.value} from the primary after ${newer.value} had been answered`;
  return [{ kind: "strict", sentence, operations: [newer.id, read.id] }];
}

function turnBetween(turns: readonly Turn[], fromMs: number, toMs: number): boolean {
  return turns.some((turn) => turn.fromMs <= toMs && turn.toMs >= fromMs);
}

import type { Judgement } from "./judgeTrial.ts";
import type { Trial } from "./trial.ts";

/** A candidate that was tried and helps, with what it would save and cost over the time that was counted. */
export interface Proven {
  readonly trial: Trial;
  readonly judgement: Extract<Judgement, { kind: "helps" }>;
  /** Bytes of WAL that it adds to a written row; undefined where the table is too small to tell. */
  readonly walPerWrite: number | undefined;
  /** Rows written while it was counted, as far as an index pays for them. */
  readonly writes: number;
}

/** Milliseconds saved by each byte of WAL. A table that nobody writes to costs nothing: as if one row had been. */
export function savedPerWalByte({ judgement, walPerWrite, writes }: Proven): number {
  return judgement.savedMs / Math.max(1, (walPerWrite ?? 1) * Math.max(1, writes));
}

/** The one that saves the most for its writes first. */
export function rankProven(proven: readonly Proven[]): readonly Proven[] {
  return proven.toSorted((a, b) => savedPerWalByte(b) - savedPerWalByte(a));
}

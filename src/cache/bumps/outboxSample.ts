import * as z from "zod/mini";
import { TAG_BUCKETS } from "../../rpc/constants.ts";
import type { ProbeSample } from "../../rpc/probing.ts";
import type { Bump } from "../../rpc/report.ts";
import { OUTBOX_BEHIND_MS } from "../constants.ts";

export const outboxRowSchema = z.object({
  /** Of the database, as of the snapshot. */
  epoch: z.string(),
  snapshot: z.string(),
  /** Since when what is read of it is not all there is; null: it is. */
  behindSince: z._default(z.nullable(z.number()), null),
  /** Marks that nobody had told of, and how often what was written was too much to be read. */
  found: z._default(z.number(), 0),
  skipped: z._default(z.number(), 0),
});
type OutboxRow = z.infer<typeof outboxRowSchema>;

const EVERYTHING = Array.from({ length: TAG_BUCKETS }, (_, bucket) => bucket);

/**
 * What was written that nobody told of: by writers who pass Breakwater by, or whose report was lost. Each look at the
 * primary asks for the marks that were not over in the snapshot of the look before (notes on consistency, "outbox
 * sample"): exact in whatever order transactions end.
 *
 * Where there is none of this epoch it begins with the present one, and misses nothing by it: whatever proves something in
 * an epoch, or in an incarnation of the object, was read from a node that joined the cover at such a look or after it, and
 * had by then all that was written before; what was loaded earlier is of another epoch or incarnation, and old.
 */
export class OutboxSample {
  #row: OutboxRow | null;

  constructor(row: OutboxRow | null) {
    this.#row = row;
  }

  get row(): OutboxRow | null {
    return this.#row;
  }

  /** What to ask the primary of this epoch from; null: for its present snapshot alone. */
  since(epoch: string | null, now: number): string | null {
    const row = this.#row;
    if (row === null || row.epoch !== epoch || isTooFarBehind(row, now)) return null;
    return row.snapshot;
  }

  /** The object was restored: what it knew since is lost. */
  reset(): void {
    if (this.#row) this.#row = { ...this.#row, epoch: "" };
  }

  /** The word of the primary. What it tells of that is not `known`. */
  heard({ epoch, outbox }: ProbeSample, isKnown: (id: string) => boolean, now: number): Bump[] {
    if (!outbox || epoch === null) return [];
    const row = this.#row;
    const isSame = row?.epoch === epoch;
    const isSkip = isSame && isTooFarBehind(row, now);
    const marks = isSame ? outbox.marks.filter(([id]) => !isKnown(id)) : [];
    this.#row = {
      epoch,
      snapshot: outbox.snapshot,
      behindSince: outbox.isWhole ? null : isSkip ? now : (row?.behindSince ?? now),
      found: (row?.found ?? 0) + marks.length,
      skipped: (row?.skipped ?? 0) + (isSkip ? 1 : 0),
    };
    return marks.map(([id, buckets]) => ({ id, buckets: buckets ?? EVERYTHING }));
  }
}

/** What was written is more than is read: what is left of it is given up, and lifetimes bound it. */
function isTooFarBehind({ behindSince }: OutboxRow, now: number): boolean {
  return behindSince !== null && Math.abs(now - behindSince) > OUTBOX_BEHIND_MS;
}

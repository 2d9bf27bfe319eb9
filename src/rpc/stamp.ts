import * as z from "zod/mini";

const count = z.number().check(z.int(), z.nonnegative());

export const stampSchema = z.object({ incarnation: count, epoch: count, version: count });

/**
 * Which of two statements of one owner is the later. `incarnation`: when the owner was created (milliseconds, kept in
 * its storage), so that one that was restored or renamed is believed; `epoch` and `version` grow within it.
 */
export type Stamp = Readonly<z.infer<typeof stampSchema>>;

/** Below 0: `a` is the earlier; above 0: the later; 0: the same statement. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return a.incarnation - b.incarnation || a.epoch - b.epoch || a.version - b.version;
}

/** The stamp alone, of something that carries one. */
export function stampOf({ incarnation, epoch, version }: Stamp): Stamp {
  return { incarnation, epoch, version };
}

import { RECOVERY_MS, RECOVERY_REFRESHES_PER_S } from "../constants.ts";

/** The database as this isolate knows it. */
export interface Return {
  /** How long one of the nodes has been asked without limit; 0: none is; infinite: one always was. */
  readonly backForMs: number;
  /** Isolates that share what the world may refresh; undefined: none is known of. */
  readonly reporters: number | undefined;
}

/**
 * Refreshes a second that one isolate may begin while the database comes back; undefined: it was not away lately, and
 * nothing is held back. None while it is away, and none while requests are let in little by little: the few that are
 * belong to who has no copy at all.
 */
export function recoveryRatePerS({ backForMs, reporters }: Return): number | undefined {
  if (backForMs >= RECOVERY_MS) return undefined;
  return backForMs > 0 ? RECOVERY_REFRESHES_PER_S / Math.max(1, reporters ?? 1) : 0;
}

import { attachedOldMarks, detachMarks, dropOldMarks } from "../database/maintenance.ts";
import { DETACH_WAIT_MS, STATEMENT_MS } from "./constants.ts";
import { askInTime, type Work } from "./work.ts";

/** `busy`: days that marks has given up and that could not be dropped yet, since an open transaction holds them. */
interface ForgottenMarks {
  readonly days: number;
  readonly busy: number;
  /** No day that may go is left. */
  readonly isDone: boolean;
  readonly trouble?: string;
}

/**
 * Drops the days of marks that may go: what an earlier run left, then one after the other. That detaching a day was
 * refused (another run was faster) or given up (a transaction is open) is no trouble unless the day stays: how far it
 * came, the next round sees.
 */
export async function forgetMarks(work: Work): Promise<ForgottenMarks> {
  let days = 0;
  let tried: { readonly day: string; readonly trouble: string; readonly isLocked: boolean } | undefined;
  for (;;) {
    const dropped = await askInTime(work, dropOldMarks(work.now()), STATEMENT_MS);
    // Another run holds the very table: what is left it does, or the next night.
    if (dropped.isLocked) return { days, busy: 1, isDone: false };
    if (!dropped.result) return { days, busy: 0, isDone: false, ...troubleOf(dropped) };
    const [[droppedNow, busy] = []] = dropped.result.rows;
    days += Number(droppedNow);
    if (Number(busy) > 0) return { days, busy: Number(busy), isDone: false };
    const attached = await askInTime(work, attachedOldMarks(work.now()), STATEMENT_MS);
    if (attached.isLocked) return { days, busy: 1, isDone: false };
    if (!attached.result) return { days, busy: 0, isDone: false, ...troubleOf(attached) };
    const [[oldest] = []] = attached.result.rows;
    if (oldest === undefined) return { days, busy: 0, isDone: true };
    const day = String(oldest);
    if (day === tried?.day) {
      return tried.isLocked
        ? { days, busy: 1, isDone: false }
        : { days, busy: 0, isDone: false, trouble: tried.trouble };
    }
    const detached = await askInTime(work, detachMarks(day), DETACH_WAIT_MS);
    const { trouble = `${day} is still attached`, isLocked = false } = detached;
    tried = { day, trouble, isLocked };
  }
}

function troubleOf({ trouble }: { readonly trouble?: string }): { readonly trouble?: string } {
  return trouble === undefined ? {} : { trouble };
}

import type { Query } from "../database/query.ts";
import { uuidv7 } from "../database/uuid.ts";
import { MAX_BATCHES, REFRESH_MS, STATEMENT_MS } from "./constants.ts";
import { markedStep } from "./markedStep.ts";
import { askInTime, type Reply, type Work, type WorkDone } from "./work.ts";

/**
 * A step of what an application keeps up to date: it does a bounded part of the work and answers one row with how much
 * that was. Sent again until it answers 0, so it must be able to go on where an earlier one ended, also one that is
 * sent twice or given up halfway. `tags`: what its changes touch: shared answers with one of them are old where it did
 * something. Such a step is one SELECT, and its row has a column `done`.
 */
export type RefreshStep = Query<{ readonly done: number }> & { readonly tags?: readonly string[] };

/**
 * Sends each step until it has nothing left to do, it fails, or the time is over: half of the run's at most. One that
 * fails does not stop the others. What somebody else's locks kept from being done is left over, like what time did.
 */
export async function refresh(work: Work, steps: readonly RefreshStep[]): Promise<WorkDone> {
  const bounded = { ...work, endAt: Math.min(work.endAt, work.now() + REFRESH_MS) };
  const detail: Record<string, number> = {};
  const unfinished: string[] = [];
  const failed: string[] = [];
  for (const step of steps) {
    const { done, isDone, trouble } = await refreshOne(bounded, step);
    detail[step.name] = done;
    if (!isDone) unfinished.push(step.name);
    if (trouble !== undefined) failed.push(trouble);
  }
  const notes = unfinished.length > 0 ? [`left over: ${unfinished.join(", ")}`, ...failed] : failed;
  const isIdle = Object.values(detail).every((done) => done === 0);
  return {
    outcome: failed.length > 0 ? "failed" : isIdle ? "skipped" : "ok",
    note: notes.join("; ") || (isIdle ? "nothing to do" : "done"),
    detail,
  };
}

/** How far a step came. `isDone`: at last there was nothing left for it. */
interface Refreshed {
  readonly done: number;
  readonly isDone: boolean;
  readonly trouble?: string | undefined;
}

async function refreshOne(work: Work, step: RefreshStep): Promise<Refreshed> {
  let done = 0;
  const { tags } = step;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const mark = tags && { id: uuidv7(work.now()), tags };
    const reply = await askInTime(work, mark ? markedStep(step, mark) : step, STATEMENT_MS);
    if (mark && mayHaveDone(reply)) work.wrote(mark.id, mark.tags);
    if (!reply.result) return { done, isDone: false, trouble: reply.isLocked ? undefined : reply.trouble };
    const [[answered] = []] = reply.result.rows;
    if (typeof answered !== "number") return { done, isDone: false, trouble: `${step.name}: it does not say how much` };
    if (answered === 0) return { done, isDone: true };
    done += answered;
  }
  return { done, isDone: false };
}

/** What failed may have happened all the same; who was kept out by a lock, or never sent, did nothing. */
function mayHaveDone({ result, trouble, isLocked }: Reply): boolean {
  return result ? result.rows[0]?.[0] !== 0 : trouble !== undefined && isLocked !== true;
}

import { ensurePartitionsAhead, forgetRequests } from "../database/maintenance.ts";
import type { Query } from "../database/query.ts";
import { FORGET_BATCH, PARTITIONS_AHEAD_DAYS, STATEMENT_MS } from "./constants.ts";
import { forgetMarks } from "./forgetMarks.ts";
import { forgetRows } from "./forgetRows.ts";
import { askInTime, type Work, type WorkDone } from "./work.ts";

/**
 * The nightly work on the database: partitions for the days to come, old marks, old idempotency keys, and what the
 * application wants forgotten: statements that delete a few rows each, sent until they delete none. A step that fails
 * does not stop the others; the run has failed then. What time or open transactions left over is done the next night.
 */
export async function cleanUp(work: Work, application: readonly Query[]): Promise<WorkDone> {
  const ensured = await askInTime(work, ensurePartitionsAhead(PARTITIONS_AHEAD_DAYS), STATEMENT_MS);
  const [[made] = []] = ensured.result?.rows ?? [];
  const marks = await forgetMarks(work);
  const detail: Record<string, number> = {
    partitionsMade: Number(made ?? 0),
    daysOfMarksDropped: marks.days,
    daysOfMarksBusy: marks.busy,
  };
  const troubles = [ensured.trouble, marks.trouble];
  const unfinished = marks.isDone ? [] : ["marks"];
  for (const statement of [forgetRequests(work.now(), FORGET_BATCH), ...application]) {
    const { rows, isDone, trouble } = await forgetRows(work, statement);
    detail[statement.name] = rows;
    troubles.push(trouble);
    if (!isDone) unfinished.push(statement.name);
  }
  const failed = troubles.filter((trouble) => trouble !== undefined);
  const notes = unfinished.length > 0 ? [`left over: ${unfinished.join(", ")}`, ...failed] : failed;
  return { outcome: failed.length > 0 ? "failed" : "ok", note: notes.join("; "), detail };
}

import type { Query } from "../database/query.ts";
import { MAX_BATCHES, STATEMENT_MS } from "./constants.ts";
import { askInTime, type Work } from "./work.ts";

/** What a statement that was sent again and again deleted. `isDone`: at last there was nothing left for it. */
interface ForgottenRows {
  readonly rows: number;
  readonly isDone: boolean;
  readonly trouble?: string;
}

/** Sends a statement that deletes a few rows until it deletes none, or it fails, or the time is over. */
export async function forgetRows(work: Work, statement: Query): Promise<ForgottenRows> {
  let rows = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const reply = await askInTime(work, statement, STATEMENT_MS);
    if (!reply.result) return { ...reply, rows, isDone: false };
    if (reply.result.rowCount === 0) return { rows, isDone: true };
    rows += reply.result.rowCount;
  }
  return { rows, isDone: false };
}

import type { Query } from "../database/query.ts";
import type { Attempt } from "../database/requestScope.ts";
import type { ResultSet } from "../database/transport.ts";
import type { CronDetail, EndOutcome } from "./cronRecord.ts";

/** A lock was not to be had in time; or somebody else is in the midst of the very thing (a day that another run detaches). */
const HELD_BY_OTHERS: readonly unknown[] = ["55P03", "55000"];

/** What a cron's work is given: the primary, a clock, and when it has to be over. */
export interface Work {
  /** One statement on the primary, committed by itself, for at most `ms` milliseconds. */
  readonly ask: (statement: Query, ms: number) => Promise<Attempt<ResultSet>>;
  /** A statement left this mark, or may have: shared answers with one of its tags are old. */
  readonly wrote: (id: string, tags: readonly string[]) => void;
  readonly now: () => number;
  readonly endAt: number;
}

/** What came of it, as the journal wants it. */
export interface WorkDone {
  readonly outcome: EndOutcome;
  readonly note: string;
  readonly detail: CronDetail;
}

/**
 * The answer, or why there is none: `trouble` says what failed, and is missing where only the time was over. `isLocked`:
 * somebody else held what it needed.
 */
export type Reply =
  | { readonly result: ResultSet; readonly trouble?: undefined; readonly isLocked?: undefined }
  | { readonly result?: undefined; readonly trouble?: string; readonly isLocked?: boolean };

/** Asks for at most `ms` milliseconds, and never beyond the work's end. */
export async function askInTime({ ask, now, endAt }: Work, statement: Query, ms: number): Promise<Reply> {
  const leftMs = Math.min(ms, endAt - now());
  if (leftMs <= 0) return {};
  const answer = await ask(statement, leftMs);
  if (answer.ok) return { result: answer.value };
  const { message, sqlstate } = answer.failure;
  return { trouble: `${statement.name}: ${message}`, isLocked: HELD_BY_OTHERS.includes(sqlstate) };
}

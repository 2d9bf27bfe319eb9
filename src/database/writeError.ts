import type { Judgement } from "./classify.ts";
import { MARK_WINDOW_MS } from "./constants.ts";
import { DatabaseError } from "./errors.ts";
import { isSchemaMissing } from "./locatePrimary.ts";
import type { TransportFailure } from "./transport.ts";

/** What is known of the write that failed. */
export interface FailedWrite {
  readonly mark: string;
  /** It carried an idempotency key. */
  readonly hasKey: boolean;
}

/** The error that a write which did not commit ends with; `unknown-outcome` where it may have committed all the same. */
export function writeError(
  failure: TransportFailure,
  judgement: Judgement,
  { mark, hasKey }: FailedWrite,
): DatabaseError {
  const details = { cause: failure };
  if (failure.sqlstate === "55P03" && hasKey) {
    const message = "The first request with this idempotency key is still running.";
    return new DatabaseError("idempotency-busy", message, { ...details, retryAfterMs: 1_000 });
  }
  if (isClaimedAway(failure)) {
    const message = "The write came too late: its mark had been claimed, so nothing was written.";
    return new DatabaseError("unavailable", message, { ...details, mark, retryAfterMs: 1_000 });
  }
  if (judgement.effect === "unknown") {
    const message = "The answer to a write was lost.";
    return new DatabaseError("unknown-outcome", message, { ...details, mark, retryAfterMs: 2_000 });
  }
  const misconfigured = configurationTrouble(failure, judgement);
  if (misconfigured !== undefined) return new DatabaseError("configuration", misconfigured, details);
  if (judgement.class === "caller") {
    return new DatabaseError("query", `A write was refused: ${failure.message}`, details);
  }
  const code = judgement.class === "slow" ? "deadline" : "unavailable";
  const message = "The primary could not take a write; nothing was written.";
  return new DatabaseError(code, message, { ...details, retryAfterMs: 1_000 });
}

/** What only somebody who looks after the database can mend, in a sentence. */
function configurationTrouble(failure: TransportFailure, judgement: Judgement): string | undefined {
  const { sqlstate } = failure;
  if (isSchemaMissing(failure)) {
    return 'The schema "breakwater" is missing or too old: run `npm run cli -- install`.';
  }
  if (isPartitionMissing(failure)) {
    return "The partitions of breakwater.marks for today are missing (the nightly cron makes them): run `npm run cli -- install`.";
  }
  if (sqlstate === "BW002") {
    return `The database's clock and ours are more than ${MARK_WINDOW_MS / 60_000} minutes apart.`;
  }
  return judgement.class === "configuration" ? "The primary refuses our credentials or database name." : undefined;
}

/** A check violation without a constraint: the mark fits into no partition, so nothing was written. */
export function isPartitionMissing({ sqlstate, constraint, table }: TransportFailure): boolean {
  return sqlstate === "23514" && constraint === undefined && table === "marks";
}

/** Refused by the key of our own marks: somebody who took the write for lost settled that it never was. */
export function isClaimedAway({ sqlstate, constraint, table }: TransportFailure): boolean {
  return sqlstate === "23505" && /^marks_\d{8,}_pkey$/.test(constraint ?? "") && /^marks_\d{8,}$/.test(table ?? "");
}

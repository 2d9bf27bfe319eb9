/**
 * What `Database` throws, told apart by `code`:
 * `unavailable`: no node that may answer did, nothing was written; `deadline`: the time was over, nothing was written;
 * `unknown-outcome`: a write was sent and its answer lost (`mark` names it); `idempotency-reused`: the key came before
 * with another request; `idempotency-busy`: the first attempt with this key still runs; `configuration`: the database
 * lacks something (credentials, the breakwater schema); `query`: the statement is wrong, a bug of the caller.
 */
export type DatabaseErrorCode =
  | "unavailable"
  | "deadline"
  | "unknown-outcome"
  | "idempotency-reused"
  | "idempotency-busy"
  | "configuration"
  | "query";

/** Never shown to a client as it is: `toResponse` decides what leaves. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: DatabaseErrorCode;
  /** When it makes sense to come back, where that is known. */
  readonly retryAfterMs: number | undefined;
  /** The mark of a write whose outcome is unknown. */
  readonly mark: string | undefined;
  /** The query that failed, by name. */
  readonly query: string | undefined;

  constructor(
    code: DatabaseErrorCode,
    message: string,
    details: { retryAfterMs?: number; mark?: string; query?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.retryAfterMs = details.retryAfterMs;
    this.mark = details.mark;
    this.query = details.query;
  }
}

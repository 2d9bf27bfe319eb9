import { type Query, query } from "../../breakwater.ts";
import { bytea, iso } from "./parameters.ts";

export interface OwnSessionRow {
  readonly id: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly is_current: boolean;
}

/** Whose sessions are asked for, and by which of them. */
export interface Asking {
  readonly id: string;
  readonly tokenHash: string;
}

/** An account's live sessions, newest first, at most `limit`. */
export function ownSessions({ id, tokenHash }: Asking, nowMs: number, limit: number): Query<OwnSessionRow> {
  return query(
    "sessions.own",
    `SELECT id, created_at, expires_at, token_hash = $2 AS is_current FROM sessions
WHERE user_id = $1 AND expires_at > $3
ORDER BY created_at DESC, id DESC
LIMIT $4`,
    [id, bytea(tokenHash), iso(nowMs), limit],
  );
}

/** Whose a live session is, and whether it is the one that asks. */
export function sessionById(
  sessionId: string,
  { tokenHash }: Asking,
  nowMs: number,
): Query<{ readonly user_id: string; readonly is_current: boolean }> {
  return query(
    "sessions.by-id",
    "SELECT user_id, token_hash = $2 AS is_current FROM sessions WHERE id = $1 AND expires_at > $3",
    [sessionId, bytea(tokenHash), iso(nowMs)],
  );
}

/** Ends one session of an account's own. */
export function endSession(sessionId: string, userId: string): Query {
  return query("sessions.end", "DELETE FROM sessions WHERE id = $1 AND user_id = $2", [sessionId, userId]);
}

/** Ends all sessions of an account but the one that asks. */
export function endOtherSessions({ id, tokenHash }: Asking): Query {
  return query("sessions.end-others", "DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2", [
    id,
    bytea(tokenHash),
  ]);
}

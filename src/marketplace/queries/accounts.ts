import { type Query, query } from "../../breakwater.ts";
import type { Role } from "../lists.ts";
import { bytea, iso } from "./parameters.ts";

export interface SessionRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly expires_at: string;
}

/** Whose session it is, if it has not ended. */
export function sessionByToken(tokenHash: string, nowMs: number): Query<SessionRow> {
  return query(
    "accounts.session",
    `SELECT u.id, u.email, u.name, u.role, s.expires_at
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.removed_at IS NULL`,
    [bytea(tokenHash), iso(nowMs)],
  );
}

export interface AccountRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly password_hash: string;
}

/** The account of an address, whatever its case. */
export function accountByEmail(email: string): Query<AccountRow> {
  return query(
    "accounts.by-email",
    "SELECT id, email, name, role, password_hash FROM users WHERE lower(email) = lower($1) AND removed_at IS NULL",
    [email],
  );
}

/** A new account. Violates `users_email_key` where the address has one. */
export function insertUser(user: {
  id: string;
  email: string;
  name: string;
  role: Role;
  passwordHash: string;
  createdMs: number;
}): Query {
  return query(
    "accounts.insert",
    "INSERT INTO users (id, email, name, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    [user.id, user.email, user.name, user.role, user.passwordHash, iso(user.createdMs)],
  );
}

/**
 * A new session of who proved the password behind this hash; none where the account has another one by now. The lock
 * waits for a new password that is being set: its transaction ends all sessions it sees, and this one comes after.
 */
export function insertSession(session: {
  id: string;
  tokenHash: string;
  userId: string;
  passwordHash: string;
  createdMs: number;
  expiresMs: number;
}): Query {
  const { id, tokenHash, userId, passwordHash, createdMs, expiresMs } = session;
  return query(
    "accounts.insert-session",
    `INSERT INTO sessions (id, token_hash, user_id, created_at, expires_at)
SELECT $1::uuid, $2::bytea, u.id, $4::timestamptz, $5::timestamptz
FROM users u WHERE u.id = $3 AND u.password_hash = $6
FOR SHARE`,
    [id, bytea(tokenHash), userId, iso(createdMs), iso(expiresMs), passwordHash],
  );
}

/** Ends a session. */
export function deleteSession(tokenHash: string): Query {
  return query("accounts.delete-session", "DELETE FROM sessions WHERE token_hash = $1", [bytea(tokenHash)]);
}

/** Replaces a hash by one with today's parameters, unless the password changed in between. */
export function replaceHash(id: string, before: string, after: string): Query {
  return query("accounts.rehash", "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2", [
    id,
    before,
    after,
  ]);
}

import { type Query, query } from "../../breakwater.ts";
import type { Role } from "../lists.ts";

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
WHERE s.token_hash = $1 AND s.expires_at > $2`,
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
    "SELECT id, email, name, role, password_hash FROM users WHERE lower(email) = lower($1)",
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

/** A new session. */
export function insertSession(session: {
  id: string;
  tokenHash: string;
  userId: string;
  createdMs: number;
  expiresMs: number;
}): Query {
  return query(
    "accounts.insert-session",
    "INSERT INTO sessions (id, token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
    [session.id, bytea(session.tokenHash), session.userId, iso(session.createdMs), iso(session.expiresMs)],
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

function bytea(hex: string): string {
  return `\\x${hex}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

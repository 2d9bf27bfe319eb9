import type * as z from "zod/mini";
import { type Context, type Database, ProblemError, type Query, type Route, uuidv7 } from "../../breakwater.ts";
import { type User, userOf } from "../auth/member.ts";
import { isOutdated, type Passwords } from "../auth/passwords.ts";
import { sessionCookie } from "../auth/sessionCookie.ts";
import { newToken, tokenHashOf } from "../auth/sessionToken.ts";
import { SESSION_MS } from "../constants.ts";
import { accountByEmail, deleteSession, insertSession, insertUser, replaceHash } from "../queries/accounts.ts";
import { route } from "../route.ts";
import { loginSchema, registrationSchema, sessionSchema, signedInSchema } from "../schemas/accountSchemas.ts";

/** Accounts and sessions. The password hashes come in, since they alone cost time by design. */
export function authRoutes(passwords: Passwords): readonly Route[] {
  return [
    route({
      method: "POST",
      path: "/api/auth/register",
      summary: "A new account, signed in",
      access: "anonymous",
      body: registrationSchema,
      answers: { 201: signedInSchema },
      headers: ["Set-Cookie"],
      problems: ["email-taken", "busy"],
      handle: async ({ body: { password, ...body }, database, now, url }) => {
        const passwordHash = await passwords.hash(password);
        const user = { id: uuidv7(now()), ...body };
        const before = [insertUser({ ...user, passwordHash, createdMs: now() })];
        const signedIn = await signIn({ user, passwordHash, database, nowMs: now(), url, before });
        if (!signedIn) throw new Error("A new account had no session.");
        return { status: 201, ...signedIn };
      },
    }),
    route({
      method: "POST",
      path: "/api/auth/login",
      summary: "A new session",
      access: "anonymous",
      body: loginSchema,
      answers: { 200: signedInSchema },
      headers: ["Set-Cookie"],
      problems: ["invalid-credentials", "busy"],
      handle: async (context) => {
        // Null: the hash was replaced in between, by a new password or by another login. Once more tells which.
        const signedIn = (await logIn(passwords, context)) ?? (await logIn(passwords, context));
        if (!signedIn) throw new ProblemError("invalid-credentials");
        return { status: 200, ...signedIn };
      },
    }),
    route({
      method: "POST",
      path: "/api/auth/logout",
      summary: "Ends this session; without one it does nothing",
      access: "optional",
      answers: { 204: null },
      headers: ["Set-Cookie"],
      handle: async ({ account, database, url }) => {
        if (account) {
          const tags = [`user:${account.id}`, `account:${account.id}`];
          await database.write([deleteSession(account.tokenHash)], { tags });
        }
        return { status: 204, headers: { "Set-Cookie": sessionCookie(url) } };
      },
    }),
    route({
      method: "GET",
      path: "/api/auth/session",
      summary: "Who is signed in, and until when",
      access: "signed-in",
      answers: { 200: sessionSchema },
      handle: async ({ account }) => ({
        status: 200,
        body: { user: userOf(account), expiresAt: account.expiresAt },
      }),
    }),
  ];
}

/** A session for who knows the password, or null where the account's hash changed since it was read. */
async function logIn(
  passwords: Passwords,
  { body: { email, password }, database, now, url }: Context<unknown, unknown, z.infer<typeof loginSchema>, null>,
) {
  const { rows } = await database.read(accountByEmail(email), { freshness: "strict" });
  const [account] = rows;
  const isRight = await passwords.isRight(account?.password_hash, password);
  if (!account || !isRight) throw new ProblemError("invalid-credentials");
  const { id, password_hash: hash } = account;
  const passwordHash = isOutdated(hash) ? await passwords.hash(password) : hash;
  const before = passwordHash === hash ? [] : [replaceHash(id, hash, passwordHash)];
  return signIn({ user: userOf(account), passwordHash, database, nowMs: now(), url, before });
}

/**
 * Opens a session in one transaction with what goes before it; null where the account has another hash by then. Throws
 * the problem `email-taken`.
 */
async function signIn({
  user,
  passwordHash,
  database,
  nowMs,
  url,
  before,
}: {
  user: User;
  passwordHash: string;
  database: Database;
  nowMs: number;
  url: URL;
  before: readonly Query[];
}) {
  const token = newToken();
  const tokenHash = await tokenHashOf(token);
  const times = { createdMs: nowMs, expiresMs: nowMs + SESSION_MS };
  const session = insertSession({ id: uuidv7(nowMs), tokenHash, userId: user.id, passwordHash, ...times });
  const done = await database.write([...before, session], { tags: [`user:${user.id}`, `account:${user.id}`] });
  if (done.kind === "violated") {
    if (done.constraint === "users_email_key") throw new ProblemError("email-taken");
    throw new Error(`A session broke ${done.constraint}.`);
  }
  if (done.changed.at(-1) === 0) return null;
  // The body holds the token: nothing on the way may keep it.
  return { body: { user, token }, headers: { "Set-Cookie": sessionCookie(url, token), "Cache-Control": "no-store" } };
}

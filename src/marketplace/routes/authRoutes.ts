import { type Database, ProblemError, type Query, type Route, uuidv7 } from "../../breakwater.ts";
import { type User, userOf } from "../auth/member.ts";
import { isOutdated, type Passwords } from "../auth/passwords.ts";
import { sessionCookie } from "../auth/sessionCookie.ts";
import { newSessionToken, tokenHashOf } from "../auth/sessionToken.ts";
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
      problems: ["email-taken", "busy"],
      handle: async ({ body: { password, ...body }, database, now, url }) => {
        const passwordHash = await passwords.hash(password);
        const user = { id: uuidv7(now()), ...body };
        const account = insertUser({ ...user, passwordHash, createdMs: now() });
        return { status: 201, ...(await signIn({ user, database, nowMs: now(), url, before: [account] })) };
      },
    }),
    route({
      method: "POST",
      path: "/api/auth/login",
      summary: "A new session",
      access: "anonymous",
      body: loginSchema,
      answers: { 200: signedInSchema },
      problems: ["invalid-credentials", "busy"],
      handle: async ({ body: { email, password }, database, now, url }) => {
        const { rows } = await database.read(accountByEmail(email), { freshness: "strict" });
        const [account] = rows;
        const isRight = await passwords.isRight(account?.password_hash, password);
        if (!account || !isRight) throw new ProblemError("invalid-credentials");
        const { id, password_hash: hash } = account;
        const before = isOutdated(hash) ? [replaceHash(id, hash, await passwords.hash(password))] : [];
        return { status: 200, ...(await signIn({ user: userOf(account), database, nowMs: now(), url, before })) };
      },
    }),
    route({
      method: "POST",
      path: "/api/auth/logout",
      summary: "Ends this session; without one it does nothing",
      access: "optional",
      answers: { 204: null },
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

/** Opens a session in one transaction with what goes before it. Throws the problem `email-taken`. */
async function signIn({
  user,
  database,
  nowMs,
  url,
  before,
}: {
  user: User;
  database: Database;
  nowMs: number;
  url: URL;
  before: readonly Query[];
}) {
  const token = newSessionToken();
  const tokenHash = await tokenHashOf(token);
  const session = { id: uuidv7(nowMs), tokenHash, userId: user.id, createdMs: nowMs, expiresMs: nowMs + SESSION_MS };
  const tags = [`user:${user.id}`, `account:${user.id}`];
  const done = await database.write([...before, insertSession(session)], { tags });
  if (done.kind === "violated") {
    if (done.constraint === "users_email_key") throw new ProblemError("email-taken");
    throw new Error(`A session broke ${done.constraint}.`);
  }
  // The body holds the token: nothing on the way may keep it.
  return { body: { user, token }, headers: { "Set-Cookie": sessionCookie(url, token), "Cache-Control": "no-store" } };
}

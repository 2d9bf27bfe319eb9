import { ProblemError, type Route } from "../../breakwater.ts";
import { permit } from "../auth/permit.ts";
import { sessionCookie } from "../auth/sessionCookie.ts";
import { MAX_SESSIONS_SHOWN } from "../constants.ts";
import { endOtherSessions, endSession, ownSessions, sessionById } from "../queries/sessions.ts";
import { route } from "../route.ts";
import { ownSessionsSchema, sessionIdSchema } from "../schemas/accountSchemas.ts";
import { committed } from "./committed.ts";
import { ownTags } from "./ownTags.ts";

/** One's own sessions: where one is signed in, and the end of it. */
export const sessionRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/me/sessions",
    summary: "Your live sessions, newest first",
    access: "signed-in",
    answers: { 200: ownSessionsSchema },
    handle: async ({ account, database, freshness, now }) => {
      const { rows } = await database.read(ownSessions(account, now(), MAX_SESSIONS_SHOWN), { freshness });
      const items = rows.map(({ id, created_at: createdAt, expires_at: expiresAt, is_current: current }) => {
        return { id, createdAt, expiresAt, current };
      });
      return { status: 200, body: { items } };
    },
  }),
  route({
    method: "DELETE",
    path: "/api/me/sessions",
    summary: "Ends all your sessions but this one",
    access: "signed-in",
    answers: { 204: null },
    handle: async ({ account, database }) => {
      committed(await database.write([endOtherSessions(account)], { tags: ownTags(account.id) }));
      return { status: 204 };
    },
  }),
  route({
    method: "DELETE",
    path: "/api/me/sessions/:id",
    summary: "Ends one of your sessions",
    access: "signed-in",
    params: sessionIdSchema,
    answers: { 204: null },
    headers: ["Set-Cookie"],
    problems: ["not-found"],
    handle: async ({ account, database, now, params: { id }, url }) => {
      const { rows } = await database.read(sessionById(id, account, now()), { freshness: "strict" });
      const [session] = rows;
      if (!session) throw new ProblemError("not-found");
      permit(account, { to: "end-session", accountId: session.user_id });
      committed(await database.write([endSession(id, account.id)], { tags: ownTags(account.id) }));
      return { status: 204, ...(session.is_current && { headers: { "Set-Cookie": sessionCookie(url) } }) };
    },
  }),
];

import { describe, expect, test } from "vitest";
import { tokenHashOf } from "../../../../src/marketplace/auth/sessionToken.ts";
import { MAX_SESSIONS_SHOWN } from "../../../../src/marketplace/constants.ts";
import { ask, TOKEN, USER } from "./ask.ts";

const SESSION = "0198c0de-0000-7000-8000-0000000000aa";
const PATH = `/api/me/sessions/${SESSION}`;

const byId = (user: string, isCurrent = false) => ({
  rows: { "sessions.by-id": [{ user_id: user, is_current: isCurrent }] },
});

describe("one's own sessions", () => {
  test("are listed newest first, a bounded number, and say which one asks", async () => {
    const times = { created_at: "2026-10-01T00:00:00.000Z", expires_at: "2026-12-01T00:00:00.000Z" };
    const { status, body, database } = await ask("/api/me/sessions", {
      signedIn: true,
      script: { rows: { "sessions.own": [{ id: SESSION, ...times, is_current: true }] } },
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      items: [{ id: SESSION, createdAt: times.created_at, expiresAt: times.expires_at, current: true }],
    });
    expect(database.asked.at(-1)).toMatchObject({
      query: { values: [USER.id, `\\x${await tokenHashOf(TOKEN)}`, expect.any(String), MAX_SESSIONS_SHOWN] },
      options: { freshness: "strict" },
    });
  });

  test("all end but the one that asks", async () => {
    const { status, database } = await ask("/api/me/sessions", { method: "DELETE", signedIn: true });
    expect(status).toBe(204);
    expect(database.asked.at(-1)).toMatchObject({
      statements: [{ name: "sessions.end-others", values: [USER.id, `\\x${await tokenHashOf(TOKEN)}`] }],
    });
  });

  test("end one by one, and the cookie with the one that asks", async () => {
    const end = (isCurrent: boolean) =>
      ask(PATH, { method: "DELETE", signedIn: true, script: byId(USER.id, isCurrent) });
    const [other, current] = [await end(false), await end(true)];
    expect([other.status, other.headers.get("Set-Cookie")]).toEqual([204, null]);
    expect(current.headers.get("Set-Cookie")).toMatch(/^session=; Path=\/; Max-Age=0;/);
    expect(other.database.asked.at(-1)).toMatchObject({
      statements: [{ name: "sessions.end", values: [SESSION, USER.id] }],
    });
  });

  test("of others do not exist, nor do ended ones, and nothing is written", async () => {
    for (const script of [byId("0198c0de-0000-7000-8000-00000000000b"), {}]) {
      const { status, body, database } = await ask(PATH, { method: "DELETE", signedIn: true, script });
      expect([status, body.type]).toEqual([404, "/problems/not-found"]);
      expect(database.asked.map(({ kind }) => kind)).toEqual(["read", "read"]);
    }
  });
});

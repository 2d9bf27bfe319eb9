import { describe, expect, test } from "vitest";
import { argon2Hasher } from "../../../../src/marketplace/auth/argon2.ts";
import { tokenHashOf } from "../../../../src/marketplace/auth/sessionToken.ts";
import { DUMMY_HASH, SESSION_MS } from "../../../../src/marketplace/constants.ts";
import { ask, NOW, TOKEN, USER } from "./ask.ts";

const PERSON = { email: USER.email, password: "long enough", name: USER.name, role: USER.role };
const HASH = argon2Hasher.hash("long enough");

describe("registering", () => {
  test("answers the user and a token, stored as a digest only, with the cookie", async () => {
    const { status, body, headers, database } = await ask("/api/auth/register", { method: "POST", body: PERSON });
    expect(status).toBe(201);
    expect(body).toEqual({ user: { ...USER, id: expect.any(String) }, token: expect.stringMatching(/^[\w-]{43}$/) });
    expect(headers.get("Set-Cookie")).toBe(
      `session=${body.token}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure`,
    );
    expect(headers.get("Cache-Control")).toContain("no-store");
    const [write] = database.asked;
    if (write?.kind !== "write") throw new Error("Nothing was written.");
    expect(write.statements.map(({ name }) => name)).toEqual(["accounts.insert", "accounts.insert-session"]);
    expect(write.statements[1]?.values.slice(1)).toEqual([
      `\\x${await tokenHashOf(body.token)}`,
      body.user.id,
      new Date(NOW).toISOString(),
      new Date(NOW + SESSION_MS).toISOString(),
      write.statements[0]?.values[4],
    ]);
    expect(JSON.stringify(write)).not.toContain(body.token);
    expect(JSON.stringify(write)).not.toContain(PERSON.password);
    expect(write.options.tags).toContain(`account:${body.user.id}`);
  });

  test("an address that is taken is 409", async () => {
    const script = { violates: "users_email_key" };
    const { status, body, headers } = await ask("/api/auth/register", { method: "POST", body: PERSON, script });
    expect([status, body.type, headers.get("Set-Cookie")]).toEqual([409, "/problems/email-taken", null]);
  });

  test("that breaks another constraint is our mistake", async () => {
    const script = { violates: "sessions_token_hash_key" };
    const { status, reported } = await ask("/api/auth/register", { method: "POST", body: PERSON, script });
    expect([status, reported.length]).toEqual([500, 1]);
  });
});

describe("logging in", () => {
  const login = (hash: string | undefined, password: string) =>
    ask("/api/auth/login", {
      method: "POST",
      body: { email: "ADA@example.org", password },
      script: { rows: { "accounts.by-email": hash === undefined ? [] : [{ ...USER, password_hash: hash }] } },
    });

  test("with the right password answers the user and a new token", async () => {
    const { status, body, database } = await login(HASH, "long enough");
    expect([status, body.user]).toEqual([200, USER]);
    expect(database.asked).toMatchObject([
      { query: { name: "accounts.by-email", values: ["ADA@example.org"] }, options: { freshness: "strict" } },
      { statements: [{ name: "accounts.insert-session" }] },
    ]);
  });

  test("answers an unknown address, a wrong password and a closed account alike", async () => {
    const [unknown, wrong, closed] = [await login(undefined, "x"), await login(HASH, "x"), await login("!", "x")];
    for (const { status, body, headers } of [unknown, wrong, closed]) {
      expect([status, body.type, headers.get("Set-Cookie")]).toEqual([401, "/problems/invalid-credentials", null]);
    }
    const told = ({ body }: typeof unknown) => ({ ...body, requestId: "" });
    expect(told(unknown)).toEqual(told(wrong));
    expect(told(closed)).toEqual(told(wrong));
  });

  test("asks once more where the hash changed between the look and the session, and then refuses", async () => {
    const script = { rows: { "accounts.by-email": [{ ...USER, password_hash: HASH }] }, changed: [0] };
    const body = { email: USER.email, password: "long enough" };
    const { status, database, headers } = await ask("/api/auth/login", { method: "POST", body, script });
    expect([status, headers.get("Set-Cookie")]).toEqual([401, null]);
    expect(database.asked.map(({ kind }) => kind)).toEqual(["read", "write", "read", "write"]);
  });

  test("does not open a closed account to the password behind the dummy hash", async () => {
    expect((await login(DUMMY_HASH.replace("argon2id", "argon2i"), "x")).status).toBe(401);
  });

  test("makes a hash of older parameters anew, with the session", async () => {
    const old = HASH.replace(/^.*p=1/, "$argon2id$v=19$m=19456,t=1,p=1");
    expect((await login(old, "long enough")).status).toBe(401); // the digest is of other parameters
    const weak = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$";
    const { argon2Sync } = await import("node:crypto");
    const nonce = Buffer.from("somesaltsomesalt");
    const tag = argon2Sync("argon2id", {
      message: "long enough",
      nonce,
      parallelism: 1,
      tagLength: 32,
      memory: 64,
      passes: 1,
    });
    const { status, database } = await login(
      weak + Buffer.from(tag).toString("base64").replaceAll("=", ""),
      "long enough",
    );
    expect(status).toBe(200);
    expect(database.asked.at(-1)).toMatchObject({
      statements: [{ name: "accounts.rehash" }, { name: "accounts.insert-session" }],
    });
  });
});

describe("a session", () => {
  test("says who it is and until when, from the primary, by digest", async () => {
    const { status, body, database } = await ask("/api/auth/session", { signedIn: true });
    expect([status, body]).toEqual([200, { user: USER, expiresAt: "2026-12-01T00:00:00.000Z" }]);
    expect(database.asked).toMatchObject([
      {
        query: { name: "accounts.session", values: [`\\x${await tokenHashOf(TOKEN)}`, expect.any(String)] },
        options: { freshness: "newest" },
      },
    ]);
  });

  test("that ended or never was is 401", async () => {
    const { status, body } = await ask("/api/auth/session", { headers: { Cookie: `a=b; session=${TOKEN}` } });
    expect([status, body.type]).toEqual([401, "/problems/unauthenticated"]);
  });

  test("ends with logging out, and so does its cookie; without one nothing is written", async () => {
    const out = await ask("/api/auth/logout", { method: "POST", signedIn: true });
    expect([out.status, out.headers.get("Set-Cookie")]).toEqual([
      204,
      "session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",
    ]);
    expect(out.database.asked.at(-1)).toMatchObject({ statements: [{ name: "accounts.delete-session" }] });
    const nobody = await ask("/api/auth/logout", { method: "POST" });
    expect([nobody.status, nobody.database.asked]).toEqual([204, []]);
  });

  test("in a cookie changes nothing for a page of another site", async () => {
    const cookie = { Cookie: `session=${TOKEN}` };
    const cases: readonly (readonly [Record<string, string>, number])[] = [
      [{}, 403],
      [{ Origin: "https://evil.example" }, 403],
      [{ Origin: "null" }, 403],
      [{ "Sec-Fetch-Site": "cross-site" }, 403],
      [{ "Sec-Fetch-Site": "none" }, 403],
      [{ Origin: "https://pitches.example" }, 204],
      [{ "Sec-Fetch-Site": "same-origin" }, 204],
    ];
    for (const [headers, expected] of cases) {
      const { status, database } = await ask("/api/auth/logout", {
        method: "POST",
        headers: { ...cookie, ...headers },
      });
      expect(status, JSON.stringify(headers)).toBe(expected);
      if (expected === 403) expect(database.asked).toEqual([]);
    }
  });
});

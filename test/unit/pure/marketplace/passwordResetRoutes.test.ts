import { describe, expect, test } from "vitest";
import { createRouter } from "../../../../src/http/router.ts";
import type { ResetDelivery, ResetLetter } from "../../../../src/marketplace/auth/resetDelivery.ts";
import { tokenHashOf } from "../../../../src/marketplace/auth/sessionToken.ts";
import { MAX_RESETS_IN_FLIGHT, RESET_EVERY_MS, RESET_MS } from "../../../../src/marketplace/constants.ts";
import { accounts, problems } from "../../../../src/marketplace/index.ts";
import { passwordResetRoutes } from "../../../../src/marketplace/routes/passwordResetRoutes.ts";
import { NOW, TOKEN, USER } from "./ask.ts";
import { type FakeDatabase, fakeDatabase, type Script } from "./fakeDatabase.ts";

interface Reply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: an answer's body is read by the test that knows its shape.
  readonly body: any;
  readonly headers: Headers;
  /** Statements sent when the answer was there. */
  readonly askedByThen: number;
  readonly database: FakeDatabase;
  /** Ends with the work behind the answer. */
  readonly work: Promise<unknown>;
}

const READER = { id: USER.id, email: "Ada@Example.org", name: "Ada" };
const KNOWN: Script = { rows: { "password-resets.reader": [READER] } };

/** The routes with a delivery that remembers, and everything they did. */
function bed(delivery?: ResetDelivery) {
  const letters: ResetLetter[] = [];
  const reported: unknown[] = [];
  const hashed: string[] = [];
  const remembering: ResetDelivery = { send: async (letter) => void letters.push(letter) };
  const routes = passwordResetRoutes({
    passwords: {
      hash: async (password) => {
        hashed.push(password);
        return "$argon2id$new";
      },
      isRight: async () => false,
    },
    delivery: delivery ?? remembering,
  });
  const router = createRouter({ routes, accounts, problems });
  async function post(path: string, body: unknown, script: Script = {}): Promise<Reply> {
    const database = fakeDatabase(script);
    const works: Promise<unknown>[] = [];
    const request = new Request(`https://pitches.example${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const response = await router.fetch(request, {
      database,
      now: () => NOW,
      waitUntil: (work) => void works.push(work),
      exposesRoute: true,
      report: (error) => reported.push(error),
    });
    const askedByThen = database.asked.length;
    const text = await response.text();
    const { status, headers } = response;
    return {
      status,
      headers,
      body: text === "" ? undefined : JSON.parse(text),
      askedByThen,
      database,
      work: Promise.all(works),
    };
  }
  const ask = (script?: Script, email = "ada@example.org") => post("/api/auth/password-reset", { email }, script);
  const confirm = (script?: Script, token = TOKEN) =>
    post("/api/auth/password-reset/confirm", { token, password: "long enough" }, script);
  return { post, ask, confirm, letters, reported, hashed };
}

describe("asking for a new password", () => {
  test("sends the account a token that is stored as a digest only, good for an hour", async () => {
    const { ask, letters, reported } = bed();
    const { status, database, work } = await ask(KNOWN);
    expect(status).toBe(202);
    await work;
    const [letter] = letters;
    if (!letter) throw new Error("Nothing was sent.");
    expect(letter).toEqual({
      to: READER.email,
      name: READER.name,
      token: expect.stringMatching(/^[\w-]{43}$/),
      expiresAt: new Date(NOW + RESET_MS).toISOString(),
    });
    const since = new Date(NOW - RESET_EVERY_MS).toISOString();
    expect(database.asked).toMatchObject([
      {
        query: { name: "password-resets.reader", values: ["ada@example.org", since] },
        options: { freshness: "strict" },
      },
      { statements: [{ name: "password-resets.lock" }, { name: "password-resets.insert" }] },
    ]);
    expect(JSON.stringify(database.asked)).toContain(await tokenHashOf(letter.token));
    expect(JSON.stringify(database.asked)).not.toContain(letter.token);
    expect(reported).toEqual([]);
  });

  test("is answered before anything is looked up, and alike for an address that nobody has", async () => {
    const { ask, letters } = bed();
    const [known, unknown] = [await ask(KNOWN), await ask()];
    for (const { status, body, askedByThen } of [known, unknown]) {
      expect([status, body, askedByThen]).toEqual([202, undefined, 0]);
    }
    const told = ({ headers }: Reply) =>
      Object.entries(Object.fromEntries(headers)).filter(([name]) => name !== "x-request-id");
    expect(told(known)).toEqual(told(unknown));
    await Promise.all([known.work, unknown.work]);
    expect(unknown.database.asked).toHaveLength(1);
    expect(letters).toHaveLength(1);
  });

  test("sends nothing where another request was faster within the minute", async () => {
    const { ask, letters, reported } = bed();
    const { status, work } = await ask({ ...KNOWN, changed: [1, 0] });
    await work;
    expect([status, letters, reported]).toEqual([202, [], []]);
  });

  test("tells us, and nobody else, of a letter or a database that failed", async () => {
    const failing = bed({ send: () => Promise.reject(new Error("The webhook answered 500.")) });
    const undelivered = await failing.ask(KNOWN);
    await undelivered.work;
    expect([undelivered.status, failing.reported]).toEqual([202, [new Error("The webhook answered 500.")]]);
    const { ask, reported } = bed();
    const unread = await ask({ fails: new Error("no node answered") });
    await unread.work;
    expect([unread.status, reported]).toEqual([202, [new Error("no node answered")]]);
  });

  test("is refused beyond a bound, and taken again when letters are out", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { ask } = bed({ send: () => held });
    const works: Promise<unknown>[] = [];
    for (let count = 0; count < MAX_RESETS_IN_FLIGHT; count++) {
      const { status, work } = await ask(KNOWN);
      expect(status).toBe(202);
      works.push(work);
    }
    const refused = await ask(KNOWN);
    expect([refused.status, refused.body.type]).toEqual([503, "/problems/busy"]);
    release();
    await Promise.all(works);
    expect((await ask(KNOWN)).status).toBe(202);
  });
});

describe("setting the new password", () => {
  const usable: Script = { rows: { "password-resets.usable": [{ user_id: USER.id }] } };

  test("uses the token, replaces the hash and ends the sessions in one transaction", async () => {
    const { confirm, hashed } = bed();
    const { status, body, database } = await confirm(usable);
    expect([status, body, hashed]).toEqual([204, undefined, ["long enough"]]);
    expect(database.asked).toMatchObject([
      { query: { name: "password-resets.usable" }, options: { freshness: "strict" } },
      {
        statements: [{ name: "password-resets.use" }, { name: "password-resets.end-sessions" }],
        options: { tags: [`user:${USER.id}`, `account:${USER.id}`] },
      },
    ]);
    expect(JSON.stringify(database.asked)).not.toContain(TOKEN);
  });

  test("hashes nothing for a token that is of no use", async () => {
    const { confirm, hashed } = bed();
    for (const token of ["", "x", TOKEN, "'; DROP TABLE users; --"]) {
      const { status, body, database } = await confirm({}, token);
      expect([status, body.type]).toEqual([400, "/problems/reset-token-invalid"]);
      expect(database.asked.map(({ kind }) => kind)).toEqual(["read"]);
    }
    expect(hashed).toEqual([]);
  });

  test("is refused where the token was used in between", async () => {
    const { status, body } = await bed().confirm({ ...usable, changed: [0, 0] });
    expect([status, body.type]).toEqual([400, "/problems/reset-token-invalid"]);
  });

  test.for([
    ["/api/auth/password-reset", { email: "nobody" }, "email"],
    ["/api/auth/password-reset", { email: ["ada@example.org"] }, "email"],
    ["/api/auth/password-reset", { email: "ada@example.org", user_id: USER.id }, "user_id"],
    ["/api/auth/password-reset/confirm", { token: TOKEN, password: "short" }, "password"],
    ["/api/auth/password-reset/confirm", { token: "x".repeat(201), password: "long enough" }, "token"],
    ["/api/auth/password-reset/confirm", { token: 7, password: "long enough" }, "token"],
    ["/api/auth/password-reset/confirm", { token: TOKEN, password: "long enough", role: "creator" }, "role"],
  ] as const)("refuses by its field, and asks nobody: %s %j", async ([path, sent, field]) => {
    const { status, body, database, work } = await bed().post(path, sent);
    await work;
    expect([status, body.type, body.errors[0].field]).toEqual([400, "/problems/invalid-request", field]);
    expect(database.asked).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { DatabaseError, uuidv7 } from "../../../../src/breakwater.ts";
import { ask, NOW, pitchRow, USER } from "./ask.ts";

const ID = "0198c0de-0000-7000-8000-000000000001";
const OTHER = "0198c0de-0000-7000-8000-00000000000b";
const PITCH = { title: " Star ", logline: "Lost.", genre: "drama", format: "feature", stage: "script" };

describe("lists", () => {
  test("show published pitches of any replica to whoever is not signed in", async () => {
    const script = { rows: { "pitches.browse": [pitchRow()] } };
    const { status, body, database } = await ask("/api/pitches", { script });
    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        {
          id: ID,
          title: "Star",
          logline: "A star is lost.",
          genre: "drama",
          format: "feature",
          stage: "script",
          creator: { id: USER.id, name: "Ada" },
          createdAt: "2026-01-02T03:04:05.678Z",
          likes: 1,
          views: 2,
        },
      ],
      nextCursor: null,
    });
    expect(database.asked).toMatchObject([
      { query: { name: "pitches.browse", values: [21] }, options: { freshness: "any" } },
    ]);
  });

  test("are read from the primary by whoever is signed in, without a look-up of the account", async () => {
    const { database } = await ask("/api/pitches/search?q=star", { signedIn: true });
    expect(database.asked).toMatchObject([{ query: { name: "pitches.search" }, options: { freshness: "strict" } }]);
  });

  test.each([
    ["some older hits were not ranked", [pitchRow({ is_cut: true })], false],
    ["all hits were ranked", [pitchRow({ is_cut: false })], true],
    ["there are none", [], true],
  ])("say of a search whether it is complete: %s", async (_, rows, isComplete) => {
    const { body } = await ask("/api/pitches/search?q=star", { script: { rows: { "pitches.search": rows } } });
    expect(body).toMatchObject({ isComplete });
  });

  test("have a next page only when a row more was there", async () => {
    const rows = [pitchRow(), pitchRow({ id: OTHER })];
    const { body } = await ask("/api/pitches?limit=1", { script: { rows: { "pitches.browse": rows } } });
    expect(body.items).toHaveLength(1);
    const next = await ask(`/api/pitches?limit=1&cursor=${body.nextCursor}`);
    expect(next.database.asked).toMatchObject([{ query: { values: ["2026-01-02T03:04:05.678Z", ID, 2] } }]);
  });
});

describe("one pitch", () => {
  test("is created as a draft of its creator, with every tag that an outcome and a cache need: lists show no drafts", async () => {
    const result = pitchRow({ status: "draft", created_at: "2026-11-01T13:00:00+01:00" });
    const { status, headers, body, database } = await ask("/api/pitches", {
      method: "POST",
      body: PITCH,
      signedIn: true,
      headers: { "Idempotency-Key": "once" },
      script: { result },
    });
    expect([status, headers.get("Location"), body.status, body.createdAt]).toEqual([
      201,
      `/api/pitches/${ID}`,
      "draft",
      "2026-11-01T12:00:00.000Z",
    ]);
    const [, write] = database.asked;
    if (write?.kind !== "write") throw new Error("Nothing was written.");
    const [id, ...values] = write.statements[0]?.values ?? [];
    expect(values).toEqual([USER.id, "Star", "Lost.", "drama", "feature", "script", new Date(NOW).toISOString()]);
    expect(write.options.tags).toEqual([`pitch:${id}`, `user:${USER.id}`, `account:${USER.id}`]);
    expect(write.options.idempotency).toMatchObject({ key: "once", scope: USER.id });
  });

  test("of another is 404 as a draft, 403 when published, and is not written", async () => {
    for (const [rows, expected] of [
      [[], 404],
      [[pitchRow({ creator_id: OTHER })], 403],
    ] as const) {
      for (const [method, path, body] of [
        ["PATCH", `/api/pitches/${ID}`, { title: "Mine" }],
        ["POST", `/api/pitches/${ID}/publish`, undefined],
        ["POST", `/api/pitches/${ID}/archive`, undefined],
      ] as const) {
        const reply = await ask(path, { method, body, signedIn: true, script: { rows: { "pitches.by-id": rows } } });
        expect(reply.status, `${method} ${path}`).toBe(expected);
        expect(reply.database.asked.some(({ kind }) => kind === "write")).toBe(false);
      }
    }
  });

  test("that moves to another genre touches both", async () => {
    const script = { rows: { "pitches.by-id": [pitchRow()] }, result: pitchRow({ genre: "comedy" }) };
    const { status, database } = await ask(`/api/pitches/${ID}`, {
      method: "PATCH",
      body: { genre: "comedy" },
      signedIn: true,
      script,
    });
    expect(status).toBe(200);
    expect(database.asked.at(-1)).toMatchObject({
      statements: [{ name: "pitches.update", values: [ID, USER.id, expect.any(String), "comedy"] }],
      options: {
        tags: ["pitches", `pitch:${ID}`, "genre:drama", "genre:comedy", `user:${USER.id}`, `account:${USER.id}`],
      },
    });
  });

  test("that went away between the look and the change is 404", async () => {
    const script = { rows: { "pitches.by-id": [pitchRow()] }, result: null };
    expect((await ask(`/api/pitches/${ID}/publish`, { method: "POST", signedIn: true, script })).status).toBe(404);
  });

  test("is changed by nobody who is not signed in", async () => {
    for (const [method, path] of [
      ["POST", "/api/pitches"],
      ["PATCH", `/api/pitches/${ID}`],
      ["POST", `/api/pitches/${ID}/publish`],
      ["POST", `/api/pitches/${ID}/archive`],
    ] as const) {
      const { status, database } = await ask(path, { method, body: PITCH });
      expect(status, `${method} ${path}`).toBe(401);
      expect(database.asked).toEqual([]);
    }
  });
});

describe("a database that fails", () => {
  test.for([
    ["unavailable", 503, "unavailable"],
    ["deadline", 503, "deadline-exceeded"],
    ["unknown-outcome", 503, "unknown-outcome"],
    ["idempotency-reused", 422, "idempotency-key-reused"],
    ["idempotency-busy", 409, "idempotency-key-busy"],
    ["configuration", 503, "misconfigured"],
    ["query", 500, "internal-error"],
  ] as const)("with %s is told as %i %s, in none of its own words", async ([code, expected, slug]) => {
    const fails = new DatabaseError(code, "relation secret_table does not exist", { mark: ID });
    const reads = ["/api/pitches", "/api/pitches/search?q=star", `/api/pitches/${ID}`];
    const writes = ["/api/pitches", `/api/pitches/${ID}/publish`];
    const isOfWritesAlone = code === "unknown-outcome" || code.startsWith("idempotency");
    const questions = [
      ...(isOfWritesAlone ? [] : reads.map((path) => ({ path, method: "GET" }))),
      ...writes.map((path) => ({ path, method: "POST", body: PITCH, signedIn: true })),
    ];
    for (const { path, ...question } of questions) {
      const { status, body } = await ask(path, { ...question, script: { fails } });
      expect([status, body.type], path).toEqual([expected, `/problems/${slug}`]);
      expect(JSON.stringify(body)).not.toContain("secret_table");
    }
  });
});

describe("the outcome of a write", () => {
  const mine = [`account:${USER.id}`];
  const recent = uuidv7(NOW - 60_000);
  const old = uuidv7(NOW - 11 * 60_000);
  const cases = [
    [
      "is committed when its mark is there",
      recent,
      { marks: [{ tags: mine, outcome: "committed" }] },
      200,
      "committed",
    ],
    ["is void when a claim came first", recent, { marks: [{ tags: mine, outcome: "void" }] }, 200, "void"],
    ["of another is not told", recent, { marks: [{ tags: ["account:x"], outcome: "committed" }] }, 404, undefined],
    ["is claimed when it may still arrive", recent, { claim: "void" }, 200, "void"],
    ["is pending while the original runs", recent, { claim: "pending" }, 200, "pending"],
    [
      "that arrives in between is told to its owner",
      recent,
      { marks: [null, { tags: mine, outcome: "committed" }], claim: "committed" },
      200,
      "committed",
    ],
    [
      "that arrives in between is not told to others",
      recent,
      { marks: [null, { tags: [], outcome: "committed" }], claim: "committed" },
      404,
      undefined,
    ],
    ["beyond the retention is nobody's", recent, { claim: "expired" }, 404, undefined],
    ["too old to arrive is not claimed", old, { claim: "void" }, 404, undefined],
    ["of no version 7 id is not claimed", "0198c0de-0000-4000-8000-000000000001", { claim: "void" }, 404, undefined],
  ] as const;
  test.for(cases)("%s", async ([, id, script, status, state]) => {
    const reply = await ask(`/api/outcomes/${id}`, { signedIn: true, script });
    expect([reply.status, reply.body.state]).toEqual([status, state]);
    const claimed = reply.database.asked.filter(({ kind }) => kind === "claim");
    expect(claimed).toEqual("claim" in script && id === recent ? [{ kind: "claim", id, tags: mine }] : []);
  });
});

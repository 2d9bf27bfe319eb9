import { describe, expect, test } from "vitest";
import { DatabaseError } from "../../../../src/breakwater.ts";
import { ask, NOW, pitchRow, USER } from "./ask.ts";

const ID = "0198c0de-0000-7000-8000-000000000001";
const OTHER = "0198c0de-0000-7000-8000-00000000000b";
const OWN = [`user:${USER.id}`, `account:${USER.id}`];
const facts = (creator_id: string, status: string) => ({ rows: { "pitches.facts": [{ creator_id, status }] } });

describe("a like or a saved pitch", () => {
  test.for([
    ["like", "likes.insert"],
    ["save", "saved.insert"],
  ] as const)("%s: looks at the primary first, and outdates nothing that others are shown", async ([action, name]) => {
    const script = facts(OTHER, "published");
    const { status, database } = await ask(`/api/pitches/${ID}/${action}`, { method: "PUT", signedIn: true, script });
    expect(status).toBe(204);
    expect(database.asked.slice(1)).toMatchObject([
      { query: { name: "pitches.facts", values: [ID] }, options: { freshness: "strict" } },
      { statements: [{ name }], options: { tags: OWN } },
    ]);
    const write = database.asked.at(-1);
    if (write?.kind !== "write") throw new Error("Nothing was written.");
    expect(write.statements[0]?.values.slice(0, 3)).toEqual([USER.id, ID, new Date(NOW).toISOString()]);
  });

  test.for([
    ["a published pitch", facts(OTHER, "published"), 204],
    ["one's own draft", facts(USER.id, "draft"), 204],
    ["another's draft", facts(OTHER, "draft"), 404],
    ["another's archived pitch", facts(OTHER, "archived"), 404],
    ["nothing", {}, 404],
  ] as const)("is put on %s: %i", async ([, script, expected]) => {
    for (const action of ["like", "save"]) {
      const reply = await ask(`/api/pitches/${ID}/${action}`, { method: "PUT", signedIn: true, script });
      expect(reply.status).toBe(expected);
      expect(reply.database.asked.some(({ kind }) => kind === "write")).toBe(expected === 204);
    }
  });

  test("is taken back without a look at the pitch, which may be hidden by now", async () => {
    for (const action of ["like", "save"]) {
      const { status, database } = await ask(`/api/pitches/${ID}/${action}`, { method: "DELETE", signedIn: true });
      expect(status).toBe(204);
      expect(database.asked.slice(1)).toMatchObject([
        { statements: [{ values: [USER.id, ID] }], options: { tags: OWN } },
      ]);
    }
  });

  test("is nothing for who is not signed in", async () => {
    for (const method of ["PUT", "DELETE"]) {
      for (const action of ["like", "save"]) {
        const { status, database } = await ask(`/api/pitches/${ID}/${action}`, { method });
        expect([status, database.asked]).toEqual([401, []]);
      }
    }
  });
});

describe("the saved pitches", () => {
  test("go on from when a pitch was saved, and take no cursor of another list", async () => {
    const saved = pitchRow({ sort_key: "2026-02-02T00:00:00.000Z" });
    const script = { rows: { "saved.list": [saved, pitchRow({ id: OTHER })], "feed.list": [saved, saved] } };
    const { body } = await ask("/api/me/saved?limit=1", { signedIn: true, script });
    const next = await ask(`/api/me/saved?limit=1&cursor=${body.nextCursor}`, { signedIn: true });
    expect(next.database.asked.at(-1)).toMatchObject({
      query: { values: [USER.id, "2026-02-02T00:00:00.000Z", ID, 2] },
    });
    const feed = await ask("/api/me/feed?limit=1", { signedIn: true, script });
    for (const path of ["/api/me/saved", "/api/me/following", "/api/me/conversations", `/api/users/${ID}/pitches`]) {
      const refused = await ask(`${path}?cursor=${feed.body.nextCursor}`, { signedIn: true });
      expect([path, refused.status, refused.body.errors[0].field]).toEqual([path, 400, "cursor"]);
    }
  });
});

describe("a view", () => {
  const see = (fails?: Error) =>
    ask(`/api/pitches/${ID}/views`, { method: "POST", ...(fails && { script: { fails } }) });

  test("is one statement of today, and outdates nothing", async () => {
    const { status, body, database } = await see();
    expect([status, body]).toEqual([202, undefined]);
    expect(database.asked).toMatchObject([
      {
        statements: [
          { name: "views.insert", values: [ID, "2026-11-01", expect.stringMatching(/^\\x[0-9a-f]{32}$/), null] },
        ],
        options: { tags: [] },
      },
    ]);
  });

  test("of who is signed in says who that is, so that a creator's own does not count", async () => {
    const { database } = await ask(`/api/pitches/${ID}/views`, { method: "POST", signedIn: true });
    expect(database.asked.at(-1)).toMatchObject({
      statements: [{ values: [ID, "2026-11-01", expect.any(String), USER.id] }],
    });
  });

  test.for([
    ["unavailable", 202],
    ["deadline", 202],
    ["unknown-outcome", 202],
    ["configuration", 503],
    ["query", 500],
  ] as const)(
    "that fails with %s is answered %i: lost views trouble nobody, our mistakes are told",
    async ([code, expected]) => {
      const { status, reported } = await see(new DatabaseError(code, "no"));
      expect([status, reported.length]).toEqual([expected, expected === 202 ? 0 : 1]);
    },
  );
});

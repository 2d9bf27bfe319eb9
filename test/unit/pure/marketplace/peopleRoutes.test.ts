import { describe, expect, test } from "vitest";
import { ask, NOW, USER } from "./ask.ts";

const ID = "0198c0de-0000-7000-8000-000000000001";
const OTHER = { id: "0198c0de-0000-7000-8000-00000000000b", name: "Bo" };
const OWN = [`user:${USER.id}`, `account:${USER.id}`];

const there = { "profiles.person": [OTHER] };
const message = {
  id: ID,
  sender_id: USER.id,
  sender_name: USER.name,
  body: "Hello.",
  created_at: "2026-11-01T13:00:00+01:00",
};
const started = {
  ...message,
  conversation_id: ID,
  with_id: OTHER.id,
  with_name: OTHER.name,
  pitch_id: null,
  pitch_title: null,
  is_first: true,
};
const thread = (change: object = {}) => ({
  "conversations.facts": [{ id: ID, topic: "t", participants: [USER.id, OTHER.id], has_removed: false, ...change }],
});

describe("following", () => {
  test("tells the followed one's profile, whose number of followers it changes", async () => {
    const path = `/api/users/${OTHER.id}/follow`;
    const { status, database } = await ask(path, { method: "PUT", signedIn: true, script: { rows: there } });
    expect(status).toBe(204);
    expect(database.asked.slice(1)).toMatchObject([
      { query: { name: "profiles.person" }, options: { freshness: "strict" } },
      { statements: [{ name: "follows.insert" }], options: { tags: [...OWN, `user:${OTHER.id}`] } },
    ]);
  });

  test.for([
    ["nobody", {}, 404],
    ["oneself", { "profiles.person": [USER] }, 403],
  ] as const)("of %s is answered %i, and not written", async ([, rows, expected]) => {
    const path = `/api/users/${OTHER.id}/follow`;
    const { status, database } = await ask(path, { method: "PUT", signedIn: true, script: { rows } });
    expect([status, database.asked.some(({ kind }) => kind === "write")]).toEqual([expected, false]);
  });
});

describe("a profile", () => {
  const row = {
    id: USER.id,
    name: "Ada",
    role: "creator",
    bio: "",
    company_id: null,
    company_name: null,
    created_at: "2026-01-02T03:04:05.678Z",
    followers: 1,
    published_pitches: 2,
    email: USER.email,
  };

  test("shows what everybody may know, and never the address", async () => {
    const { status, body, database } = await ask(`/api/users/${USER.id}`, {
      script: { rows: { "profiles.by-id": [row] } },
    });
    expect([status, body]).toEqual([
      200,
      {
        id: USER.id,
        name: "Ada",
        role: "creator",
        bio: "",
        company: null,
        memberSince: row.created_at,
        followers: 1,
        publishedPitches: 2,
      },
    ]);
    expect(database.asked).toMatchObject([{ options: { freshness: "any" } }]);
    expect(JSON.stringify(database.asked)).not.toContain("email");
  });

  test.for([
    [{ name: " Ada " }, ["names"], "name = $2", [USER.id, "Ada"]],
    [{ bio: "" }, [], "bio = $2", [USER.id, ""]],
    [{ bio: "Films.", name: "Ada" }, ["names"], "name = $2, bio = $3", [USER.id, "Ada", "Films."]],
  ] as const)(
    "changes by %j alone, and outdates lists only where it stands in them",
    async ([body, tags, set, values]) => {
      const script = { result: row };
      const { status, database } = await ask("/api/me", { method: "PATCH", signedIn: true, body, script });
      expect(status).toBe(200);
      expect(database.asked.at(-1)).toMatchObject({ statements: [{ values }], options: { tags: [...OWN, ...tags] } });
      expect(JSON.stringify(database.asked.at(-1))).toContain(`SET ${set} WHERE id = $1`);
    },
  );

  test("of an account that was removed in between is not there", async () => {
    expect((await ask("/api/me", { method: "PATCH", signedIn: true, body: { bio: "" } })).status).toBe(404);
  });

  test("without pitches is told apart from nobody's", async () => {
    const path = `/api/users/${OTHER.id}/pitches`;
    expect((await ask(path)).status).toBe(404);
    const { status, body } = await ask(path, { script: { rows: there } });
    expect([status, body]).toEqual([200, { items: [], nextCursor: null }]);
  });
});

describe("writing to somebody", () => {
  const write = (script: object, body: object = {}) =>
    ask("/api/conversations", {
      method: "POST",
      signedIn: true,
      body: { recipientId: OTHER.id, message: " Hello. ", ...body },
      script,
    });

  test.for([
    [true, 201],
    [false, 200],
  ] as const)("opens a thread (%s) or writes into the one that is there: %i", async ([isFirst, expected]) => {
    const { status, body, database } = await write({ rows: there, result: { ...started, is_first: isFirst } });
    expect([status, body]).toEqual([
      expected,
      {
        id: ID,
        with: OTHER,
        pitch: null,
        message: {
          id: ID,
          sender: { id: USER.id, name: USER.name },
          body: "Hello.",
          createdAt: "2026-11-01T12:00:00.000Z",
        },
      },
    ]);
    const topic = `${USER.id}:${OTHER.id}`;
    expect(database.asked.at(-1)).toMatchObject({
      statements: [
        {
          name: "conversations.open",
          values: [expect.any(String), topic, USER.id, OTHER.id, null, expect.any(String)],
        },
        { name: "messages.lock-thread", values: [topic] },
        {
          name: "messages.insert",
          values: [topic, USER.id, expect.any(String), "Hello.", new Date(NOW).toISOString(), expect.any(String)],
        },
      ],
      options: { tags: OWN },
    });
  });

  test.for([
    ["nobody", { rows: {} }, {}, 404],
    ["oneself", { rows: { "profiles.person": [USER] } }, {}, 403],
    [
      "somebody about a hidden pitch",
      { rows: { ...there, "pitches.facts": [{ creator_id: OTHER.id, status: "draft" }] } },
      { pitchId: ID },
      404,
    ],
    ["somebody about no pitch", { rows: there }, { pitchId: ID }, 404],
  ] as const)("%s is refused before anything is written", async ([, script, body, expected]) => {
    const { status, database } = await write(script, body);
    expect([status, database.asked.some(({ kind }) => kind === "write")]).toEqual([expected, false]);
  });

  test("who was removed in between is 404", async () => {
    expect((await write({ rows: there })).status).toBe(404);
  });
});

describe("a thread", () => {
  const answer = (script: object) =>
    ask(`/api/conversations/${ID}/messages`, { method: "POST", signedIn: true, body: { body: "Yes." }, script });

  test.for([
    ["of others", thread({ participants: [OTHER.id] })],
    ["of nobody", {}],
  ] as const)("%s is neither read nor written", async ([, rows]) => {
    for (const [method, action, body] of [
      ["GET", "messages", undefined],
      ["POST", "messages", { body: "Yes." }],
      ["POST", "read", undefined],
    ] as const) {
      const reply = await ask(`/api/conversations/${ID}/${action}`, { method, body, signedIn: true, script: { rows } });
      expect(reply.status).toBe(404);
      expect(reply.database.asked.slice(1)).toMatchObject([{ query: { name: "conversations.facts" } }]);
    }
  });

  test("takes a message by its topic, and says when the other has gone before or meanwhile", async () => {
    const { status, body, database } = await answer({ rows: thread(), result: message });
    expect([status, body.createdAt]).toEqual([201, "2026-11-01T12:00:00.000Z"]);
    expect(database.asked.at(-1)).toMatchObject({
      statements: [{ name: "messages.lock-thread", values: ["t"] }, { name: "messages.insert" }],
      options: { tags: OWN },
    });
    for (const script of [{ rows: thread({ has_removed: true }) }, { rows: thread(), result: null }]) {
      const gone = await answer(script);
      expect([gone.status, gone.body.type]).toEqual([409, "/problems/recipient-gone"]);
    }
  });

  test("that is read has no word of it left unread", async () => {
    const { status, database } = await ask(`/api/conversations/${ID}/read`, {
      method: "POST",
      signedIn: true,
      script: { rows: thread() },
    });
    expect(status).toBe(204);
    expect(database.asked.at(-1)).toMatchObject({
      statements: [
        { name: "conversations.read", values: [ID, USER.id] },
        { name: "conversations.read-notifications", values: [ID, USER.id, new Date(NOW).toISOString()] },
      ],
    });
  });
});

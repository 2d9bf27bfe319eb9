import { describe, expect, test } from "vitest";
import { ask, NOW, pitchRow, USER } from "./ask.ts";

const PITCH = "0198c0de-0000-7000-8000-000000000001";
const ID = "0198c0de-0000-7000-8000-000000000002";
const OTHER = "0198c0de-0000-7000-8000-00000000000b";
const NEW = { kind: "script", title: "The script", storageKey: "k/1", bytes: 5_000_000_000 };
const ROW = {
  id: ID,
  kind: "script",
  title: "The script",
  bytes: 5_000_000_000,
  created_at: "2026-11-01T13:00:00+01:00",
};
const SHOWN = {
  id: ID,
  kind: "script",
  title: "The script",
  bytes: 5_000_000_000,
  createdAt: "2026-11-01T12:00:00.000Z",
};

const facts = (change: object = {}) => ({ "pitches.facts": [{ creator_id: USER.id, status: "draft", ...change }] });

describe("a document", () => {
  const add = (script: object) =>
    ask(`/api/pitches/${PITCH}/documents`, {
      method: "POST",
      body: NEW,
      signedIn: true,
      script: { rows: facts(), ...script },
    });

  test("is added under its pitch's lock, and shown without where its bytes are", async () => {
    const { status, body, database } = await add({ result: ROW });
    expect([status, body]).toEqual([201, SHOWN]);
    expect(database.asked.at(-1)).toMatchObject({
      statements: [{ name: "pitches.lock" }, { name: "documents.insert" }],
      options: { tags: [`pitch:${PITCH}`, `user:${USER.id}`, `account:${USER.id}`] },
    });
  });

  test.for([
    ["whose bytes are one already", { violates: "pitch_documents_storage_key_key" }, 409, "document-stored"],
    ["that found no room", { result: null }, 409, "too-many-documents"],
    ["of another's pitch", { rows: facts({ creator_id: OTHER, status: "published" }) }, 403, "forbidden"],
    ["of another's draft", { rows: facts({ creator_id: OTHER }) }, 404, "not-found"],
    ["of no pitch", { rows: {} }, 404, "not-found"],
  ] as const)("%s is answered with %i %s", async ([, script, expected, slug]) => {
    const { status, body } = await add(script);
    expect([status, body.type]).toEqual([expected, `/problems/${slug}`]);
  });
});

describe("a full pitch", () => {
  const read = (change: Record<string, unknown>) => {
    const row = pitchRow({ creator_id: OTHER, has_nda: false, documents: [ROW], ...change });
    return ask(`/api/pitches/${PITCH}/full`, { signedIn: true, script: { rows: { "pitches.full": [row] } } });
  };

  test.for([
    ["one's own draft", { creator_id: USER.id, status: "draft" }, 200],
    ["another's, with an NDA in force", { has_nda: true }, 200],
    ["another's, without", {}, 403],
    ["another's draft, with an NDA in force", { has_nda: true, status: "draft" }, 404],
    ["another's archived one, without", { status: "archived" }, 404],
  ] as const)("that is %s is answered with %i", async ([, change, expected]) => {
    const { status, body, database } = await read(change);
    expect(status).toBe(expected);
    expect(JSON.stringify(body).includes("The script")).toBe(expected === 200);
    if (expected === 200) expect(body.documents).toEqual([SHOWN]);
    expect(database.asked.at(-1)).toMatchObject({
      query: { values: [PITCH, USER.id, new Date(NOW).toISOString()] },
      options: { freshness: "strict" },
    });
  });
});

import { describe, expect, test } from "vitest";
import { ask, pitchRow, TOKEN } from "./ask.ts";

const PITCH = { title: "Star", logline: "Lost.", genre: "drama", format: "feature", stage: "script" };
const PERSON = { email: "ada@example.org", password: "long enough", name: "Ada", role: "creator" };
const SQL = "'; DROP TABLE pitches; --";

/** Nothing of these may reach the database, and every answer names the field. */
const QUERIES: readonly (readonly [path: string, field: string])[] = [
  ["/api/pitches?genre=sitcom", "genre"],
  ["/api/pitches?genre=", "genre"],
  [`/api/pitches?genre=${encodeURIComponent(SQL)}`, "genre"],
  ["/api/pitches?format=vhs", "format"],
  [`/api/pitches?format=${encodeURIComponent(SQL)}`, "format"],
  ["/api/pitches?stage=done", "stage"],
  [`/api/pitches?stage=${encodeURIComponent(SQL)}`, "stage"],
  ["/api/pitches?sort=random", "sort"],
  [`/api/pitches?sort=${encodeURIComponent(SQL)}`, "sort"],
  ["/api/pitches?limit=0", "limit"],
  ["/api/pitches?limit=-1", "limit"],
  ["/api/pitches?limit=101", "limit"],
  ["/api/pitches?limit=1e9", "limit"],
  ["/api/pitches?limit=99999999999999999999", "limit"],
  ["/api/pitches?limit=1.5", "limit"],
  ["/api/pitches?limit=", "limit"],
  ["/api/pitches?limit=NaN", "limit"],
  ["/api/pitches?limit=Infinity", "limit"],
  [`/api/pitches?limit=${encodeURIComponent(SQL)}`, "limit"],
  ["/api/pitches?cursor=", "cursor"],
  ["/api/pitches?cursor=abc", "cursor"],
  [`/api/pitches?cursor=${"a".repeat(10_000)}`, "cursor"],
  [`/api/pitches?cursor=${encodeURIComponent(SQL)}`, "cursor"],
  [`/api/pitches?cursor=${btoa('["x",1,"y"]').replaceAll("=", "")}`, "cursor"],
  ["/api/pitches?genre=drama&genre=comedy", "genre"],
  ["/api/pitches?genre=%00", "genre"],
  ["/api/pitches?genre=%ff", "genre"],
  ["/api/pitches/search", "q"],
  ["/api/pitches/search?q=", "q"],
  ["/api/pitches/search?q=%20%20", "q"],
  [`/api/pitches/search?q=${"star+".repeat(2_000)}`, "q"],
  ["/api/pitches/search?q=a%00b", "q"],
  ["/api/pitches/search?q=%c3%28", "q"],
  ["/api/pitches/search?q=%ed%a0%80", "q"],
  ["/api/pitches/search?q=star&limit=-5", "limit"],
  ["/api/pitches/search?q=star&cursor=nonsense", "cursor"],
];

const BODIES: readonly (readonly [method: string, path: string, body: unknown, field: string])[] = [
  ["POST", "/api/pitches", { ...PITCH, title: undefined }, "title"],
  ["POST", "/api/pitches", { ...PITCH, title: 1917 }, "title"],
  ["POST", "/api/pitches", { ...PITCH, title: "  " }, "title"],
  ["POST", "/api/pitches", { ...PITCH, title: "x".repeat(201) }, "title"],
  ["POST", "/api/pitches", { ...PITCH, title: "a\u0000b" }, "title"],
  ["POST", "/api/pitches", { ...PITCH, title: "\ud800" }, "title"],
  ["POST", "/api/pitches", { ...PITCH, logline: null }, "logline"],
  ["POST", "/api/pitches", { ...PITCH, logline: "x".repeat(1_001) }, "logline"],
  ["POST", "/api/pitches", { ...PITCH, genre: "sitcom" }, "genre"],
  ["POST", "/api/pitches", { ...PITCH, genre: SQL }, "genre"],
  ["POST", "/api/pitches", { ...PITCH, format: ["feature"] }, "format"],
  ["POST", "/api/pitches", { ...PITCH, stage: {} }, "stage"],
  ["POST", "/api/pitches", { ...PITCH, status: "published" }, "status"],
  ["POST", "/api/pitches", { ...PITCH, user_id: "someone" }, "user_id"],
  ["PATCH", "/api/pitches/0198c0de-0000-7000-8000-000000000001", {}, "body"],
  ["PATCH", "/api/pitches/0198c0de-0000-7000-8000-000000000001", { title: null }, "title"],
  ["PATCH", "/api/pitches/0198c0de-0000-7000-8000-000000000001", { title: "x", id: "x" }, "id"],
  ["POST", "/api/auth/register", { ...PERSON, email: "nobody" }, "email"],
  ["POST", "/api/auth/register", { ...PERSON, email: SQL }, "email"],
  ["POST", "/api/auth/register", { ...PERSON, email: `${"a".repeat(250)}@b.org` }, "email"],
  ["POST", "/api/auth/register", { ...PERSON, password: "short" }, "password"],
  ["POST", "/api/auth/register", { ...PERSON, password: "x".repeat(201) }, "password"],
  ["POST", "/api/auth/register", { ...PERSON, name: "" }, "name"],
  ["POST", "/api/auth/register", { ...PERSON, role: "admin" }, "role"],
  ["POST", "/api/auth/register", { ...PERSON, id: "chosen" }, "id"],
  ["POST", "/api/auth/login", { email: "ada@example.org" }, "password"],
  ["POST", "/api/auth/login", { email: ["ada@example.org"], password: "x" }, "email"],
];

describe("a request with bad input", () => {
  test.for(QUERIES)("is refused by the query's field: %s", async ([path, field]) => {
    const { status, body, database } = await ask(path);
    expect([status, body.type, body.errors?.[0]?.field]).toEqual([400, "/problems/invalid-request", field]);
    expect(database.asked).toEqual([]);
  });

  test.for(BODIES)("is refused by the body's field: %s %s %j", async ([method, path, sent, field]) => {
    const { status, body, database } = await ask(path, { method, body: sent, signedIn: path.includes("pitches") });
    expect([status, body.type, body.errors?.map((error: { field: string }) => error.field)]).toEqual([
      400,
      "/problems/invalid-request",
      [field],
    ]);
    expect(database.asked.filter(({ kind }) => kind === "write")).toEqual([]);
  });

  test("with a malformed id finds nothing, and asks nobody", async () => {
    for (const id of ["1", SQL, "0198c0de", "%00", "..%2f", "0198c0de-0000-7000-8000-00000000000g"]) {
      for (const path of [`/api/pitches/${encodeURIComponent(id)}`, `/api/outcomes/${encodeURIComponent(id)}`]) {
        const { status, database } = await ask(path, { signedIn: true });
        expect(status, path).toBe(404);
        expect(database.asked).toEqual([]);
      }
    }
  });

  test("with a cursor of another sort, filter or search is refused", async () => {
    const script = { rows: { "pitches.browse": [pitchRow(), pitchRow()], "pitches.search": [pitchRow(), pitchRow()] } };
    const { body } = await ask("/api/pitches?genre=drama&limit=1", { script });
    const cursor = body.nextCursor as string;
    expect((await ask(`/api/pitches?genre=drama&limit=50&cursor=${cursor}`, { script })).status).toBe(200);
    for (const path of [
      "/api/pitches?",
      "/api/pitches?genre=comedy",
      "/api/pitches?genre=drama&sort=popular",
      "/api/pitches/search?q=a&genre=drama",
    ]) {
      const refused = await ask(`${path}&cursor=${cursor}`, { script });
      expect([refused.status, refused.body.errors[0].field], path).toEqual([400, "cursor"]);
    }
  });

  test("with a token that no session can have is anonymous, and asks nobody", async () => {
    for (const headers of [
      { Authorization: `Bearer ${TOKEN}x` },
      { Authorization: "Bearer ' OR 1=1" },
      { Authorization: "Basic abc" },
      { Cookie: "session=short" },
      { Cookie: `other=${TOKEN}` },
      { Cookie: `session=${TOKEN}`, Authorization: "Bearer wrong" },
    ]) {
      const { status, database } = await ask("/api/auth/session", { headers });
      expect(status, JSON.stringify(headers)).toBe(401);
      expect(database.asked).toEqual([]);
    }
  });
});

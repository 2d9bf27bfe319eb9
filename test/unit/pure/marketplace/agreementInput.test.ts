import { describe, expect, test } from "vitest";
import { ask } from "./ask.ts";

const ID = "0198c0de-0000-7000-8000-000000000001";
const PITCH = `/api/pitches/${ID}`;
const READ = "/api/me/notifications/read";
const DOCUMENT = { kind: "script", title: "The script", storageKey: "k/1", bytes: 1 };

/** Nothing of these may reach the database beyond the look-up of the session. */
const BODIES: readonly (readonly [path: string, body: unknown, field: string])[] = [
  [`${PITCH}/nda-requests`, { message: 1 }, "message"],
  [`${PITCH}/nda-requests`, { message: "x".repeat(1_001) }, "message"],
  [`${PITCH}/nda-requests`, { message: "Hello", status: "approved" }, "status"],
  [`${PITCH}/nda-requests`, { requesterId: ID }, "requesterId"],
  [`/api/nda-requests/${ID}/decision`, {}, "decision"],
  [`/api/nda-requests/${ID}/decision`, { decision: "approved" }, "decision"],
  [`/api/nda-requests/${ID}/decision`, { decision: "approve", expiresAt: "2999-01-01T00:00:00Z" }, "expiresAt"],
  [`${PITCH}/documents`, { ...DOCUMENT, kind: "trailer" }, "kind"],
  [`${PITCH}/documents`, { ...DOCUMENT, title: " " }, "title"],
  [`${PITCH}/documents`, { ...DOCUMENT, storageKey: "x".repeat(301) }, "storageKey"],
  [`${PITCH}/documents`, { ...DOCUMENT, bytes: 0 }, "bytes"],
  [`${PITCH}/documents`, { ...DOCUMENT, bytes: 1.5 }, "bytes"],
  [`${PITCH}/documents`, { ...DOCUMENT, bytes: 5 * 1024 ** 3 + 1 }, "bytes"],
  [`${PITCH}/documents`, { ...DOCUMENT, pitchId: ID }, "pitchId"],
  [`${PITCH}/investments`, {}, "amount"],
  [`${PITCH}/investments`, { amount: "100" }, "amount"],
  [`${PITCH}/investments`, { amount: 0 }, "amount"],
  [`${PITCH}/investments`, { amount: 0.5 }, "amount"],
  [`${PITCH}/investments`, { amount: 1_000_000_001 }, "amount"],
  [`${PITCH}/investments`, { amount: 1, state: "committed" }, "state"],
  [`${PITCH}/investments`, { amount: 1, investorId: ID }, "investorId"],
  [`/api/investments/${ID}/state`, { state: "signed" }, "state"],
  [`/api/investments/${ID}/state`, { state: "committed", amount: 1 }, "amount"],
  [READ, {}, "body"],
  [READ, { ids: [ID], before: "2026-01-01T00:00:00Z" }, "body"],
  [READ, { ids: [] }, "ids"],
  [READ, { ids: ["1"] }, "ids.0"],
  [READ, { ids: Array.from({ length: 101 }, () => ID) }, "ids"],
  [READ, { before: "yesterday" }, "before"],
  [READ, { before: "2026-02-30T00:00:00Z" }, "before"],
  [READ, { before: "0000-01-01T00:00:00Z" }, "before"],
  [READ, { before: `2026-01-01T00:00:00.${"0".repeat(50)}Z` }, "before"],
  [READ, { ids: [ID], userId: ID }, "userId"],
];

const QUERIES: readonly (readonly [path: string, field: string])[] = [
  ["/api/nda-requests", "box"],
  ["/api/nda-requests?box=all", "box"],
  ["/api/nda-requests?box=in&status=open", "status"],
  ["/api/nda-requests?box=in&limit=101", "limit"],
  ["/api/nda-requests?box=in&cursor=abc", "cursor"],
  ["/api/me/investments?cursor=abc", "cursor"],
  ["/api/me/investments?limit=0", "limit"],
  ["/api/me/notifications?cursor=abc", "cursor"],
];

/** What needs an account, with a path that would be found. */
const DOORS: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ["POST", `${PITCH}/nda-requests`, {}],
  ["GET", "/api/nda-requests?box=in"],
  ["POST", `/api/nda-requests/${ID}/decision`, { decision: "approve" }],
  ["GET", `${PITCH}/full`],
  ["POST", `${PITCH}/documents`, DOCUMENT],
  ["DELETE", `${PITCH}/documents/${ID}`],
  ["POST", `${PITCH}/investments`, { amount: 1 }],
  ["GET", "/api/me/investments"],
  ["POST", `/api/investments/${ID}/state`, { state: "withdrawn" }],
  ["GET", "/api/me/notifications"],
  ["POST", READ, { ids: [ID] }],
];

describe("the routes of agreements", () => {
  test.for(BODIES)("refuse a body by its field: %s %j", async ([path, sent, field]) => {
    const { status, body, database } = await ask(path, { method: "POST", body: sent, signedIn: true });
    const fields = body.errors?.map((error: { field: string }) => error.field);
    expect([status, body.type, fields]).toEqual([400, "/problems/invalid-request", [field]]);
    expect(database.asked).toHaveLength(1);
  });

  test.for(QUERIES)("refuse a query by its field: %s", async ([path, field]) => {
    const { status, body, database } = await ask(path, { signedIn: true });
    expect([status, body.errors?.[0]?.field]).toEqual([400, field]);
    expect(database.asked).toHaveLength(1);
  });

  test.for(DOORS)("let nobody in who is not signed in: %s %s", async ([method, path, body]) => {
    const { status, database } = await ask(path, { method, ...(body !== undefined && { body }) });
    expect(status).toBe(401);
    expect(database.asked).toEqual([]);
  });

  test.for(DOORS.filter(([, path]) => path.includes(ID)))("find nothing by a malformed id: %s %s", async (door) => {
    const [method, path, body] = door;
    const malformed = path.replace(ID, "0198c0de");
    const { status, database } = await ask(malformed, { method, signedIn: true, ...(body !== undefined && { body }) });
    expect(status).toBe(404);
    expect(database.asked.filter(({ kind }) => kind === "write")).toEqual([]);
  });
});

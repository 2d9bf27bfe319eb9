import { describe, expect, test } from "vitest";
import { ask, NOW, USER } from "./ask.ts";

const PITCH = "0198c0de-0000-7000-8000-000000000001";
const REQUEST = "0198c0de-0000-7000-8000-000000000002";
const OTHER = "0198c0de-0000-7000-8000-00000000000b";
const AT = new Date(NOW).toISOString();

const INVESTOR = { ...USER, role: "investor", expires_at: "2026-12-01T00:00:00.000Z" };
const facts = (change: object = {}) => [{ creator_id: OTHER, status: "published", ...change }];

function requestRow(change: Record<string, unknown> = {}) {
  return {
    id: REQUEST,
    pitch_id: PITCH,
    pitch_title: "Star",
    requester_id: OTHER,
    requester_name: "Bob",
    creator_id: USER.id,
    creator_name: "Ada",
    status: "pending",
    message: "",
    created_at: "2026-11-01T13:00:00+01:00",
    decided_at: null,
    ...change,
  };
}

describe("a request for an NDA", () => {
  const request = (script: object, path = `/api/pitches/${PITCH}/nda-requests`) =>
    ask(path, {
      method: "POST",
      body: { message: " Please. " },
      headers: { "Idempotency-Key": "once" },
      signedIn: true,
      script: { ...script, rows: { "accounts.session": [INVESTOR], "pitches.facts": facts(), ...rowsOf(script) } },
    });
  const rowsOf = (script: object) => (script as { rows?: object }).rows;

  test("goes under the pair's lock, with who learns of it in one statement, and answers times in UTC", async () => {
    const { status, body, database } = await request({ result: requestRow({ requester_id: USER.id }) });
    expect([status, body.createdAt, body.decidedAt]).toEqual([201, "2026-11-01T12:00:00.000Z", null]);
    expect(database.asked.slice(1)).toMatchObject([
      { kind: "read", query: { name: "pitches.facts" }, options: { freshness: "strict" } },
      {
        kind: "write",
        statements: [
          { name: "ndas.lock", values: [PITCH, USER.id] },
          { name: "nda-requests.open", values: expect.arrayContaining([AT, USER.id, "Please.", PITCH]) },
        ],
        options: {
          tags: [`pitch:${PITCH}`, `user:${OTHER}`, `user:${USER.id}`, `account:${USER.id}`],
          idempotency: { key: "once", scope: USER.id },
        },
      },
    ]);
  });

  test("for a pitch given in capitals is for that pitch: same lock, same tag", async () => {
    const { database } = await request({ result: requestRow() }, `/api/pitches/${PITCH.toUpperCase()}/nda-requests`);
    expect(database.asked.at(-1)).toMatchObject({
      statements: [{ values: [PITCH, USER.id] }, {}],
      options: { tags: expect.arrayContaining([`pitch:${PITCH}`]) },
    });
  });

  test.for([
    ["that another one of is pending", { violates: "nda_requests_open_key" }, 409, "nda-open"],
    ["that made nothing, since an NDA is in force", { result: null }, 409, "nda-in-force"],
    ["that broke anything else", { violates: "nda_requests_parties_check" }, 500, "internal-error"],
    ["for a pitch that is not there", { rows: { "pitches.facts": [] } }, 404, "not-found"],
    ["for a draft", { rows: { "pitches.facts": facts({ status: "draft" }) } }, 404, "not-found"],
    ["for one's own", { rows: { "pitches.facts": facts({ creator_id: USER.id }) } }, 403, "forbidden"],
  ] as const)("%s is answered with %i %s", async ([, script, expected, slug]) => {
    const { status, body } = await request(script);
    expect([status, body.type]).toEqual([expected, `/problems/${slug}`]);
  });
});

describe("a decision", () => {
  const decide = (decision: string, script: object) =>
    ask(`/api/nda-requests/${REQUEST}/decision`, { method: "POST", body: { decision }, signedIn: true, script });
  const pending = { rows: { "nda-requests.by-id": [requestRow()] } };

  test("that approves makes an NDA of a year, under the requester's lock", async () => {
    const result = requestRow({ status: "approved", decided_at: "2026-11-01T13:00:00+01:00" });
    const { status, body, database } = await decide("approve", { ...pending, result });
    expect([status, body.status, body.decidedAt]).toEqual([200, "approved", AT]);
    expect(database.asked.at(-1)).toMatchObject({
      statements: [
        { name: "ndas.lock", values: [PITCH, OTHER] },
        {
          name: "nda-requests.approve",
          values: expect.arrayContaining([REQUEST, USER.id, AT, "2027-11-01T12:00:00.000Z"]),
        },
      ],
      options: { tags: [`pitch:${PITCH}`, `user:${OTHER}`, `user:${USER.id}`, `account:${USER.id}`] },
    });
  });

  test.for([
    ["approve", "approved", 200],
    ["approve", "declined", 409],
    ["approve", "withdrawn", 409],
    ["decline", "declined", 200],
    ["decline", "approved", 409],
  ] as const)("to %s what is %s in the end is answered with %i", async ([decision, status, expected]) => {
    const result = requestRow({ status, decided_at: AT });
    const reply = await decide(decision, { ...pending, result });
    expect(reply.status).toBe(expected);
    if (expected === 409)
      expect([reply.body.type, reply.body.detail]).toEqual(["/problems/nda-decided", `The request is ${status}.`]);
  });

  test("is for the creator alone, and else writes nothing", async () => {
    for (const [row, expected] of [
      [requestRow({ creator_id: OTHER, requester_id: USER.id }), 403],
      [requestRow({ creator_id: OTHER, requester_id: REQUEST }), 404],
      [undefined, 404],
    ] as const) {
      const { status, database } = await decide("approve", { rows: { "nda-requests.by-id": row ? [row] : [] } });
      expect(status).toBe(expected);
      expect(database.asked.some(({ kind }) => kind === "write")).toBe(false);
    }
  });
});

describe("the list of requests", () => {
  test("is of one side and one status, and goes on where the page before ended", async () => {
    const created_at = "2026-11-01T12:00:00.000Z";
    const rows = [requestRow({ created_at }), requestRow({ id: OTHER, created_at })];
    const script = { rows: { "nda-requests.list": rows } };
    const path = "/api/nda-requests?box=in&status=pending&limit=1";
    const { body, database } = await ask(path, { signedIn: true, script });
    expect(body.items).toHaveLength(1);
    expect(database.asked.at(-1)).toMatchObject({
      query: { values: [USER.id, "pending", 2], text: expect.stringContaining("r.creator_id = $1") },
      options: { freshness: "strict" },
    });
    const next = await ask(`${path}&cursor=${body.nextCursor}`, { signedIn: true });
    expect(next.database.asked.at(-1)).toMatchObject({
      query: { values: [USER.id, "pending", created_at, REQUEST, 2] },
    });
    const other = await ask(`/api/nda-requests?box=out&status=pending&cursor=${body.nextCursor}`, { signedIn: true });
    expect(other.status).toBe(400);
  });
});

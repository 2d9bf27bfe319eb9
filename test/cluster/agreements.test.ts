import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientOf, PITCH, signUp } from "./support/client.ts";
import { startTestSystem, type TestSystem } from "./support/system.ts";

const NOBODYS = "0198c0de-0000-7000-8000-000000000000";

describe("agreements over a real cluster", () => {
  let system: TestSystem;
  let send: ReturnType<typeof clientOf>;
  let sql: Client;

  beforeAll(async () => {
    system = await startTestSystem(50, { cache: "on" });
    send = clientOf(system.worker.url);
    sql = new Client({ connectionString: (await system.cluster.resolve("primary")).connectionString });
    await sql.connect();
  });
  afterAll(async () => {
    await sql.end();
    await system.stop();
  });

  const count = async (text: string, values: unknown[]) =>
    Number((await sql.query(`SELECT count(*) FROM ${text}`, values)).rows[0].count);

  /** A creator with a published pitch of one document, and an investor. */
  async function stage() {
    const [creator, investor] = await Promise.all([signUp(send, "creator"), signUp(send, "investor")]);
    const { body: pitch } = await send("/api/pitches", { token: creator.token, json: PITCH });
    const path = `/api/pitches/${pitch.id}`;
    await send(`${path}/publish`, { method: "POST", token: creator.token });
    return { creator, investor, pitchId: pitch.id as string, path };
  }

  const document = (change: object = {}) => ({
    kind: "script",
    title: "The script",
    storageKey: `k/${crypto.randomUUID()}`,
    bytes: 12_345,
    ...change,
  });

  const requestNda = (path: string, token: string, headers: Record<string, string> = {}) =>
    send(`${path}/nda-requests`, { token, json: { message: "May I?" }, headers });

  const decide = (id: string, token: string, decision: string, headers: Record<string, string> = {}) =>
    send(`/api/nda-requests/${id}/decision`, { token, json: { decision }, headers });

  const told = async (token: string) => (await send("/api/me/notifications", { token })).body;

  it("take an NDA from the request over the approval to the full pitch, and tell each party once", async () => {
    const { creator, investor, path, pitchId } = await stage();
    const added = await send(`${path}/documents`, { token: creator.token, json: document() });
    expect(added.status).toBe(201);
    expect((await send(`${path}/full`, { token: investor.token })).status).toBe(403);

    const asked = await requestNda(path, investor.token);
    expect([asked.status, asked.body]).toEqual([
      201,
      {
        id: expect.any(String),
        pitch: { id: pitchId, title: PITCH.title },
        requester: { id: investor.id, name: "Test Person" },
        creator: { id: creator.id, name: "Test Person" },
        status: "pending",
        message: "May I?",
        createdAt: expect.stringMatching(/Z$/),
        decidedAt: null,
      },
    ]);
    expect(await told(creator.token)).toMatchObject({
      items: [{ kind: "nda-requested", actor: { id: investor.id }, pitch: { id: pitchId }, subjectId: asked.body.id }],
      unread: 1,
    });
    const inbox = await send("/api/nda-requests?box=in&status=pending", { token: creator.token });
    expect(inbox.body).toEqual({ items: [asked.body], nextCursor: null });
    expect((await send(`${path}/full`, { token: investor.token })).status).toBe(403);

    const approved = await decide(asked.body.id, creator.token, "approve");
    expect([approved.status, approved.body.status]).toEqual([200, "approved"]);
    expect(approved.body.decidedAt).toMatch(/Z$/);
    const full = await send(`${path}/full`, { token: investor.token });
    expect([full.status, full.body.documents]).toEqual([200, [added.body]]);
    expect(JSON.stringify(full.body)).not.toMatch(/storage/i);

    const page = await told(investor.token);
    expect(page).toMatchObject({
      items: [{ kind: "nda-approved", actor: { id: creator.id }, readAt: null }],
      unread: 1,
    });
    const read = { token: investor.token, json: { ids: [page.items[0].id] } };
    expect((await send("/api/me/notifications/read", read)).body).toEqual({ unread: 0 });
    const first = (await told(investor.token)).items[0].readAt;
    expect(first).toMatch(/Z$/);
    expect((await send("/api/me/notifications/read", read)).body).toEqual({ unread: 0 });
    expect((await told(investor.token)).items[0].readAt).toBe(first);

    const { rows } = await sql.query("SELECT actor_id, action FROM audit_log WHERE subject_id = $1 ORDER BY at, id", [
      asked.body.id,
    ]);
    expect(rows).toEqual([
      { actor_id: investor.id, action: "nda.request" },
      { actor_id: creator.id, action: "nda.approve" },
    ]);
  });

  it("open the full pitch to its creator always, and to nobody who has no NDA in force", async () => {
    const { creator, investor, path, pitchId } = await stage();
    const full = async (token: string) => (await send(`${path}/full`, { token })).status;
    const nda = async (signed: string, expires: string, revoked: string | null) => {
      await sql.query("DELETE FROM ndas WHERE pitch_id = $1", [pitchId]);
      await sql.query(
        `INSERT INTO ndas (id, pitch_id, user_id, signed_at, expires_at, revoked_at)
          VALUES (gen_random_uuid(), $1, $2, now() + $3::interval, now() + $4::interval, now() + $5::interval)`,
        [pitchId, investor.id, signed, expires, revoked],
      );
    };
    expect(await full(creator.token)).toBe(200);
    await nda("-1 day", "1 day", null);
    expect(await full(investor.token)).toBe(200);
    expect(await full((await signUp(send, "investor")).token)).toBe(403);
    expect((await requestNda(path, investor.token)).body.type).toBe("/problems/nda-in-force");
    await nda("-1 day", "-1 minute", null);
    expect(await full(investor.token)).toBe(403);
    await nda("-1 day", "1 day", "-1 minute");
    expect(await full(investor.token)).toBe(403);
    await nda("-1 day", "1 day", null);
    await send(`${path}/archive`, { method: "POST", token: creator.token });
    expect(await full(investor.token)).toBe(404);
    expect(await full(creator.token)).toBe(200);
    expect((await send(`/api/pitches/${NOBODYS}/full`, { token: investor.token })).status).toBe(404);
    expect((await send(`${path}/full`)).status).toBe(401);
  });

  it("renew an NDA that has expired, and keep one that stands", async () => {
    const { creator, investor, path, pitchId } = await stage();
    await sql.query(
      `INSERT INTO ndas (id, pitch_id, user_id, signed_at, expires_at)
        VALUES (gen_random_uuid(), $1, $2, now() - interval '2 days', now() - interval '1 day')`,
      [pitchId, investor.id],
    );
    const { body } = await requestNda(path, investor.token);
    expect((await decide(body.id, creator.token, "approve")).status).toBe(200);
    expect((await send(`${path}/full`, { token: investor.token })).status).toBe(200);
    const { rows } = await sql.query(
      `SELECT revoked_at IS NULL AS stands, request_id, (expires_at - signed_at)::text AS lasts
        FROM ndas WHERE pitch_id = $1 ORDER BY signed_at`,
      [pitchId],
    );
    expect(rows).toEqual([
      { stands: false, request_id: null, lasts: "1 day" },
      { stands: true, request_id: body.id, lasts: "365 days" },
    ]);
    const again = await requestNda(path, investor.token);
    expect([again.status, again.body.type]).toEqual([409, "/problems/nda-in-force"]);
  });

  it("hold one pending request of ten that came at once, with one notification and one trace", async () => {
    const { creator, investor, path, pitchId } = await stage();
    const answers = await Promise.all(Array.from({ length: 10 }, () => requestNda(path, investor.token)));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    const others = answers.filter(({ status }) => status !== 201).map(({ status, body }) => [status, body.type]);
    expect(others).toEqual(Array.from({ length: 9 }, () => [409, "/problems/nda-open"]));
    expect(await count("nda_requests WHERE pitch_id = $1", [pitchId])).toBe(1);
    expect(await count("audit_log WHERE detail->>'pitchId' = $1", [pitchId])).toBe(1);
    expect((await told(creator.token)).unread).toBe(1);
  });

  it("are decided one way when approved and declined at once, again and again", async () => {
    for (let round = 0; round < 4; round++) {
      const { creator, investor, path, pitchId } = await stage();
      const { body: request } = await requestNda(path, investor.token);
      const wishes = ["approve", "decline", "approve", "decline"];
      const answers = await Promise.all(wishes.map((wish) => decide(request.id, creator.token, wish)));
      const { rows } = await sql.query("SELECT status FROM nda_requests WHERE id = $1", [request.id]);
      const isApproved = rows[0].status === "approved";
      const expected = wishes.map((wish) => ((wish === "approve") === isApproved ? 200 : 409));
      expect(answers.map(({ status }) => status)).toEqual(expected);
      expect(await count("ndas WHERE pitch_id = $1", [pitchId])).toBe(isApproved ? 1 : 0);
      expect(await count("audit_log WHERE subject_id = $1", [request.id])).toBe(2);
      expect((await told(investor.token)).items.map(({ kind }: { kind: string }) => kind)).toEqual([
        isApproved ? "nda-approved" : "nda-declined",
      ]);
      expect((await send(`${path}/full`, { token: investor.token })).status).toBe(isApproved ? 200 : 403);
    }
  });

  it("never leave a request pending beside an NDA that came into force as it was made", async () => {
    for (let round = 0; round < 4; round++) {
      const { creator, investor, path, pitchId } = await stage();
      const { body: request } = await requestNda(path, investor.token);
      const [approved, ...asked] = await Promise.all([
        decide(request.id, creator.token, "approve"),
        ...Array.from({ length: 6 }, () => requestNda(path, investor.token)),
      ]);
      expect(approved.status).toBe(200);
      expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 409));
      expect(await count("nda_requests WHERE pitch_id = $1 AND status = 'pending'", [pitchId])).toBe(0);
    }
  });

  it("answer the same decision again as before, the opposite with 409, and make nothing twice", async () => {
    const { creator, investor, path } = await stage();
    const { body: request } = await requestNda(path, investor.token);
    const first = await decide(request.id, creator.token, "decline");
    const again = await decide(request.id, creator.token, "decline");
    expect([again.status, again.body]).toEqual([200, first.body]);
    const opposite = await decide(request.id, creator.token, "approve");
    expect([opposite.status, opposite.body.type]).toEqual([409, "/problems/nda-decided"]);
    expect((await told(investor.token)).unread).toBe(1);
    expect((await requestNda(path, investor.token)).status).toBe(201);
  });

  it("answer a repeat with the same Idempotency-Key as the first", async () => {
    const { creator, investor, path } = await stage();
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const [one, two] = await Promise.all([
      requestNda(path, investor.token, key),
      requestNda(path, investor.token, key),
    ]);
    const three = await requestNda(path, investor.token, key);
    expect([one.status, two.status, three.status]).toEqual([201, 201, 201]);
    expect(two.body).toEqual(one.body);
    expect(three.body).toEqual(one.body);
    const decided = await decide(one.body.id, creator.token, "approve", key);
    expect((await decide(one.body.id, creator.token, "approve", key)).body).toEqual(decided.body);

    const offer = (headers = {}) =>
      send(`${path}/investments`, { token: investor.token, json: { amount: 7 }, headers });
    const offerKey = { "Idempotency-Key": crypto.randomUUID() };
    const made = await offer(offerKey);
    const repeated = await offer(offerKey);
    expect([made.status, repeated.status, repeated.body]).toEqual([201, 201, made.body]);
    expect((await told(creator.token)).unread).toBe(2);

    const json = document();
    const documentKey = { "Idempotency-Key": crypto.randomUUID() };
    const add = () => send(`${path}/documents`, { token: creator.token, json, headers: documentKey });
    const [added, replayed] = [await add(), await add()];
    expect([added.status, replayed.status, replayed.body]).toEqual([201, 201, added.body]);
    expect((await send(`${path}/documents`, { token: creator.token, json })).body.type).toBe(
      "/problems/document-stored",
    );
  });

  it("are nobody else's to see or to change", async () => {
    const { creator, investor, path, pitchId } = await stage();
    const stranger = await signUp(send, "creator");
    const rival = await signUp(send, "investor");
    const { body: request } = await requestNda(path, investor.token);
    const { body: investment } = await send(`${path}/investments`, { token: investor.token, json: { amount: 5 } });
    const { body: added } = await send(`${path}/documents`, { token: creator.token, json: document() });
    const [notification] = (await told(creator.token)).items;

    const table: readonly [method: string, path: string, token: string, json: unknown, expected: number][] = [
      ["POST", `/api/nda-requests/${request.id}/decision`, stranger.token, { decision: "approve" }, 404],
      ["POST", `/api/nda-requests/${request.id}/decision`, rival.token, { decision: "approve" }, 404],
      ["POST", `/api/nda-requests/${request.id}/decision`, investor.token, { decision: "approve" }, 403],
      ["POST", `/api/nda-requests/${NOBODYS}/decision`, creator.token, { decision: "approve" }, 404],
      ["POST", "/api/nda-requests/nonsense/decision", creator.token, { decision: "approve" }, 404],
      ["POST", `${path}/nda-requests`, creator.token, {}, 403],
      ["POST", `${path}/nda-requests`, stranger.token, {}, 403],
      ["POST", `/api/pitches/${NOBODYS}/nda-requests`, rival.token, {}, 404],
      ["POST", `${path}/documents`, stranger.token, document(), 403],
      ["POST", `${path}/documents`, investor.token, document(), 403],
      ["DELETE", `${path}/documents/${added.id}`, stranger.token, undefined, 403],
      ["DELETE", `${path}/documents/${NOBODYS}`, creator.token, undefined, 404],
      ["POST", `${path}/investments`, creator.token, { amount: 1 }, 403],
      ["POST", `${path}/investments`, stranger.token, { amount: 1 }, 403],
      ["POST", `/api/investments/${investment.id}/state`, rival.token, { state: "withdrawn" }, 404],
      ["POST", `/api/investments/${investment.id}/state`, stranger.token, { state: "committed" }, 404],
      ["POST", `/api/investments/${investment.id}/state`, investor.token, { state: "committed" }, 403],
      ["POST", `/api/investments/${investment.id}/state`, creator.token, { state: "withdrawn" }, 403],
    ];
    for (const [method, target, token, json, expected] of table) {
      const { status } = await send(target, { method, token, json });
      expect(status, `${method} ${target} ${JSON.stringify(json)}`).toBe(expected);
    }
    expect(await count("ndas WHERE pitch_id = $1", [pitchId])).toBe(0);

    const foreign = await send("/api/me/notifications/read", { token: rival.token, json: { ids: [notification.id] } });
    expect([foreign.status, foreign.body]).toEqual([200, { unread: 0 }]);
    await send("/api/me/notifications/read", { token: rival.token, json: { before: "2999-01-01T00:00:00Z" } });
    expect((await told(creator.token)).unread).toBe(2);
    for (const list of ["/api/nda-requests?box=in", "/api/nda-requests?box=out", "/api/me/investments"]) {
      expect((await send(list, { token: rival.token })).body.items, list).toEqual([]);
    }

    // Another pitch of the same creator is no way to the document either.
    const other = await send("/api/pitches", { token: creator.token, json: PITCH });
    const elsewhere = `/api/pitches/${other.body.id}/documents/${added.id}`;
    expect((await send(elsewhere, { method: "DELETE", token: creator.token })).status).toBe(404);
    const gone = () => send(`${path}/documents/${added.id}`, { method: "DELETE", token: creator.token });
    expect([(await gone()).status, (await gone()).status]).toEqual([204, 404]);
  });

  it("keep one investment of an investor in a pitch, whose changes both parties learn", async () => {
    const { creator, investor, path } = await stage();
    const offer = (amount: number) => send(`${path}/investments`, { token: investor.token, json: { amount } });
    const at = await Promise.all(Array.from({ length: 6 }, (_, index) => offer(1_000 + index)));
    expect(at.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(at.filter(({ status }) => status === 200)).toHaveLength(5);
    const { id } = at[0]?.body ?? {};
    expect(new Set(at.map(({ body }) => body.id)).size).toBe(1);
    const [listed] = (await send("/api/me/investments", { token: investor.token })).body.items;
    expect((await send("/api/me/investments", { token: creator.token })).body.items).toEqual([listed]);

    const move = (token: string, state: string) => send(`/api/investments/${id}/state`, { token, json: { state } });
    const committed = await move(creator.token, "committed");
    expect([committed.status, committed.body.state]).toEqual([200, "committed"]);
    expect((await move(creator.token, "committed")).body).toEqual(committed.body);
    expect(await told(investor.token)).toMatchObject({ items: [{ kind: "investment", subjectId: id }], unread: 1 });
    const same = await offer(listed.amount);
    expect([same.status, same.body.state]).toEqual([200, "committed"]);
    const changed = await offer(9);
    expect([changed.status, changed.body]).toMatchObject([200, { id, amount: 9, state: "interested" }]);

    expect((await move(investor.token, "withdrawn")).body.state).toBe("withdrawn");
    const late = await move(creator.token, "committed");
    expect([late.status, late.body.type]).toEqual([409, "/problems/investment-withdrawn"]);
    const anew = await offer(9);
    expect([anew.status, anew.body.id === id]).toEqual([201, false]);
  });

  it("hold fifty documents a pitch, however many come at once", async () => {
    const { creator, path, pitchId } = await stage();
    await sql.query(
      `INSERT INTO pitch_documents (id, pitch_id, kind, title, storage_key, bytes)
        SELECT gen_random_uuid(), $1, 'other', 'No. ' || n, 'full/' || n, n FROM generate_series(1, 48) n`,
      [pitchId],
    );
    const add = () => send(`${path}/documents`, { token: creator.token, json: document() });
    const statuses = (await Promise.all(Array.from({ length: 6 }, add))).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([201, 201, 409, 409, 409, 409]);
    expect((await add()).body.type).toBe("/problems/too-many-documents");
    const { documents } = (await send(`${path}/full`, { token: creator.token })).body;
    expect(documents).toHaveLength(50);
  });

  it("count a document that is just being added", async () => {
    const { creator, path, pitchId } = await stage();
    await sql.query("BEGIN");
    await sql.query("SELECT FROM pitches WHERE id = $1 FOR NO KEY UPDATE", [pitchId]);
    await sql.query(
      `INSERT INTO pitch_documents (id, pitch_id, kind, title, storage_key, bytes)
        SELECT gen_random_uuid(), $1, 'other', 'No. ' || n, 'adding/' || n, n FROM generate_series(1, 50) n`,
      [pitchId],
    );
    const late = send(`${path}/documents`, { token: creator.token, json: document() });
    const waits = expect.poll(() => count("pg_locks WHERE NOT granted", []), { timeout: 2_000, interval: 20 });
    await Promise.race([late, waits.toBeGreaterThan(0)]);
    await sql.query("COMMIT");
    expect((await late).body.type).toBe("/problems/too-many-documents");
  });

  it("count and mark at most a thousand notifications at a time, and say what is left", async () => {
    const { id, token } = await signUp(send, "investor");
    await sql.query(
      `INSERT INTO notifications (id, user_id, kind, created_at)
        SELECT gen_random_uuid(), $1, 'follow', now() - n * interval '1 second' FROM generate_series(1, 1001) n`,
      [id],
    );
    expect((await told(token)).unread).toBe(1_000);
    const read = () => send("/api/me/notifications/read", { token, json: { before: "2999-01-01T00:00:00Z" } });
    expect((await read()).body).toEqual({ unread: 1 });
    expect((await told(token)).items[0].readAt).toBeNull();
    const [one, other] = await Promise.all([read(), read()]);
    expect([one.body, other.body]).toEqual([{ unread: 0 }, { unread: 0 }]);
  });

  it("list newest first, page by page without a gap or a double, each list with its own cursors", async () => {
    const { creator, investor, path } = await stage();
    const asked: string[] = [];
    for (let round = 0; round < 5; round++) {
      const { body } = await requestNda(path, investor.token);
      asked.unshift(body.id);
      await decide(body.id, creator.token, "decline");
    }
    const walk = async (list: string, token: string) => {
      const seen: string[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const { status, body } = await send(`${list}limit=2${cursor && `&cursor=${cursor}`}`, { token });
        expect(status).toBe(200);
        seen.push(...body.items.map(({ id, subjectId }: { id: string; subjectId?: string }) => subjectId ?? id));
        cursor = body.nextCursor;
      }
      return seen;
    };
    expect(await walk("/api/nda-requests?box=in&", creator.token)).toEqual(asked);
    expect(await walk("/api/nda-requests?box=out&status=declined&", investor.token)).toEqual(asked);
    expect(await walk("/api/nda-requests?box=out&status=pending&", investor.token)).toEqual([]);
    expect(await walk("/api/me/notifications?", investor.token)).toEqual(asked);
    const { nextCursor } = (await send("/api/nda-requests?box=in&limit=2", { token: creator.token })).body;
    for (const list of ["/api/nda-requests?box=out&", "/api/me/notifications?", "/api/me/investments?"]) {
      expect((await send(`${list}cursor=${nextCursor}`, { token: creator.token })).status, list).toBe(400);
    }
    const [, second] = (await told(investor.token)).items;
    const before = await send("/api/me/notifications/read", {
      token: investor.token,
      json: { before: second.createdAt },
    });
    expect(before.body).toEqual({ unread: 2 });
  });
});

import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeAccount } from "../../src/marketplace/queries/removeAccount.ts";
import { clientOf, PITCH, signUp } from "./support/client.ts";
import { startTestSystem, type TestSystem } from "./support/system.ts";

const NOBODY = "00000000-0000-7000-8000-000000000000";

interface Person {
  readonly id: string;
  readonly token: string;
}

/** What people have to do with each other's pitches and with each other. */
describe("people of the marketplace, over a real cluster", () => {
  let system: TestSystem;
  let database: Client;
  let send: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    system = await startTestSystem(50, { cache: "on" });
    send = clientOf(system.worker.url);
    database = new Client({ connectionString: (await system.cluster.resolve("primary")).connectionString });
    await database.connect();
    // The order in which messages came into a thread: each is noted while its writer holds the thread.
    await database.query(`CREATE TABLE message_order (n bigserial PRIMARY KEY, message_id uuid NOT NULL);
CREATE FUNCTION note_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO message_order (message_id) VALUES (NEW.id); RETURN NULL; END $$;
CREATE TRIGGER note_order AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION note_order()`);
  });
  afterAll(async () => {
    await database?.end();
    await system?.stop();
  });

  const person = (role?: string): Promise<Person> => signUp(send, role);
  const count = async (text: string, values: readonly unknown[]): Promise<number> =>
    (await database.query(`SELECT count(*)::int AS n FROM ${text}`, [...values])).rows[0].n;
  const put = ({ token }: Person, path: string) => send(path, { method: "PUT", token });
  const erase = ({ token }: Person, path: string) => send(path, { method: "DELETE", token });
  const told = (who: Person, kind: string) => count("notifications WHERE user_id = $1 AND kind = $2", [who.id, kind]);

  async function publish({ token }: Person, title: string = PITCH.title): Promise<string> {
    const { body } = await send("/api/pitches", { token, json: { ...PITCH, title } });
    const { status } = await send(`/api/pitches/${body.id}/publish`, { method: "POST", token });
    expect(status).toBe(200);
    return body.id;
  }

  /** The titles or ids of all pages, read two at a time. */
  async function pages(path: string, { token }: { token?: string }, of: string): Promise<unknown[]> {
    const seen: unknown[] = [];
    let cursor: string | null = "";
    for (let page = 0; cursor !== null && page < 20; page++) {
      const next: string = `${path}?limit=2${cursor && `&cursor=${cursor}`}`;
      const { status, body } = await send(next, token === undefined ? {} : { token });
      expect(status).toBe(200);
      seen.push(...body.items.map((item: Record<string, unknown>) => item[of]));
      cursor = body.nextCursor;
    }
    return seen;
  }

  describe("a like", () => {
    it("is there once however often it is put, gone however often it is deleted, and told once", async () => {
      const [creator, fan] = await Promise.all([person(), person("investor")]);
      const path = `/api/pitches/${await publish(creator)}/like`;
      const likes = () => count("likes WHERE user_id = $1", [fan.id]);
      for (const [act, left] of [
        [put, 1],
        [put, 1],
        [erase, 0],
        [erase, 0],
        [put, 1],
      ] as const) {
        const { status, body } = await act(fan, path);
        expect([status, body, await likes(), await told(creator, "like")]).toEqual([204, undefined, left, 1]);
      }
      expect((await put(creator, path)).status).toBe(204);
      expect(await told(creator, "like")).toBe(1);
    });

    it("is one where many arrive at once, and told once", async () => {
      const [creator, fan] = await Promise.all([person(), person()]);
      const path = `/api/pitches/${await publish(creator)}/like`;
      const answers = await Promise.all(Array.from({ length: 10 }, () => put(fan, path)));
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(204));
      expect([await count("likes WHERE user_id = $1", [fan.id]), await told(creator, "like")]).toEqual([1, 1]);
    });

    it("is for those who may see the pitch; taking one back tells nothing of it", async () => {
      const [creator, other] = await Promise.all([person(), person()]);
      const draft = (await send("/api/pitches", { token: creator.token, json: PITCH })).body.id;
      for (const action of ["like", "save"]) {
        for (const id of [draft, NOBODY, "1"]) {
          expect((await put(other, `/api/pitches/${id}/${action}`)).status).toBe(404);
        }
        expect((await put(creator, `/api/pitches/${draft}/${action}`)).status).toBe(204);
        expect((await erase(other, `/api/pitches/${draft}/${action}`)).status).toBe(204);
        expect((await erase(other, `/api/pitches/${NOBODY}/${action}`)).status).toBe(204);
      }
      expect(await count("likes WHERE pitch_id = $1", [draft])).toBe(1);
      expect(await count("saved_pitches WHERE pitch_id = $1", [draft])).toBe(1);
    });
  });

  it("lists what somebody saved, the newest saved first, without what they may not see any more", async () => {
    const [creator, reader] = await Promise.all([person(), person("production")]);
    const ids: string[] = [];
    for (const title of ["one", "two", "three", "four"]) ids.push(await publish(creator, title));
    const [one, two, three, four] = ids;
    for (const id of [three, one, four, two, one]) {
      expect((await put(reader, `/api/pitches/${id}/save`)).status).toBe(204);
    }
    expect(await pages("/api/me/saved", reader, "title")).toEqual(["two", "four", "one", "three"]);
    expect((await send("/api/me/saved", { token: reader.token })).body.items[0]).toMatchObject({
      id: two,
      creator: { id: creator.id },
    });
    await send(`/api/pitches/${four}/archive`, { method: "POST", token: creator.token });
    expect((await erase(reader, `/api/pitches/${one}/save`)).status).toBe(204);
    expect(await pages("/api/me/saved", reader, "title")).toEqual(["two", "three"]);
    expect(await pages("/api/me/saved", creator, "title")).toEqual([]);
  });

  describe("a view", () => {
    const see = (id: string, options: { token?: string; headers?: Record<string, string> } = {}) =>
      send(`/api/pitches/${id}/views`, { method: "POST", ...options });
    const views = (id: string) => count("pitch_views WHERE pitch_id = $1", [id]);

    it("is counted once a viewer and day, whatever a client says of its address", async () => {
      const [creator, reader] = await Promise.all([person(), person()]);
      const id = await publish(creator);
      const answers = await Promise.all(Array.from({ length: 10 }, () => see(id)));
      expect(answers.map(({ status, body }) => [status, body])).toEqual(Array(10).fill([202, undefined]));
      for (const name of ["X-Forwarded-For", "X-Real-IP", "True-Client-IP", "Forwarded"]) {
        await see(id, { headers: { [name]: "192.0.2.1" } });
      }
      expect(await views(id)).toBe(1);
      await see(id, { headers: { "User-Agent": "another browser" } });
      expect(await views(id)).toBe(2);
      for (const agent of ["one", "two"]) await see(id, { token: reader.token, headers: { "User-Agent": agent } });
      expect(await views(id)).toBe(3);
      const { rows } = await database.query(
        `SELECT DISTINCT day = (now() AT TIME ZONE 'UTC')::date AS today, length(viewer) AS bytes
          FROM pitch_views WHERE pitch_id = $1`,
        [id],
      );
      expect(rows).toEqual([{ today: true, bytes: 16 }]);
      await database.query("UPDATE pitch_views SET day = day - 1 WHERE pitch_id = $1", [id]);
      await see(id);
      expect(await views(id)).toBe(4);
    });

    it("of one's own pitch, of a draft and of nothing is answered alike, and counts for nothing", async () => {
      const [creator, reader] = await Promise.all([person(), person()]);
      const id = await publish(creator);
      const draft = (await send("/api/pitches", { token: creator.token, json: PITCH })).body.id;
      for (const [seen, who] of [
        [id, creator],
        [draft, creator],
        [draft, reader],
        [NOBODY, reader],
      ] as const) {
        const { status, body } = await see(seen, { token: who.token });
        expect([status, body, await views(seen)]).toEqual([202, undefined, 0]);
      }
      expect((await see("1")).status).toBe(404);
    });

    it("leaves the pitch's counters to whoever counts", async () => {
      const id = await publish(await person());
      const version = async () =>
        (await database.query("SELECT xmin::text FROM pitch_counters WHERE pitch_id = $1", [id])).rows[0].xmin;
      const before = await version();
      await see(id);
      await put(await person(), `/api/pitches/${id}/like`);
      expect([await views(id), await version()]).toEqual([1, before]);
    });
  });

  describe("following", () => {
    it("is told once, shows in profile and list, and feeds what was published", async () => {
      const [creator, second, fan] = await Promise.all([person(), person(), person("investor")]);
      const path = `/api/users/${creator.id}/follow`;
      for (const act of [put, put, erase, erase, put]) expect((await act(fan, path)).status).toBe(204);
      expect(await told(creator, "follow")).toBe(1);
      expect((await put(fan, `/api/users/${second.id}/follow`)).status).toBe(204);
      expect((await send(`/api/users/${creator.id}`, { token: fan.token })).body.followers).toBe(1);
      expect(await pages("/api/me/following", fan, "id")).toEqual([second.id, creator.id]);
      await publish(creator, "one");
      await send("/api/pitches", { token: creator.token, json: { ...PITCH, title: "a draft" } });
      await publish(second, "two");
      await publish(creator, "three");
      await publish(fan, "my own");
      expect(await pages("/api/me/feed", fan, "title")).toEqual(["three", "two", "one"]);
      expect((await erase(fan, path)).status).toBe(204);
      expect(await pages("/api/me/feed", fan, "title")).toEqual(["two"]);
      expect(await pages("/api/me/feed", creator, "title")).toEqual([]);
    });

    it("is one where many arrive at once", async () => {
      const [creator, fan] = await Promise.all([person(), person()]);
      const answers = await Promise.all(Array.from({ length: 10 }, () => put(fan, `/api/users/${creator.id}/follow`)));
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(204));
      expect((await send(`/api/users/${creator.id}`, { token: fan.token })).body.followers).toBe(1);
      expect(await told(creator, "follow")).toBe(1);
    });

    it("of oneself is refused, in whatever case the id is written, and of nobody is 404", async () => {
      const me = await person();
      for (const id of [me.id, me.id.toUpperCase()])
        expect((await put(me, `/api/users/${id}/follow`)).status).toBe(403);
      for (const id of [NOBODY, "1"]) expect((await put(me, `/api/users/${id}/follow`)).status).toBe(404);
      expect((await erase(me, `/api/users/${NOBODY}/follow`)).status).toBe(204);
    });
  });

  it("shows a profile to everybody, without the address, and lets its owner change name and biography", async () => {
    const [creator, stranger] = await Promise.all([person(), person()]);
    await publish(creator, "one");
    await publish(creator, "two");
    await publish(creator, "three");
    const shown = await send(`/api/users/${creator.id.toUpperCase()}`, { token: stranger.token });
    expect([shown.status, shown.body]).toEqual([
      200,
      {
        id: creator.id,
        name: "Test Person",
        role: "creator",
        bio: "",
        company: null,
        memberSince: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/),
        followers: 0,
        publishedPitches: 3,
      },
    ]);
    const change = { name: " Ada ", bio: "Films." };
    const changed = await send("/api/me", { method: "PATCH", token: creator.token, json: change });
    expect([changed.status, changed.body]).toEqual([200, { ...shown.body, name: "Ada", bio: "Films." }]);
    const company = "01900000-0000-7000-8000-00000000000c";
    await database.query("INSERT INTO companies (id, name) VALUES ($1, 'Open Gate')", [company]);
    await database.query("UPDATE users SET company_id = $1 WHERE id = $2", [company, creator.id]);
    const cleared = await send("/api/me", { method: "PATCH", token: creator.token, json: { bio: "" } });
    expect(cleared.body).toMatchObject({ name: "Ada", bio: "", company: { id: company, name: "Open Gate" } });
    expect(await pages(`/api/users/${creator.id}/pitches`, stranger, "title")).toEqual(["three", "two", "one"]);
    expect((await send(`/api/users/${stranger.id}/pitches`, { token: stranger.token })).body.items).toEqual([]);
    for (const path of [`/api/users/${NOBODY}`, `/api/users/${NOBODY}/pitches`, "/api/users/1"]) {
      expect((await send(path)).status).toBe(404);
    }
  });

  describe("a thread", () => {
    const write = ({ token }: Person, json: object, headers: Record<string, string> = {}) =>
      send("/api/conversations", { token, json, headers });
    const answer = ({ token }: Person, id: string, body: string) =>
      send(`/api/conversations/${id}/messages`, { token, json: { body } });
    const threads = async ({ token }: Person) => (await send("/api/me/conversations", { token })).body.items;
    const unread = async (who: Person) => (await threads(who)).map((thread: { unread: number }) => thread.unread);

    it("begins with a message, is one for its people and pitch, and counts what each has not read", async () => {
      const [creator, investor] = await Promise.all([person(), person("investor")]);
      const pitchId = await publish(creator, "Star");
      const first = await write(investor, { recipientId: creator.id, pitchId, message: " Hello. " });
      const sender = { id: investor.id, name: "Test Person" };
      const message = { id: expect.any(String), sender, body: "Hello.", createdAt: expect.stringMatching(/Z$/) };
      const pitch = { id: pitchId, title: "Star" };
      const { id } = first.body;
      expect([first.status, first.body]).toEqual([
        201,
        { id, with: { id: creator.id, name: "Test Person" }, pitch, message },
      ]);
      const second = await write(investor, { recipientId: creator.id, pitchId, message: "Are you there?" });
      expect([second.status, second.body.id, second.body.message.body]).toEqual([200, id, "Are you there?"]);
      expect([await unread(creator), await unread(investor), await told(creator, "message")]).toEqual([[2], [0], 1]);

      const long = `I am. ${"x".repeat(200)}`;
      const back = await answer(creator, id, long);
      expect([back.status, back.body.sender.id, back.body.body]).toEqual([201, creator.id, long]);
      expect([await unread(creator), await unread(investor), await told(investor, "message")]).toEqual([[0], [1], 1]);
      expect(await threads(investor)).toEqual([
        {
          id,
          with: { id: creator.id, name: "Test Person" },
          pitch,
          lastMessageAt: back.body.createdAt,
          lastMessage: long.slice(0, 140),
          unread: 1,
        },
      ]);
      expect(await pages(`/api/conversations/${id}/messages`, creator, "body")).toEqual([
        long,
        "Are you there?",
        "Hello.",
      ]);
      const read = await send(`/api/conversations/${id}/read`, { method: "POST", token: investor.token });
      expect([read.status, read.body, await unread(investor)]).toEqual([204, undefined, [0]]);
      expect(await count("notifications WHERE user_id = $1 AND read_at IS NULL", [investor.id])).toBe(0);
      await answer(creator, id, "And?");
      await answer(creator, id, "Well?");
      expect([await unread(investor), await told(investor, "message")]).toEqual([[2], 2]);
    });

    it("is another for another pitch, and the one written to last stands first", async () => {
      const [creator, investor] = await Promise.all([person(), person("investor")]);
      const ids: string[] = [];
      for (const pitchId of [undefined, await publish(creator), await publish(creator)]) {
        const { status, body } = await write(creator, { recipientId: investor.id, pitchId, message: "Hello." });
        expect(status).toBe(201);
        ids.push(body.id);
      }
      const [bare, one, two] = ids;
      expect(await pages("/api/me/conversations", investor, "id")).toEqual([two, one, bare]);
      await answer(investor, bare ?? "", "Yes?");
      expect(await pages("/api/me/conversations", creator, "id")).toEqual([bare, two, one]);
      expect((await threads(creator))[0].pitch).toBeNull();
    });

    it("is one where both begin it at the same moment, and no message and no count is lost", async () => {
      const [one, other] = await Promise.all([person(), person()]);
      const writing = Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0
          ? write(one, { recipientId: other.id, message: `m${index}` })
          : write(other, { recipientId: one.id, message: `m${index}` }),
      );
      const answers = await Promise.all(writing);
      expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201]);
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
      const { id } = answers[0]?.body ?? {};
      const bodies = await pages(`/api/conversations/${id}/messages`, one, "body");
      expect(bodies.toSorted()).toEqual(writing.map((_, index) => `m${index}`).toSorted());
      await expectExactCounts(id, 20);
      expect([await told(one, "message"), await told(other, "message")]).toEqual([1, 1]);
    });

    it("takes what both write at once, and what is read meanwhile, without a deadlock", async () => {
      const [one, other] = await Promise.all([person(), person()]);
      const { id } = (await write(one, { recipientId: other.id, message: "Hello." })).body;
      const inTurn = (index: number) => (index % 2 === 0 ? one : other);
      const before = await deadlocks();
      const mixed = Array.from({ length: 20 }, (_, index) => {
        if (index % 5 !== 4) return answer(inTurn(index), id, `m${index}`);
        return send(`/api/conversations/${id}/read`, { method: "POST", token: inTurn(index).token });
      });
      expect(new Set((await Promise.all(mixed)).map(({ status }) => status))).toEqual(new Set([201, 204]));
      const written = Array.from({ length: 20 }, (_, index) => answer(inTurn(index), id, `n${index}`));
      expect(new Set((await Promise.all(written)).map(({ status }) => status))).toEqual(new Set([201]));
      await expectExactCounts(id, 1 + 16 + 20);
      expect(await deadlocks()).toBe(before);
    });

    async function deadlocks(): Promise<number> {
      const { rows } = await database.query(
        "SELECT pg_stat_clear_snapshot(), sum(deadlocks)::int AS n FROM pg_stat_database",
      );
      return rows[0].n;
    }

    /** What each has not read is what the other wrote after their own last word. */
    async function expectExactCounts(id: string, total: number) {
      const { rows } = await database.query(
        `SELECT m.sender_id FROM message_order o JOIN messages m ON m.id = o.message_id
          WHERE m.conversation_id = $1 ORDER BY o.n`,
        [id],
      );
      const senders: string[] = rows.map(({ sender_id: sender }) => sender);
      expect(senders).toHaveLength(total);
      const people = await database.query(
        "SELECT user_id, unread FROM conversation_participants WHERE conversation_id = $1",
        [id],
      );
      const expected = people.rows.map(({ user_id: user }) => total - 1 - senders.lastIndexOf(user));
      expect(people.rows.map(({ unread: counted }) => counted)).toEqual(expected);
      expect(Math.min(...expected)).toBe(0);
    }

    it("is done once where its idempotency key says so", async () => {
      const [one, other] = await Promise.all([person(), person()]);
      const headers = { "Idempotency-Key": crypto.randomUUID() };
      const twice = await Promise.all([1, 2].map(() => write(one, { recipientId: other.id, message: "Hi." }, headers)));
      expect(twice.map(({ status }) => status)).toEqual([201, 201]);
      expect(twice[0]?.body).toEqual(twice[1]?.body);
      expect(await unread(other)).toEqual([1]);
    });

    it("does not exist for anybody else", async () => {
      const [one, other, stranger] = await Promise.all([person(), person(), person()]);
      const { id } = (await write(one, { recipientId: other.id, message: "Hello." })).body;
      for (const thread of [id, NOBODY, "1"]) {
        const path = `/api/conversations/${thread}`;
        const { token } = stranger;
        expect((await send(`${path}/messages`, { token })).status).toBe(404);
        expect((await answer(stranger, thread, "Me too.")).status).toBe(404);
        expect((await send(`${path}/read`, { method: "POST", token })).status).toBe(404);
      }
      expect((await send(`/api/conversations/${id}/messages`)).status).toBe(401);
      expect(await unread(other)).toEqual([1]);
      expect(await threads(stranger)).toEqual([]);
    });

    it("is begun with somebody who is there, about what the sender may see, and not with oneself", async () => {
      const [one, other] = await Promise.all([person(), person()]);
      const draft = (await send("/api/pitches", { token: other.token, json: PITCH })).body.id;
      const message = "Hello.";
      for (const [json, expected] of [
        [{ recipientId: one.id, message }, 403],
        [{ recipientId: one.id.toUpperCase(), message }, 403],
        [{ recipientId: NOBODY, message }, 404],
        [{ recipientId: other.id, pitchId: draft, message }, 404],
        [{ recipientId: other.id, pitchId: NOBODY, message }, 404],
      ] as const) {
        expect([json, (await write(one, json)).status]).toEqual([json, expected]);
      }
      expect(await threads(other)).toEqual([]);
    });

    it("names its pitch to nobody who may not see it", async () => {
      const [creator, investor] = await Promise.all([person(), person("investor")]);
      const pitchId = (await send("/api/pitches", { token: creator.token, json: PITCH })).body.id;
      const { status, body } = await write(creator, { recipientId: investor.id, pitchId, message: "About this." });
      expect([status, body.pitch.title]).toEqual([201, PITCH.title]);
      expect((await threads(investor))[0].pitch).toBeNull();
      expect((await threads(creator))[0].pitch.id).toBe(pitchId);
      await send(`/api/pitches/${pitchId}/publish`, { method: "POST", token: creator.token });
      expect((await threads(investor))[0].pitch.id).toBe(pitchId);
    });

    it("and everything else takes nothing from, or for, an account whose removal is under way", async () => {
      for (const removed of ["sender", "recipient"] as const) {
        const [one, other] = await Promise.all([person(), person()]);
        const { id } = (await write(one, { recipientId: other.id, message: "Hello." })).body;
        const leaving = removed === "sender" ? one : other;
        const pitchId = await publish(await person());
        await database.query("BEGIN");
        await remove(leaving);
        const late = [answer(one, id, "Late."), write(one, { recipientId: other.id, message: "Late." })];
        const opening = write(one, { recipientId: other.id, pitchId, message: "Late." });
        const marks = [
          put(one, `/api/users/${other.id}/follow`),
          put(leaving, `/api/pitches/${pitchId}/like`),
          put(leaving, `/api/pitches/${pitchId}/save`),
        ];
        await expect.poll(() => waiting(), { timeout: 2_000 }).toBe(6);
        await database.query("COMMIT");
        const answers = await Promise.all([...late, opening, ...marks]);
        expect(answers.map(({ status }) => status)).toEqual([409, 404, 404, 204, 204, 204]);
        expect(await count("messages WHERE conversation_id = $1", [id])).toBe(1);
        expect(await count("conversations WHERE pitch_id = $1", [pitchId])).toBe(0);
        for (const table of ["likes", "saved_pitches"])
          expect(await count(`${table} WHERE user_id = $1`, [leaving.id])).toBe(0);
        expect(await count("follows WHERE follower_id = $1 OR creator_id = $2", [one.id, other.id])).toBe(0);
      }
    });

    /** Removes an account as its route does, in a transaction that is open meanwhile. */
    async function remove({ id }: Person) {
      const statements = removeAccount({ id, auditId: crypto.randomUUID(), nowMs: Date.now() });
      for (const { text, values } of statements) await database.query(text, [...values]);
    }

    /** Transactions that wait for a lock. */
    const waiting = () => count("pg_stat_activity WHERE wait_event_type = 'Lock'", []);

    it("takes no message once the other removed the account, and shows none of them any more", async () => {
      const [one, other] = await Promise.all([person(), person()]);
      const { id } = (await write(other, { recipientId: one.id, message: "Hello." })).body;
      await remove(other);
      const gone = await answer(one, id, "Still there?");
      expect([gone.status, gone.body.type]).toEqual([409, "/problems/recipient-gone"]);
      expect((await write(one, { recipientId: other.id, message: "Hello?" })).status).toBe(404);
      expect((await put(one, `/api/users/${other.id}/follow`)).status).toBe(404);
      expect((await send(`/api/users/${other.id}`, { token: one.token })).status).toBe(404);
      expect((await send(`/api/users/${other.id}/pitches`, { token: one.token })).status).toBe(404);
      expect((await threads(one))[0].with).toEqual({ id: other.id, name: "Removed account" });
      const { body } = await send(`/api/conversations/${id}/messages`, { token: one.token });
      expect(body.items[0].sender.name).toBe("Removed account");
    });
  });

  it("refuses unknown fields, long and empty texts by their field, and writes nothing", async () => {
    const [one, other] = await Promise.all([person(), person()]);
    const { id } = (
      await send("/api/conversations", { token: one.token, json: { recipientId: other.id, message: "Hello." } })
    ).body;
    const first = { recipientId: other.id, message: "Hello." };
    const cases: [string, string, object, string][] = [
      ["PATCH", "/api/me", {}, "body"],
      ["PATCH", "/api/me", { name: "x".repeat(101) }, "name"],
      ["PATCH", "/api/me", { name: " " }, "name"],
      ["PATCH", "/api/me", { bio: "x".repeat(2_001) }, "bio"],
      ["PATCH", "/api/me", { bio: null }, "bio"],
      ["PATCH", "/api/me", { name: "Ada", role: "investor" }, "role"],
      ["PATCH", "/api/me", { name: "Ada", company_id: NOBODY }, "company_id"],
      ["PATCH", "/api/me", { name: "Ada", email: "a@example.com" }, "email"],
      ["POST", "/api/conversations", { ...first, message: "x".repeat(5_001) }, "message"],
      ["POST", "/api/conversations", { ...first, message: " \n " }, "message"],
      ["POST", "/api/conversations", { ...first, recipientId: "1" }, "recipientId"],
      ["POST", "/api/conversations", { ...first, pitchId: null }, "pitchId"],
      ["POST", "/api/conversations", { ...first, sender_id: other.id }, "sender_id"],
      ["POST", `/api/conversations/${id}/messages`, { body: "" }, "body"],
      ["POST", `/api/conversations/${id}/messages`, { body: "x".repeat(5_001) }, "body"],
      ["POST", `/api/conversations/${id}/messages`, { body: "a\u0000b" }, "body"],
      ["POST", `/api/conversations/${id}/messages`, { body: "Hi.", createdAt: "2020-01-01" }, "createdAt"],
    ];
    for (const [method, path, json, field] of cases) {
      const { status, body } = await send(path, { method, token: one.token, json });
      expect([path, json, status, body.errors?.[0]?.field]).toEqual([path, json, 400, field]);
    }
    for (const path of ["/api/me/feed", "/api/me/saved", "/api/me/following", "/api/me/conversations"]) {
      const { body } = await send(`${path}?cursor=abc`, { token: one.token });
      expect([path, body.errors?.[0]?.field]).toEqual([path, "cursor"]);
    }
    const longest = await send(`/api/conversations/${id}/messages`, {
      token: one.token,
      json: { body: "é".repeat(5_000) },
    });
    expect(longest.status).toBe(201);
    expect(await count("messages WHERE conversation_id = $1", [id])).toBe(2);
    expect((await send(`/api/users/${one.id}`, { token: one.token })).body.name).toBe("Test Person");
  });
});

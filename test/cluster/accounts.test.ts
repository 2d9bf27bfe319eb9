import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { uuidv7 } from "../../src/breakwater.ts";
import { until } from "../../tools/cluster/processes.ts";
import { clientOf, type Got, PITCH, signUp } from "./support/client.ts";
import { hitsOf } from "./support/hitsOf.ts";
import { startLetterBox } from "./support/letterBox.ts";
import { addPerson, addSession, digestOf } from "./support/people.ts";
import { startTestSystem, type TestSystem } from "./support/system.ts";

const OLD = "correct horse";
const NEW = "battery staple";

describe("accounts over a real cluster", () => {
  let system: TestSystem;
  let worker: TestSystem["worker"];
  let box: Awaited<ReturnType<typeof startLetterBox>>;
  let client: Client;
  let send: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    system = await startTestSystem(20, { cache: "on" });
    box = await startLetterBox();
    worker = await system.another({ PASSWORD_RESET_DELIVERY: "", PASSWORD_RESET_WEBHOOK: box.url });
    send = clientOf(worker.url);
    const { connectionString } = await system.cluster.resolve("primary");
    client = new Client({ connectionString });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await box?.close();
    await system?.stop();
  });

  const sql = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows;
  const emailOf = async (id: string): Promise<string> =>
    (await sql("SELECT email FROM users WHERE id = $1", [id]))[0].email;
  const login = (email: string, password: string) => send("/api/auth/login", { json: { email, password } });
  const forget = (email: string) => send("/api/auth/password-reset", { json: { email } });
  const confirm = (token: string, password: string) =>
    send("/api/auth/password-reset/confirm", { json: { token, password } });
  const isLive = async (token: string) => (await send("/api/auth/session", { token })).status === 200;

  /** What is asked for while a transaction with this statement is open: it must wait, and goes on once that has committed. */
  async function held(text: string, values: unknown[], ask: () => Promise<Got>): Promise<Got> {
    const writer = new Client({ connectionString: (await system.cluster.resolve("primary")).connectionString });
    await writer.connect();
    try {
      await writer.query("BEGIN");
      await writer.query(text, values);
      const asked = ask();
      const isWaiting = async () => (await sql("SELECT 1 FROM pg_locks WHERE NOT granted")).length > 0;
      expect(await until(isWaiting, 2_000)).toBe(true);
      await writer.query("COMMIT");
      return await asked;
    } finally {
      await writer.end();
    }
  }

  /** A registered account that was sent a token. */
  async function forgetful() {
    const { id, token: session } = await signUp(send);
    const email = await emailOf(id);
    expect((await forget(email)).status).toBe(202);
    const letter = await box.take(email);
    if (!letter) throw new Error("No letter came.");
    return { id, email, session, token: letter.token };
  }

  describe("a new password", () => {
    it("is set by the token of a letter, once, and ends every session", async () => {
      const { id, token: first } = await signUp(send);
      const email = await emailOf(id);
      const { token: second } = (await login(email, OLD)).body;
      expect((await forget(email.toUpperCase())).status).toBe(202);
      const letter = await box.take(email);
      expect(letter).toEqual({
        to: email,
        name: "Test Person",
        token: expect.stringMatching(/^[\w-]{43}$/),
        expiresAt: expect.stringMatching(/^\d{4}-.*Z$/),
      });
      const token = letter?.token ?? "";
      expect(Date.parse(letter?.expiresAt ?? "") - Date.now()).toBeGreaterThan(59 * 60_000);
      expect(await hitsOf(client, token.toLowerCase())).toEqual([]);
      expect((await confirm(token, NEW)).status).toBe(204);
      expect([await isLive(first), await isLive(second)]).toEqual([false, false]);
      expect([(await login(email, OLD)).status, (await login(email, NEW)).status]).toEqual([401, 200]);
      const replayed = await confirm(token, "another one again");
      expect([replayed.status, replayed.body.type]).toEqual([400, "/problems/reset-token-invalid"]);
      expect((await login(email, NEW)).status).toBe(200);
      expect(await sql("SELECT action, actor_id, detail FROM audit_log WHERE subject_id = $1", [id])).toEqual([
        { action: "account.password-reset", actor_id: id, detail: {} },
      ]);
    });

    it("is asked for in vain where nobody can sign in, and the answer is the same", async () => {
      const { id: closed } = await addPerson(client, "creator");
      const { id } = await signUp(send);
      const email = await emailOf(id);
      const answers = [await forget(email), await forget("nobody@example.com"), await forget(await emailOf(closed))];
      const told = ({ status, body, headers }: Got) => {
        const shown = [...headers].filter(([name]) => !["date", "x-request-id"].includes(name));
        return { status, body, shown: shown.map(([name, value]) => [name, value.replace(/dur=[\d.]+/g, "")]) };
      };
      for (const answer of answers) expect(told(answer)).toEqual(told(answers[0] as Got));
      expect(answers[0]?.headers.get("Server-Timing")).not.toContain("db");
      expect(await box.take(email)).toBeDefined();
      // The others were asked for before or at once: whatever was sent to them would be here.
      expect(await box.take(await emailOf(closed), 500)).toBeUndefined();
      expect(await sql("SELECT 1 FROM password_resets WHERE user_id = $1", [closed])).toEqual([]);
    });

    it("is sent for once a minute, however many ask at once", async () => {
      const { id } = await signUp(send);
      const email = await emailOf(id);
      const answers = await Promise.all(Array.from({ length: 8 }, () => forget(email)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
      expect(await box.take(email)).toBeDefined();
      expect(await box.take(email, 500)).toBeUndefined();
      await sql("UPDATE password_resets SET created_at = created_at - interval '1 minute' WHERE user_id = $1", [id]);
      await forget(email);
      expect(await box.take(email)).toBeDefined();
      expect(await sql("SELECT count(*)::int AS n FROM password_resets WHERE user_id = $1", [id])).toEqual([{ n: 2 }]);
    });

    it("is not sent for where another letter of the same minute is being written", async () => {
      const { id } = await signUp(send);
      const email = await emailOf(id);
      const text = `WITH reader AS (SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE)
INSERT INTO password_resets (id, token_hash, user_id, expires_at) SELECT gen_random_uuid(), sha256('x'), id, now() FROM reader`;
      expect((await held(text, [id], () => forget(email))).status).toBe(202);
      expect(await box.take(email, 500)).toBeUndefined();
      expect(await sql("SELECT 1 FROM password_resets WHERE user_id = $1", [id])).toHaveLength(1);
    });

    it("is set by one of two that use the token at once", async () => {
      const { email, token } = await forgetful();
      const words = [NEW, "another one again"] as const;
      const answers = await Promise.all(words.map((password) => confirm(token, password)));
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 400]);
      const logins = await Promise.all(words.map((password) => login(email, password)));
      expect(logins.map(({ status }) => status)).toEqual(answers.map(({ status }) => (status === 204 ? 200 : 401)));
    });

    it("is not set by a token that expired, of another account's removal, or that another of the account outlived", async () => {
      const expired = await forgetful();
      await sql("UPDATE password_resets SET expires_at = now() WHERE user_id = $1", [expired.id]);
      expect((await confirm(expired.token, NEW)).status).toBe(400);
      const outlived = await forgetful();
      await sql("UPDATE password_resets SET created_at = created_at - interval '1 minute' WHERE user_id = $1", [
        outlived.id,
      ]);
      await forget(outlived.email);
      const later = await box.take(outlived.email);
      expect((await confirm(later?.token ?? "", NEW)).status).toBe(204);
      expect((await confirm(outlived.token, OLD)).status).toBe(400);
      const removed = await forgetful();
      expect((await send("/api/me", { method: "DELETE", token: removed.session })).status).toBe(204);
      expect((await confirm(removed.token, NEW)).status).toBe(400);
    });

    it("leaves no session to a login that began with the old one", async () => {
      const { id } = await signUp(send);
      const email = await emailOf(id);
      const late = await held("UPDATE users SET password_hash = '!' WHERE id = $1", [id], () => login(email, OLD));
      expect(late.status).toBe(401);
      const kept = await sql("SELECT count(*)::int AS n FROM sessions WHERE user_id = $1", [id]);
      expect(kept).toEqual([{ n: 1 }]); // that of the registration, which a reset would have ended
    });
  });

  describe("one's own sessions", () => {
    it("are shown, and ended one by one or all but the one that asks", async () => {
      const { id, token } = await addPerson(client, "investor");
      const [second, third] = [await addSession(client, id), await addSession(client, id)];
      // Within one millisecond they would have no order.
      for (const [later, token] of [second, third].entries()) {
        await sql("UPDATE sessions SET created_at = created_at + $1 * interval '1 second' WHERE token_hash = $2", [
          later + 1,
          digestOf(token),
        ]);
      }
      await sql(
        "INSERT INTO sessions (id, token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, now() - interval '31 days', now())",
        [uuidv7(Date.now()), digestOf("ended"), id],
      );
      const shown = await send("/api/me/sessions", { token: second });
      expect(shown.body.items.map(({ current }: { current: boolean }) => current)).toEqual([false, true, false]);
      const [newest] = shown.body.items;
      expect((await send(`/api/me/sessions/${newest.id}`, { method: "DELETE", token: second })).status).toBe(204);
      expect([await isLive(token), await isLive(second), await isLive(third)]).toEqual([true, true, false]);
      expect((await send(`/api/me/sessions/${newest.id}`, { method: "DELETE", token: second })).status).toBe(404);
      expect((await send("/api/me/sessions", { method: "DELETE", token: second })).status).toBe(204);
      expect([await isLive(token), await isLive(second)]).toEqual([false, true]);
    });

    it("are those of whoever the header names, whatever cookie comes along, and never one that was given", async () => {
      const [attacker, victim] = [await addPerson(client, "creator"), await signUp(send)];
      const Cookie = `session=${attacker.token}`;
      const both = { token: victim.token, headers: { Cookie } };
      expect((await send("/api/auth/session", both)).body.user.id).toBe(victim.id);
      expect((await send("/api/pitches", { ...both, json: PITCH })).body.creator.id).toBe(victim.id);
      const listed = await send("/api/me/sessions", both);
      expect(listed.body.items).toHaveLength(1);
      const json = { email: await emailOf(victim.id), password: OLD };
      const signedIn = await send("/api/auth/login", { json, headers: { Cookie, Origin: "https://evil.example" } });
      expect(signedIn.body.token).not.toBe(attacker.token);
      expect(signedIn.headers.get("Set-Cookie")).toContain(`session=${signedIn.body.token};`);
      expect((await send("/api/auth/session", { token: attacker.token })).body.user.id).toBe(attacker.id);
    });
  });

  describe("the removal of an account", () => {
    /** Posts with an idempotency key, so that the answer is kept as well. */
    const post = async (path: string, token: string, json: unknown) => {
      const { status, body } = await send(path, { token, json, headers: { "Idempotency-Key": crypto.randomUUID() } });
      if (status >= 300) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`);
      return body;
    };

    const put = async (path: string, token: string) =>
      expect((await send(path, { method: "PUT", token })).status).toBe(204);

    /** Somebody whose every text has the marker in it. */
    async function marked(role: "creator" | "investor") {
      const marker = `zq${crypto.randomUUID().replaceAll("-", "")}`;
      const account = { email: `${marker}@example.com`, password: OLD, name: `${marker} name`, role };
      const { body } = await send("/api/auth/register", { json: account });
      const { id } = body.user;
      const { token } = body;
      const headers = { "Idempotency-Key": crypto.randomUUID() };
      const bio = { bio: `About ${marker}.` };
      expect((await send("/api/me", { method: "PATCH", token, json: bio, headers })).status).toBe(200);
      await sql("INSERT INTO companies (id, name) VALUES ($1, 'A company')", [id]);
      await sql("UPDATE users SET company_id = $1 WHERE id = $1", [id]);
      await forget(account.email);
      expect(await box.take(account.email)).toBeDefined();
      return { marker, id, token: token as string, account };
    }

    async function published(token: string, change: object = {}): Promise<string> {
      const { id } = await post("/api/pitches", token, { ...PITCH, ...change });
      expect((await send(`/api/pitches/${id}/publish`, { method: "POST", token })).status).toBe(200);
      return id;
    }

    /** The rows that the removal leaves, by how they stand. */
    const states = async (table: string, column: string, by: string, id: string) => {
      const rows = await sql(`SELECT ${column} AS state FROM ${table} WHERE ${by} = $1 ORDER BY 1`, [id]);
      return rows.map(({ state }) => state);
    };

    const remove = async (token: string) => {
      const { status, headers } = await send("/api/me", { method: "DELETE", token });
      expect([status, headers.get("Set-Cookie")]).toEqual([
        204,
        expect.stringMatching(/^session=; Path=\/; Max-Age=0;/),
      ]);
    };

    /** What is kept for a day to answer repeats with; nothing else may know the person. */
    const KEPT_A_DAY = "breakwater.requests.result";

    async function afterADay() {
      await sql("UPDATE breakwater.requests SET at = at - interval '25 hours'");
      await worker.scheduled("17 3 * * *");
    }

    it("leaves of a creator the archived pitches, and nothing of the person", async () => {
      const ada = await marked("creator");
      const [bob, eve] = [await signUp(send, "investor"), await signUp(send, "investor")];
      const texts = { title: `${ada.marker} title`, logline: `A ${ada.marker} logline.` };
      const shown = await published(ada.token, texts);
      const draft = (await post("/api/pitches", ada.token, { ...PITCH, ...texts })).id;
      const script = { kind: "script", title: `${ada.marker} script`, storageKey: `scripts/${ada.marker}`, bytes: 1 };
      await post(`/api/pitches/${shown}/documents`, ada.token, script);
      const asked = await post(`/api/pitches/${shown}/nda-requests`, bob.token, { message: "Please." });
      await post(`/api/nda-requests/${asked.id}/decision`, ada.token, { decision: "approve" });
      await post(`/api/pitches/${shown}/nda-requests`, eve.token, { message: "Please." });
      await post(`/api/pitches/${shown}/investments`, bob.token, { amount: 1_000 });
      const { id: committed } = await post(`/api/pitches/${shown}/investments`, eve.token, { amount: 2_000 });
      await post(`/api/investments/${committed}/state`, ada.token, { state: "committed" });
      const thread = await post("/api/conversations", ada.token, {
        recipientId: bob.id,
        message: `Hello, ${ada.marker}.`,
      });
      await post(`/api/conversations/${thread.id}/messages`, bob.token, { body: "Hello." });
      await post("/api/conversations", eve.token, { recipientId: ada.id, message: "Good day." });
      await put(`/api/users/${bob.id}/follow`, ada.token);
      await put(`/api/users/${ada.id}/follow`, bob.token);
      for (const action of ["like", "save"]) await put(`/api/pitches/${shown}/${action}`, bob.token);
      expect(await hitsOf(client, ada.marker)).toEqual(
        expect.arrayContaining(["public.messages.body", "public.users.email", "public.users.name", "public.users.bio"]),
      );

      await remove(ada.token);

      const own = ["public.pitches.logline", "public.pitches.title"];
      expect(await hitsOf(client, ada.marker)).toEqual([KEPT_A_DAY, ...own]);
      await afterADay();
      expect(await hitsOf(client, ada.marker)).toEqual(own);
      expect(await sql("SELECT * FROM users WHERE id = $1", [ada.id])).toMatchObject([
        {
          email: `removed-${ada.id}@account.invalid`,
          name: "Removed account",
          password_hash: "!",
          bio: "",
          company_id: null,
        },
      ]);
      expect(await states("pitches", "status", "user_id", ada.id)).toEqual(["archived", "archived"]);
      expect(await states("nda_requests", "status", "creator_id", ada.id)).toEqual(["approved", "declined"]);
      expect(await states("ndas", "revoked_at", "pitch_id", shown)).toEqual([null]);
      expect(await states("investments", "state", "creator_id", ada.id)).toEqual(["committed", "withdrawn"]);
      for (const [table, column] of [
        ["sessions", "user_id"],
        ["password_resets", "user_id"],
        ["follows", "follower_id"],
        ["follows", "creator_id"],
        ["notifications", "user_id"],
        ["notifications", "actor_id"],
      ] as const) {
        expect([table, await states(table, "1", column, ada.id)]).toEqual([table, []]);
      }
      expect(await states("pitch_documents", "1", "pitch_id", shown)).toEqual([]);

      expect(await isLive(ada.token)).toBe(false);
      expect((await login(ada.account.email, OLD)).status).toBe(401);
      for (const path of [
        `/api/users/${ada.id}`,
        `/api/users/${ada.id}/pitches`,
        `/api/pitches/${shown}`,
        `/api/pitches/${draft}`,
      ]) {
        expect([path, (await send(path, { token: bob.token })).status]).toEqual([path, 404]);
      }
      const newest = await send("/api/pitches?limit=100", { token: bob.token });
      expect(newest.body.items.map(({ id }: { id: string }) => id)).not.toContain(shown);
      const messages = await send(`/api/conversations/${thread.id}/messages`, { token: bob.token });
      expect(
        messages.body.items.map(({ body, sender }: { body: string; sender: { name: string } }) => [sender.name, body]),
      ).toEqual([
        ["Test Person", "Hello."],
        ["Removed account", ""],
      ]);
      const again = await send("/api/auth/register", { json: ada.account });
      expect([again.status, again.body.user.id === ada.id]).toEqual([201, false]);
    });

    it("leaves of an investor agreements without a name, closes what was only asked for, and nothing of the person", async () => {
      const bob = await marked("investor");
      const ada = await signUp(send);
      const [one, other] = [await published(ada.token), await published(ada.token)];
      await post(`/api/pitches/${one}/nda-requests`, bob.token, { message: `I am ${bob.marker}.` });
      const asked = await post(`/api/pitches/${other}/nda-requests`, bob.token, { message: `Again ${bob.marker}.` });
      await post(`/api/nda-requests/${asked.id}/decision`, ada.token, { decision: "approve" });
      await post(`/api/pitches/${one}/investments`, bob.token, { amount: 1_000 });
      const { id: committed } = await post(`/api/pitches/${other}/investments`, bob.token, { amount: 2_000 });
      await post(`/api/investments/${committed}/state`, ada.token, { state: "committed" });
      for (const action of ["like", "save"]) await put(`/api/pitches/${one}/${action}`, bob.token);
      await post("/api/conversations", bob.token, {
        recipientId: ada.id,
        pitchId: one,
        message: `It is ${bob.marker}.`,
      });
      await remove(bob.token);
      expect(await hitsOf(client, bob.marker)).toEqual([KEPT_A_DAY]);
      await afterADay();
      expect(await hitsOf(client, bob.marker)).toEqual([]);
      expect(await states("nda_requests", "status", "requester_id", bob.id)).toEqual(["approved", "withdrawn"]);
      expect(await states("ndas", "revoked_at", "user_id", bob.id)).toEqual([null]);
      expect(await states("investments", "state", "investor_id", bob.id)).toEqual(["committed", "withdrawn"]);
      expect(await states("likes", "1", "user_id", bob.id)).toEqual([]);
      expect(await states("saved_pitches", "1", "user_id", bob.id)).toEqual([]);
      const inbox = await send("/api/nda-requests?box=in", { token: ada.token });
      expect(inbox.body.items.map(({ requester }: { requester: { name: string } }) => requester.name)).toEqual([
        "Removed account",
        "Removed account",
      ]);
    });

    it("waits for what the account is writing, and takes it along", async () => {
      const [ada, bob] = [await signUp(send), await signUp(send, "investor")];
      const pitch = await published(ada.token);
      const text = `INSERT INTO nda_requests (id, pitch_id, creator_id, requester_id, message)
VALUES (gen_random_uuid(), $1, $2, $3, 'It is me.')`;
      const away = () => send("/api/me", { method: "DELETE", token: bob.token });
      expect((await held(text, [pitch, ada.id, bob.id], away)).status).toBe(204);
      expect(await sql("SELECT status, message FROM nda_requests WHERE requester_id = $1", [bob.id])).toEqual([
        { status: "withdrawn", message: "" },
      ]);
    });

    it("happens once, however often it is asked for at once, and no message slips past it", async () => {
      const [ada, bob] = [await signUp(send), await signUp(send)];
      const thread = await post("/api/conversations", ada.token, { recipientId: bob.id, message: "Hello." });
      const write = () =>
        send(`/api/conversations/${thread.id}/messages`, { token: ada.token, json: { body: "Hello." } });
      const away = () => send("/api/me", { method: "DELETE", token: ada.token });
      const answers = await Promise.all([write(), write(), away(), write(), away(), write()]);
      expect(answers.map(({ status }) => status)).toContain(204);
      expect((await write()).status).toBe(401);
      expect(await sql("SELECT DISTINCT body FROM messages WHERE sender_id = $1", [ada.id])).toEqual([{ body: "" }]);
      expect(await sql("SELECT action FROM audit_log WHERE subject_id = $1", [ada.id])).toEqual([
        { action: "account.remove" },
      ]);
    });
  });
});

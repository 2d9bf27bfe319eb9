import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientOf, PITCH, signUp } from "./support/client.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";

describe("the Worker over a real cluster", () => {
  let system: TestSystem;
  let send: ReturnType<typeof clientOf>;

  beforeAll(async () => {
    system = await startTestSystem(1_000, { cache: "on" });
    send = clientOf(system.worker.url);
  });
  afterAll(() => system.stop());

  it("lists published dramas, newest first, page by page without a gap or a double", async () => {
    const seen: { id: string; createdAt: string; genre: string }[] = [];
    let cursor: string | null = "";
    for (let page = 0; cursor !== null && page < 50; page++) {
      const { status, body } = await send(`/api/pitches?genre=drama&limit=20${cursor && `&cursor=${cursor}`}`);
      expect(status).toBe(200);
      seen.push(...body.items);
      cursor = body.nextCursor;
    }
    expect(seen.length).toBeGreaterThan(100);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    expect(seen.every(({ genre }) => genre === "drama")).toBe(true);
    const times = seen.map(({ createdAt }) => createdAt);
    expect(times).toEqual(times.toSorted().reverse());
  });

  it("finds real titles by their words, whatever cursor follows", async () => {
    const { status, body } = await send("/api/pitches/search?q=star&limit=2");
    expect(status).toBe(200);
    expect(body.items[0].title).toMatch(/star/i);
    const next = await send(`/api/pitches/search?q=star&limit=2&cursor=${body.nextCursor}`);
    expect(next.body.items.map((item: { id: string }) => item.id)).not.toContain(body.items[0].id);
  });

  it("takes a pitch from registration to publication and back over HTTP", async () => {
    const { id: userId, token } = await signUp(send);
    const session = await send("/api/auth/session", { token });
    expect(session.body.user.id).toBe(userId);
    const created = await send("/api/pitches", { token, json: PITCH });
    expect([created.status, created.body.status]).toEqual([201, "draft"]);
    const path = `/api/pitches/${created.body.id}`;
    expect((await send(path)).status).toBe(404);
    expect((await send(path, { token })).status).toBe(200);
    const other = await signUp(send);
    expect((await send(path, { token: other.token })).status).toBe(404);
    expect((await send(`${path}/publish`, { method: "POST", token: other.token })).status).toBe(404);
    const published = await send(`${path}/publish`, { method: "POST", token });
    expect([published.status, published.body.status]).toEqual([200, "published"]);
    expect((await send(path, { method: "PATCH", token: other.token, json: { title: "Mine" } })).status).toBe(403);
    const changed = await send(path, { method: "PATCH", token, json: { title: "Renamed" } });
    expect(changed.body.title).toBe("Renamed");
    const read = await send(path, { token });
    expect(read.body).toMatchObject({ title: "Renamed", creator: { id: userId }, likes: 0, views: 0 });
    expect(read.headers.get("Breakwater-Route")).toMatch(/^node-1;reason=strict;age=\d+$/);
    expect((await send("/api/auth/logout", { method: "POST", token })).status).toBe(204);
    expect((await send("/api/auth/session", { token })).status).toBe(401);
  });

  it("answers unknown address and wrong password alike, and knows addresses in any case", async () => {
    const email = `Case.${crypto.randomUUID()}@Example.com`;
    const account = { email, password: "correct horse", name: "Case", role: "investor" };
    expect((await send("/api/auth/register", { json: account })).status).toBe(201);
    const taken = await send("/api/auth/register", { json: { ...account, email: email.toUpperCase() } });
    expect([taken.status, taken.body.type]).toEqual([409, "/problems/email-taken"]);
    const login = (over: object) => send("/api/auth/login", { json: { email, password: "correct horse", ...over } });
    expect((await login({ email: email.toLowerCase() })).status).toBe(200);
    const [wrong, nobody] = await Promise.all([login({ password: "wrong horse" }), login({ email: "no@example.com" })]);
    const words = ({ status, body }: typeof wrong) => ({ status, ...body, requestId: "" });
    expect(words(wrong)).toEqual(words(nobody));
    expect(wrong.status).toBe(401);
  });

  it("answers a repeat with the same idempotency key as it answered the first", async () => {
    const { token } = await signUp(send);
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const [first, second] = await Promise.all([
      send("/api/pitches", { token, json: PITCH, headers }),
      send("/api/pitches", { token, json: PITCH, headers }),
    ]);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    const other = await send("/api/pitches", { token, json: { ...PITCH, title: "Other" }, headers });
    expect([other.status, other.body.type]).toEqual([422, "/problems/idempotency-key-reused"]);
    const stranger = await signUp(send);
    expect((await send("/api/pitches", { token: stranger.token, json: PITCH, headers })).body.id).not.toBe(
      first.body.id,
    );
  });

  it("refuses what a foreign page could send with a victim's cookie", async () => {
    const { token } = await signUp(send);
    const cookie = { Cookie: `session=${token}` };
    const post = (headers: Record<string, string>) =>
      send("/api/pitches", { json: PITCH, headers: { ...cookie, ...headers } });
    expect((await post({})).status).toBe(403);
    expect((await post({ Origin: "https://evil.example" })).status).toBe(403);
    expect((await post({ Origin: system.worker.url })).status).toBe(201);
    expect((await send("/api/auth/session", { headers: cookie })).status).toBe(200);
  });

  it("shows its health, its version and where it answers from", async () => {
    const health = await send("/health");
    expect(health.body).toMatchObject({ status: "healthy", services: { database: true, cache: true, worker: true } });
    expect((await send("/health/live")).status).toBe(200);
    const draft = await send("/health", { headers: { Accept: "application/health+json" } });
    expect(draft.headers.get("Content-Type")).toBe("application/health+json");
    expect(draft.body.status).toBe("pass");
    expect((await send("/openapi.json")).body.openapi).toBe("3.1.0");
    expect((await send("/api/pitches")).headers.get("Server-Timing")).toMatch(/total;dur=.*db;desc="pitches.browse"/);
  });

  it("gives its query statistics to admins alone", async () => {
    expect((await send("/admin/queries")).status).toBe(401);
    expect((await send("/admin/queries", { token: "another-token-of-16" })).status).toBe(401);
    const { body } = await send("/admin/queries", { token: ADMIN_TOKEN });
    expect(body.queries.map(({ name }: { name: string }) => name)).toContain("pitches.browse");
  });

  describe("with bad input", () => {
    const nasty: readonly [string, string][] = [
      ["SQL", "'; DROP TABLE pitches; --"],
      ["NUL", "a\u0000b"],
      ["a lone surrogate", "\ud800"],
      ["ten kilobytes", "x".repeat(10_000)],
      ["nothing", ""],
    ];
    const queries = ["genre", "format", "stage", "sort", "cursor", "limit", "q"];

    it.each(nasty)(
      "answers %s in any query parameter with a 4xx that names it, or takes it as words",
      async (_, value) => {
        for (const name of queries) {
          const path = name === "q" ? "/api/pitches/search" : "/api/pitches";
          const { status, body } = await send(`${path}?${name}=${encodeURIComponent(value.toWellFormed())}`);
          if (name === "q" && status === 200) continue;
          expect([name, status]).toEqual([name, 400]);
          expect(body.errors[0].field).toBe(name);
        }
      },
    );

    it.each(nasty)(
      "answers %s in any field of a body with a 4xx that names it, or takes it as words",
      async (_, value) => {
        const { token } = await signUp(send);
        for (const field of Object.keys(PITCH)) {
          const { status, body } = await send("/api/pitches", { token, json: { ...PITCH, [field]: value } });
          if (status === 201) continue; // text is text
          expect([field, status]).toEqual([field, 400]);
          expect(body.errors[0].field).toBe(field);
        }
      },
    );

    it("answers every other abuse of the door with its own problem", async () => {
      const { token } = await signUp(send);
      const cases: [string, Parameters<typeof send>[1], number][] = [
        ["/api/pitches?limit=-1", {}, 400],
        ["/api/pitches?limit=999999999999", {}, 400],
        ["/api/pitches?genre=opera", {}, 400],
        ["/api/pitches?genre=%ff", {}, 400],
        ["/api/pitches?genre=%zz", {}, 400],
        ["/api/pitches?genre=drama&genre=comedy", {}, 400],
        ["/api/pitches?cursor=bm90IGEgY3Vyc29y", {}, 400],
        ["/api/pitches", { token, raw: "{" }, 400],
        ["/api/pitches", { token, raw: "[]" }, 400],
        ["/api/pitches", { token, raw: new Uint8Array([0x22, 0xff, 0x22]) }, 400],
        ["/api/pitches", { token, json: { ...PITCH, title: 7 } }, 400],
        ["/api/pitches", { token, json: { ...PITCH, status: "published" } }, 400],
        ["/api/pitches", { token, json: { ...PITCH, logline: "x".repeat(70_000) } }, 413],
        ["/api/pitches", { token, raw: "a=b", headers: { "Content-Type": "text/plain" } }, 415],
        ["/api/pitches/1", {}, 404],
        ["/api/pitches/00000000-0000-7000-8000-000000000000", {}, 404],
        ["/api/nothing", {}, 404],
        ["/api/pitches", { method: "DELETE" }, 405],
        ["/api/pitches", { json: PITCH }, 401],
        ["/api/outcomes/00000000-0000-7000-8000-000000000000", { token }, 404],
      ];
      for (const [path, options, expected] of cases) {
        const { status, headers, body } = await send(path, options);
        expect([path, status]).toEqual([path, expected]);
        expect(headers.get("Content-Type")).toBe("application/problem+json");
        expect(body.type).toMatch(/^\/problems\/[a-z-]+$/);
        expect(JSON.stringify(body)).not.toMatch(/postgres|neon|syntax|relation|column|SELECT/i);
        if (status === 405) expect(headers.get("Allow")).toBe("GET, HEAD, OPTIONS, POST");
      }
    });
  });
});

describe("BREAKWATER_MODE", () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await startTestSystem(50, { cache: "on" });
  });
  afterAll(() => system.stop());

  it("off: straight to the primary, no route told, marks and idempotency stay, admin says so", async () => {
    const send = clientOf((await system.another({ BREAKWATER_MODE: "off" })).url);
    const { token } = await signUp(send);
    system.proxy.resetStats();
    const browse = await send("/api/pitches");
    expect([browse.status, browse.headers.get("Breakwater-Route")]).toEqual([200, null]);
    expect(system.proxy.stats()["node-1"]?.statements["pitches.browse"]).toBe(1);
    const headers = { "Idempotency-Key": "once" };
    const first = await send("/api/pitches", { token, json: PITCH, headers });
    expect((await send("/api/pitches", { token, json: PITCH, headers })).body).toEqual(first.body);
    expect((await send("/admin", { token: ADMIN_TOKEN })).body).toEqual({ mode: "off" });
  });

  it("observe: the primary answers, and the route tells where it would have gone", async () => {
    const send = clientOf((await system.another({ BREAKWATER_MODE: "observe" })).url);
    const { headers } = await send("/api/pitches");
    expect(headers.get("Breakwater-Route")).toMatch(/^node-1;reason=off;age=\d+;would=node-[23]$/);
  });

  it("names a wrong configuration in one sentence, stays alive, and shows no secret", async () => {
    const worker = await system.another({ BREAKWATER_NODES: "[]", DATABASE_URL_NODE_1: "postgres://u:hidden@h/d" });
    const send = clientOf(worker.url);
    const health = await send("/health");
    expect([health.status, health.body.status]).toEqual([200, "unknown"]);
    expect(health.body.notes[0]).toContain("BREAKWATER_NODES");
    const browse = await send("/api/pitches");
    expect([browse.status, browse.body.type]).toEqual([503, "/problems/misconfigured"]);
    expect(JSON.stringify([health.body, browse.body])).not.toContain("hidden");
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";

const LIST = "/api/pitches?genre=drama";

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem(100, { cache: "on" });
}, 120_000);
afterAll(() => system?.stop());

const ADMIN = { Authorization: `Bearer ${ADMIN_TOKEN}` };

async function ask(path: string, { json, headers = ADMIN, method }: Ask = {}) {
  const response = await fetch(system.worker.url + path, {
    method: method ?? (json === undefined ? "GET" : "POST"),
    headers: { ...headers, ...(json !== undefined && { "Content-Type": "application/json" }) },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  const body = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, body };
}

interface Ask {
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
  readonly method?: string;
}

const warm = (json: object, headers?: Record<string, string>) =>
  ask("/api/cache/warm", { json, ...(headers && { headers }) });

async function cacheStatusOf(path: string): Promise<string> {
  return (await ask(path, { headers: {} })).headers.get("Cache-Status") ?? "";
}

describe("POST /api/cache/warm", () => {
  it.each([
    ["nobody", {}, 401, "unauthenticated"],
    ["a wrong token", { Authorization: "Bearer wrong" }, 401, "unauthenticated"],
    ["a page of another site", { ...ADMIN, Origin: "https://elsewhere.example" }, 403, "cross-site-request"],
  ])("refuses %s", async (who, headers, status, slug) => {
    const path = `/api/pitches/search?q=${slug}&limit=${who.length}`;
    const { status: got, body } = await warm({ paths: [path] }, headers as Record<string, string>);
    expect([got, body.type]).toEqual([status, `/problems/${slug}`]);
    expect(await cacheStatusOf(path)).toContain("detail=cold");
  });

  it.each([
    ["more paths than a call may name", { paths: Array.from({ length: 201 }, (_, at) => `/api/pitches?limit=${at}`) }],
    ["no paths", { paths: [] }],
    ["a field that it does not have", { path: LIST }],
    ["more keys than a run takes", { top: 1_001 }],
  ])("refuses %s", async (_what, json) => {
    expect((await warm(json)).status).toBe(400);
  });

  it("takes no other method", async () => {
    const { status, headers } = await ask("/api/cache/warm");
    expect([status, headers.get("Allow")]).toEqual([405, "POST"]);
  });

  it("says of each path that it leaves why, and warms the others", async () => {
    const paths = [
      "/api/genres",
      "/api/me/saved",
      "/api/auth/session",
      "/api/cache/warm",
      "/admin/cache",
      "/api/nothing",
      "/api/pitches?limit=0",
      "//elsewhere.example/api/pitches",
      "https://elsewhere.example/api/pitches",
    ];
    const { status, body } = await warm({ paths });
    expect(status).toBe(200);
    expect(body.done).toMatchObject([{ path: "/api/genres", isWritten: true }]);
    const why = Object.fromEntries(body.skipped.map((each: { path: string; why: string }) => [each.path, each.why]));
    expect(Object.keys(why).sort()).toEqual(paths.slice(1).sort());
    expect(why["/api/pitches?limit=0"]).toBe("invalid");
    expect(why["/api/me/saved"]).toBe("not-shared");
    expect(why["https://elsewhere.example/api/pitches"]).toBe("no-such-route");
  });

  it("only plans in a dry run", async () => {
    const path = "/api/pitches?genre=horror";
    const { body } = await warm({ paths: [path], dryRun: true });
    expect(body).toEqual({ planned: 1, done: [], skipped: [{ path, why: "dry-run" }], failed: [] });
    expect(await cacheStatusOf(path)).toContain("detail=cold");
  });

  it("may be repeated, and loads a key once where calls overlap", async () => {
    const loads = () =>
      Object.values(system.proxy.stats()).reduce((sum, { statements }) => sum + (statements["pitches.browse"] ?? 0), 0);
    /** Five calls, of which four come while the first one's load takes a while; undefined: this machine was too slow for that. */
    const overlapping = async (path: string) => {
      for (const node of ["node-1", "node-2", "node-3"]) system.proxy.faults.set(node, { delayMs: 400 });
      const before = loads();
      let isOver = false;
      const loading = warm({ paths: [path, path] }).finally(() => {
        isOver = true;
      });
      expect(await until(async () => loads() > before, 5_000)).toBe(true);
      const others = await Promise.all(Array.from({ length: 4 }, () => warm({ paths: [path, path] })));
      const wasInTime = !isOver;
      const loader = await loading;
      system.proxy.faults.clear();
      return wasInTime ? { path, loader, others, loads: loads() - before } : undefined;
    };
    let met: Awaited<ReturnType<typeof overlapping>>;
    for (const genre of ["comedy", "thriller", "romance", "western"]) {
      met ??= await overlapping(`/api/pitches?genre=${genre}&sort=popular`);
    }
    const path = met?.path ?? "";
    expect(met?.loader).toMatchObject({ status: 200, body: { planned: 1, done: [{ path }], skipped: [], failed: [] } });
    const joined = { planned: 0, done: [], skipped: [{ path, why: "joined" }], failed: [] };
    expect(met?.others.map(({ status, body }) => [status, body])).toEqual(Array(4).fill([200, joined]));
    // Of one load: what a replica says that proves nothing the primary is asked again.
    expect([1, 2]).toContain(met?.loads);
    const again = await warm({ paths: [path] });
    expect(again.body.done).toMatchObject([{ path, isChanged: false }]);
    // Proven current once its isolate has heard who holds all writes.
    expect(await until(async () => /hit;ttl=\d+$/.test(await cacheStatusOf(path)), 25_000)).toBe(true);
  }, 60_000);
});

describe("POST /admin/cache/purge", () => {
  const purge = (json: unknown, headers?: Record<string, string>) =>
    ask("/admin/cache/purge", { json, ...(headers && { headers }) });

  it.each([
    ["nobody", { tags: ["pitches"] }, {}, 401],
    ["a purge of nothing", { tags: [] }, ADMIN, 400],
    ["too many tags", { tags: Array.from({ length: 33 }, (_, at) => `t${at}`) }, ADMIN, 400],
    ["a kind that is none", { tags: ["pitches"], kind: "gentle" }, ADMIN, 400],
  ])("refuses %s", async (_what, json, headers, status) => {
    expect((await purge(json, headers as Record<string, string>)).status).toBe(status);
  });

  it("softly makes old what carries the tag, which is given once more; for good it is given to nobody", async () => {
    const isFresh = async () => /hit;ttl=\d+$/.test(await cacheStatusOf(LIST));
    expect(await until(isFresh, 25_000)).toBe(true);
    const soft = await purge({ tags: ["genre:drama"] });
    expect([soft.status, soft.body]).toEqual([200, { kind: "soft", tags: ["genre:drama"], seq: expect.any(Number) }]);
    expect(await cacheStatusOf(LIST)).toContain("detail=refreshing");
    expect(await until(isFresh, 20_000)).toBe(true);
    const hard = await purge({ tags: ["genre:drama"], kind: "hard" });
    expect(hard.body.seq).toBeGreaterThan(soft.body.seq);
    expect(await cacheStatusOf(LIST)).toContain("detail=purged");
    expect(await cacheStatusOf("/api/genres")).toContain("hit;");
  }, 80_000);

  it("is heard at once where it was ordered, whatever its Collector last heard", async () => {
    for (let round = 0; round < 5; round++) {
      await cacheStatusOf(LIST);
      const { body } = await purge({ tags: ["genre:drama"], kind: "hard" });
      expect(await cacheStatusOf(LIST), `round ${round}`).toContain("detail=purged");
      expect((await ask("/admin/cache")).body.isolate.seq).toBeGreaterThanOrEqual(body.seq);
      // What was loaded since is nothing that the order speaks of.
      expect(await cacheStatusOf(LIST), `round ${round}`).toContain("hit;");
    }
  }, 80_000);
});

describe("GET /admin/cache", () => {
  it("is for admins alone", async () => {
    expect((await ask("/admin/cache", { headers: {} })).status).toBe(401);
  });

  it("tells of hits and misses by why, bytes, ages, heat, what warming was worth, runway and KV's budget", async () => {
    let said: Record<string, unknown> = {};
    const isTold = async () => {
      await cacheStatusOf(LIST);
      said = (await ask("/admin/cache")).body;
      const { world, hot } = said as {
        world: { routes: Record<string, { results: Record<string, number> }> };
        hot: { top: unknown[]; dearest: unknown[] };
      };
      const isGiven = (world.routes["/api/pitches"]?.results.fresh ?? 0) > 0;
      return isGiven && hot.top.length > 0 && hot.dearest.length > 0;
    };
    expect(await until(isTold, 60_000)).toBe(true);
    const number = expect.any(Number);
    expect(said).toMatchObject({
      mode: "on",
      seq: number,
      liveBumps: number,
      cover: expect.any(Array),
      foreignMarks: { found: number, skipped: 0 },
      leases: { held: number, keys: number },
      hot: {
        keys: number,
        top: expect.any(Array),
        warming: { warmed: number, used: number, precision: number },
        runway: { keys: number, ofHotKeys: number },
        dearest: expect.arrayContaining([{ key: expect.any(String), misses: number, waitedMs: number }]),
        kv: { writesToday: number, writesADay: 33_000, writesLeft: number },
      },
      world: {
        routes: {
          "/api/pitches": {
            requests: number,
            hitRatio: number,
            results: { fresh: number },
            bytes: { memory: number, database: number },
            servedAgeSeconds: { p50: number, p90: number, p99: number },
          },
        },
        tiers: { memory: { found: number, absent: number } },
        bytes: { memory: number, database: number },
        servedAgeSeconds: { p50: number, p90: number, p99: number },
        refreshes: expect.any(Object),
        audits: expect.any(Object),
      },
      isolate: {
        seq: number,
        memory: {
          bytes: number,
          routes: {
            "/api/pitches": { entries: number, bytes: number, ageMs: { p50: number, p90: number, max: number } },
          },
        },
        dearestMisses: expect.any(Array),
      },
    });
    const { world } = said as { world: { routes: Record<string, { misses: Record<string, number> }> } };
    expect(world.routes["/api/pitches"]?.misses).toMatchObject({ cold: number });
  }, 90_000);
});

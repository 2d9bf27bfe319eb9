import CachePolicy from "http-cache-semantics";
import { describe, expect, test } from "vitest";
import type { Owed } from "../../../../src/cache/owed.ts";
import { NOW, problemOf, SIGNED_IN } from "./call.ts";
import { sharedVisits } from "./sharedVisits.ts";

const THING = "/things/a";
const OWED: Owed = { id: "m", seq: 0, incarnation: 0, epoch: "1", at: NOW, buckets: null };
const COOKIE = { Cookie: "session=good" };

/** The headers by which caches go, and what they go by. */
function cachingOf({ headers }: { readonly headers: Headers }) {
  const names = ["etag", "age", "cache-control", "cdn-cache-control", "cache-status", "vary"];
  return Object.fromEntries(names.map((name) => [name, headers.get(name)]));
}

async function tagOf(visits: ReturnType<typeof sharedVisits>): Promise<string> {
  return (await visits.visit(THING)).headers.get("etag") ?? "";
}

describe("a shared answer", () => {
  test("is loaded once and says how old it is, whoever asks", async () => {
    const { visit, state } = sharedVisits();
    const first = await visit(THING);
    state.now += 4_500;
    const second = await visit(THING);
    expect([first.headers.get("age"), second.headers.get("age"), state.reads.length]).toEqual(["0", "5", 1]);
    expect([second.status, second.text, second.headers.get("content-type")]).toEqual([
      200,
      '{"id":"a","version":1}',
      "application/json",
    ]);
    expect(second.headers.get("etag")).toBe(first.headers.get("etag"));
  });

  test("has the same tag in each isolate, and another for another content", async () => {
    const [one, other] = [sharedVisits(), sharedVisits()];
    const tag = await tagOf(one);
    expect(await tagOf(other)).toBe(tag);
    expect(tag).toMatch(/^"[0-9a-f]{36}"$/);
    const later = sharedVisits();
    later.state.version = 2;
    expect(await tagOf(later)).not.toBe(tag);
  });

  test("is not sent to who holds it: 304 with the headers that a 200 would have", async () => {
    const visits = sharedVisits();
    const tag = await tagOf(visits);
    for (const held of [tag, `W/${tag}`, `"x", W/"y", ${tag}`, "*", `"x",${tag}`]) {
      const whole = await visits.visit(THING);
      const reply = await visits.visit(THING, { headers: { "If-None-Match": held } });
      expect([reply.status, reply.text, reply.headers.has("content-type")], held).toEqual([304, "", false]);
      expect(cachingOf(reply), held).toEqual(cachingOf(whole));
    }
  });

  test("is sent whole to who holds another", async () => {
    const visits = sharedVisits();
    const tag = await tagOf(visits);
    for (const held of ['"x"', tag.replaceAll('"', ""), "", '"', `"${tag.slice(1, -2)}"`, tag.toUpperCase()]) {
      if (held === tag) continue;
      const reply = await visits.visit(THING, { headers: { "If-None-Match": held } });
      expect([reply.status, reply.text.length > 0], held).toEqual([200, true]);
    }
  });

  test("that is too old to be given is loaded before it is said to be unchanged", async () => {
    const visits = sharedVisits();
    const tag = await tagOf(visits);
    visits.state.now += 71_000;
    visits.state.version = 2;
    const reply = await visits.visit(THING, { headers: { "If-None-Match": tag } });
    expect([reply.status, visits.state.reads.length]).toEqual([200, 2]);
    expect(reply.headers.get("etag")).not.toBe(tag);
  });

  test("is answered to HEAD as to GET, without its body, and what HEAD loads is whole", async () => {
    const visits = sharedVisits();
    const head = await visits.visit(THING, { method: "HEAD" });
    const get = await visits.visit(THING);
    expect([head.status, head.text, get.text, visits.state.reads.length]).toEqual([
      200,
      "",
      '{"id":"a","version":1}',
      1,
    ]);
    expect(cachingOf(await visits.visit(THING, { method: "HEAD" }))).toEqual(cachingOf(get));
    const tag = get.headers.get("etag") ?? "";
    expect((await visits.visit(THING, { method: "HEAD", headers: { "If-None-Match": tag } })).status).toBe(304);
  });

  test.for([
    { Range: "bytes=0-3" },
    { Range: "bytes=0-3", "If-Range": '"x"' },
    { "If-Modified-Since": "Thu, 26 Nov 2099 00:00:00 GMT" },
    { "Cache-Control": "no-cache" },
    { "Cache-Control": "max-age=0" },
    { "Cache-Control": "only-if-cached" },
    { Pragma: "no-cache" },
  ])("is given whole, and from the copy, whatever a visitor asks caches for: %o", async (headers) => {
    const visits = sharedVisits();
    await visits.visit(THING);
    const reply = await visits.visit(THING, { headers });
    expect([reply.status, reply.text, visits.state.reads.length]).toEqual([200, '{"id":"a","version":1}', 1]);
  });

  test("says what a browser and a cache in front may do with it, by another implementation", async () => {
    const { visit, state } = sharedVisits();
    await visit(THING);
    state.now += 3_000;
    const { headers } = await visit(THING);
    const policyOf = (name: string, shared: boolean) =>
      new CachePolicy(
        { url: THING, method: "GET", headers: {} },
        { status: 200, headers: { "cache-control": headers.get(name) ?? "", age: headers.get("age") ?? "" } },
        { shared },
      );
    const browser = policyOf("cache-control", false);
    expect([browser.storable(), browser.maxAge()]).toEqual([true, 0]);
    const front = policyOf("cdn-cache-control", true);
    expect([front.storable(), front.maxAge() - Math.floor(front.age())]).toEqual([true, 7]);
    // Either of them switches a cache's stale answers off.
    for (const name of ["cache-control", "cdn-cache-control"]) {
      expect(headers.get(name)).not.toMatch(/s-maxage|must-revalidate|proxy-revalidate/);
    }
    expect(headers.get("cache-control")).toMatch(/stale-if-error=3600/);
    // No bump reaches what lies in front of us.
    expect(headers.get("cdn-cache-control")).toMatch(/^max-age=\d+, stale-if-error=0$/);
  });

  test("is no answer of a cache in front to who is owed more than anybody, by another implementation", async () => {
    const { visit } = sharedVisits();
    const { headers } = await visit(THING);
    const told = { "cache-control": headers.get("cdn-cache-control") ?? "", vary: headers.get("vary") ?? "" };
    const asked = (own: Record<string, string>) => ({ url: THING, method: "GET", headers: own });
    const front = new CachePolicy(asked({}), { status: 200, headers: told }, { shared: true });
    const mayGive = (own: Record<string, string>) => front.satisfiesWithoutRevalidation(asked(own));
    expect(mayGive({})).toBe(true);
    for (const name of ["cookie", "authorization", "breakwater-session"]) {
      expect(mayGive({ [name]: "x" }), name).toBe(false);
    }
  });

  test("that a write made old is not fresh for a cache in front", async () => {
    const { visit, state } = sharedVisits();
    await visit(THING);
    state.now += 2_000;
    // Somebody's write of everything that there is: the copy is given once more.
    state.known = { seq: 6, latest: () => 6 } as never;
    const { headers } = await visit(THING);
    expect([headers.get("age"), headers.get("cdn-cache-control")]).toEqual(["2", "max-age=2, stale-if-error=0"]);
    expect(headers.get("cache-status")).toBe("breakwater-memory;hit;ttl=0;detail=refreshing");
  });

  test("is given while the database fails, and says so", async () => {
    const { visit, state } = sharedVisits();
    await visit(THING);
    state.now += 71_000;
    state.database = "fails";
    const reply = await visit(THING);
    expect([reply.status, reply.headers.get("age")]).toEqual([200, "71"]);
    expect(reply.headers.get("cache-status")).toBe(
      "breakwater-kv;fwd=uri-miss, breakwater-colo;hit;ttl=-61;detail=stale-if-error, breakwater-memory;fwd=stale;detail=expired",
    );
    state.now += 3_600_000;
    const late = await visit(THING);
    expect([late.status, late.headers.get("retry-after"), late.headers.get("cache-control")]).toEqual([
      503,
      "1",
      "no-store",
    ]);
  });
});

describe("a load that fails past the stale window", () => {
  const late = async (database: "fails" | "has a bug" | "has nothing", ms = 71_000) => {
    const visits = sharedVisits();
    await visits.visit(THING);
    visits.state.now += ms;
    visits.state.database = database;
    return { visits, reply: await visits.visit(THING) };
  };

  test.for([
    ["for want of a database", "fails", 0],
    ["by a mistake of ours, which is reported", "has a bug", 1],
  ] as const)("%s gives the copy, marked, and a new load after a pause", async ([, database, mistakes]) => {
    const { visits, reply } = await late(database);
    expect([reply.status, reply.text, reply.reported.length]).toEqual([200, '{"id":"a","version":1}', mistakes]);
    expect(reply.headers.get("cache-status")).toContain("detail=stale-if-error");
    visits.state.now += 1_000;
    visits.state.database = "answers";
    visits.state.version = 2;
    expect((await visits.visit(THING)).text).toBe('{"id":"a","version":2}');
  });

  test.for([
    ["fails", 503],
    ["has a bug", 500],
  ] as const)("with a database that %s is told when no copy may be given any more: %i", async ([database, status]) => {
    expect((await late(database, 3_610_000)).reply.status).toBe(status);
  });

  test("because there is nothing any more is told as that, also to the next", async () => {
    const { visits, reply } = await late("has nothing");
    expect([reply.status, (await visits.visit(THING)).status, reply.reported.length]).toEqual([404, 404, 0]);
  });
});

describe("a refresh behind an answer", () => {
  test.for([
    ["that fails for want of a database", "fails", 0, 200],
    ["that fails by a mistake, which is reported", "has a bug", 1, 200],
    ["that finds nothing any more", "has nothing", 0, 404],
  ] as const)("%s: what the next is given", async ([, database, mistakes, status]) => {
    const { visit, state } = sharedVisits();
    await visit(THING);
    state.now += 11_000;
    state.database = database;
    const reply = await visit(THING);
    expect([reply.status, reply.reported.length]).toEqual([200, mistakes]);
    expect((await visit(THING)).status).toBe(status);
  });
});

describe("nothing that there is", () => {
  test("is remembered for its own short time, and no cache but ours may keep it", async () => {
    const { visit, state, kv, colo } = sharedVisits();
    state.database = "has nothing";
    const first = await visit(THING);
    state.now += 4_999;
    const second = await visit(THING);
    for (const reply of [first, second]) {
      expect([reply.status, problemOf(reply).slug, reply.headers.get("cache-control")]).toEqual([
        404,
        "not-found",
        "no-store",
      ]);
      expect([reply.headers.get("etag"), reply.headers.get("cdn-cache-control")]).toEqual([null, null]);
    }
    expect([second.headers.get("age"), second.headers.get("cache-status")]).toEqual([
      "5",
      "breakwater-memory;hit;ttl=0",
    ]);
    expect([state.reads.length, colo.held.size, kv.held.size]).toEqual([1, 1, 0]);
  });

  test("is asked for again after that, and is an answer as soon as it is there", async () => {
    const { visit, state } = sharedVisits();
    state.database = "has nothing";
    await visit(THING);
    state.database = "answers";
    state.now += 5_000;
    expect([(await visit(THING)).status, state.reads.length]).toEqual([200, 2]);
  });

  test("is no answer where the database fails: an old one is not said again", async () => {
    const { visit, state } = sharedVisits();
    state.database = "has nothing";
    await visit(THING);
    state.database = "fails";
    state.now += 5_000;
    expect((await visit(THING)).status).toBe(503);
  });

  test("is not said to be unchanged", async () => {
    const { visit, state } = sharedVisits();
    state.database = "has nothing";
    expect((await visit(THING, { headers: { "If-None-Match": "*" } })).status).toBe(404);
  });
});

describe("what is one visitor's", () => {
  test.for([
    ["a bearer token", { headers: SIGNED_IN }],
    ["a cookie", { headers: COOKIE }],
    ["a token that proves nothing", { headers: { Authorization: "Bearer bad" } }],
    ["a session", { services: { hasSession: true } }],
  ] as const)("brought %s: no cache may keep the answer, not even one in front of the Worker", async ([, asking]) => {
    for (const path of [THING, "/seen/a"]) {
      const { visit } = sharedVisits();
      await visit(path);
      const reply = await visit(path, asking);
      expect([reply.status, reply.headers.get("cache-control")], path).toEqual([200, "private, no-store"]);
      expect(reply.headers.get("cdn-cache-control"), path).toBeNull();
    }
  });

  test("is read anew, from the primary, for who is known and keeps no session, and leaves nothing behind", async () => {
    const { visit, state, memory, colo } = sharedVisits();
    await visit(THING);
    state.version = 2;
    const reply = await visit(THING, { headers: SIGNED_IN });
    expect([JSON.parse(reply.text).version, reply.headers.get("cache-status")]).toEqual([2, null]);
    expect(state.reads.at(-1)).toEqual({ freshness: "strict" });
    expect(JSON.parse((await visit(THING)).text).version).toBe(1);
    expect([memory.stats().entries, colo.held.size]).toEqual([1, 1]);
  });

  test("is never another's: one URL, two accounts and a stranger", async () => {
    const { visit } = sharedVisits();
    const who = async (headers: Record<string, string>) => JSON.parse((await visit("/seen/a", { headers })).text).who;
    const asked = [SIGNED_IN, {}, SIGNED_IN, { Authorization: "Bearer bad" }, COOKIE, {}];
    const told: string[] = [];
    for (const headers of asked) told.push(await who(headers));
    expect(told).toEqual(["ada", "anybody", "ada", "anybody", "ada", "anybody"]);
    expect((await visit("/seen/a")).headers.get("vary")).toBe("Cookie, Authorization, Breakwater-Session");
  });

  test("is his own where he keeps a session as well", async () => {
    const { visit } = sharedVisits();
    await visit("/seen/a");
    const reply = await visit("/seen/a", { headers: SIGNED_IN, services: { hasSession: true } });
    expect([JSON.parse(reply.text).who, reply.headers.get("cache-status")]).toEqual(["ada", null]);
  });

  test("lies in no tier, and is not said to be unchanged", async () => {
    const { visit, memory, colo, kv } = sharedVisits();
    const reply = await visit("/me", { headers: { ...SIGNED_IN, "If-None-Match": "*" } });
    expect([reply.status, reply.headers.get("etag"), reply.headers.get("cache-control")]).toEqual([
      200,
      null,
      "private, no-store",
    ]);
    expect([memory.stats().entries, colo.held.size, kv.held.size]).toEqual([0, 0, 0]);
  });

  test("who is owed a write is given a load of his own, not the copy that lacks it", async () => {
    const { visit, state } = sharedVisits();
    await visit(THING);
    state.version = 2;
    state.owed = [OWED];
    const reply = await visit(THING, { services: { hasSession: true } });
    expect([JSON.parse(reply.text).version, reply.headers.get("cache-status")]).toEqual([
      2,
      "breakwater-kv;fwd=uri-miss, breakwater-colo;fwd=bypass;stored, breakwater-memory;fwd=bypass;stored",
    ]);
    expect(state.reads.at(-1)).toEqual({ freshness: "session", bumps: ["m"] });
  });
});

test("who is owed a write is told that what he is given may lack it, where nobody can be asked", async () => {
  for (const [database, status] of [
    ["answers", 200],
    ["has nothing", 404],
  ] as const) {
    const { visit, state } = sharedVisits();
    state.database = database;
    await visit(THING);
    state.mayRead = false;
    state.owed = [OWED];
    const reply = await visit(THING, { services: { hasSession: true } });
    expect([reply.status, reply.headers.get("breakwater-consistency")]).toEqual([status, "unproven"]);
    state.owed = [];
    expect((await visit(THING)).headers.has("breakwater-consistency")).toBe(false);
  }
});

describe("a path", () => {
  test.for([
    "/me/x.css",
    "/me%2Fx.css",
    "/me;x.css",
    "/me%00.css",
    "/me%3Fx.css",
    "/me%23x.css",
    "/me.css",
    "/Me",
    "//me",
    "/things/../me",
    "/things/..%2Fme",
    "/things/%2e%2e/me",
    "/things/..%5Cme",
    "/things/a%2Fb",
    "/things/",
    "/things",
    "/things/a/b",
    "/things/%",
    "/things/%C0%AE",
    "/things/a%00",
    "/things/a%20",
  ])("that plays tricks leaves nothing in any tier: %s", async (path) => {
    const { visit, memory, colo, kv } = sharedVisits();
    const reply = await visit(path, { headers: path.includes("/me") ? SIGNED_IN : {} });
    expect(reply.headers.get("cache-control")).toMatch(/no-store/);
    expect(reply.headers.get("cdn-cache-control")).toBeNull();
    expect([memory.stats().entries, colo.held.size, kv.held.size]).toEqual([0, 0, 0]);
  });

  test("that is written in another way is the same answer", async () => {
    const { visit, state, colo } = sharedVisits();
    for (const path of [
      THING,
      "/things/%61",
      "/things/a/",
      "/things/./a",
      "/x/../things/a",
      "/things/a?x",
      "/things/a#b",
    ]) {
      expect((await visit(path)).status, path).toBe(200);
    }
    expect([state.reads.length, colo.held.size]).toEqual([1, 1]);
  });
});

test("where it only observes, an answer is as if there were no cache, and nobody may keep it", async () => {
  const { visit, door, state } = sharedVisits();
  for (const status of [200, 404]) {
    state.database = status === 200 ? "answers" : "has nothing";
    const reply = await visit(status === 200 ? THING : "/things/none", {
      services: { shared: { ...door, acts: false } },
    });
    expect([reply.status, reply.headers.get("cache-control"), reply.headers.get("cache-status")]).toEqual([
      status,
      "no-store",
      null,
    ]);
  }
  await visit(THING, { services: { shared: { ...door, acts: false }, hasSession: true } });
  expect(state.reads.map((asked) => asked?.freshness)).toEqual(["any", "any", "session"]);
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { clientOf, PITCH, signUp } from "./support/client.ts";
import { startTestSystem, type TestSystem } from "./support/system.ts";
import { routeOf, Visitor } from "./support/visitor.ts";

const REPLICAS = ["node-2", "node-3"] as const;

let system: TestSystem;
let author: { id: string; token: string };
let visitor: Visitor;

beforeAll(async () => {
  system = await startTestSystem(200);
  author = await signUp(clientOf(system.worker.url));
});
afterAll(() => system.stop());
beforeEach(() => {
  visitor = new Visitor(system.worker.url);
});
afterEach(async () => {
  for (const node of REPLICAS) await system.cluster.lag(node, 0);
  system.proxy.faults.clear();
});

/** The visitor writes a pitch that everybody may see; its id. */
async function publish(title: string = PITCH.title): Promise<string> {
  const { token } = author;
  const { status, body } = await visitor.send("/api/pitches", { token, json: { ...PITCH, title } });
  expect(status).toBe(201);
  expect((await visitor.send(`/api/pitches/${body.id}/publish`, { token, method: "POST" })).status).toBe(200);
  return body.id;
}

/** As anybody, but with the session: nobody is looked up. */
const see = (id: string) => visitor.send(`/api/pitches/${id}`);

describe("a session", () => {
  it("begins with a write, by header and cookie; reads alone owe nobody anything", async () => {
    const browsed = await visitor.send("/api/pitches?limit=1");
    expect([browsed.headers.get("Breakwater-Session"), browsed.headers.get("Set-Cookie")]).toEqual([null, null]);
    const { headers } = await visitor.send("/api/pitches", { token: author.token, json: PITCH });
    const token = headers.get("Breakwater-Session") ?? "";
    expect(token.length).toBeLessThan(400);
    const [name, cookie] = /^(bw-[0-9a-f]{12})=(.*)$/.exec(headers.get("Set-Cookie") ?? "")?.slice(1) ?? [];
    expect([name, cookie]).toEqual([expect.any(String), `${token}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax`]);
    expect(headers.get("Cache-Control")).toBe("private, no-store");
  });

  it("of who is signed in stays on its node, though who that is is asked of the primary", async () => {
    const { token } = author;
    const id = await publish();
    const own = () => visitor.send(`/api/pitches/${id}`, { token });
    expect(await until(async () => routeOf(await own()).reason === "session", 5_000)).toBe(true);
    const routes = new Set<string>();
    for (let read = 0; read < 20; read++) {
      const { node, reason } = routeOf(await own());
      routes.add(`${node} ${reason}`);
    }
    expect([...routes]).toEqual([expect.stringMatching(/^node-[23] session$/)]);
  });

  it("sees its own writes with both replicas a minute behind, 100 of 100, from the primary", async () => {
    for (const node of REPLICAS) await system.cluster.lag(node, 60_000);
    for (let write = 0; write < 100; write++) {
      const got = await see(await publish());
      expect([got.status, routeOf(got)]).toEqual([200, { node: "node-1", reason: "spill" }]);
      expect(got.headers.get("Breakwater-Consistency")).toBeNull();
    }
  }, 60_000);

  it("sees them from the replica that has them when only one lags, and never from the other", async () => {
    await system.cluster.lag("node-2", 60_000);
    const first = await publish();
    const isBack = async () => routeOf(await see(first)).node === "node-3"; // the test before had it lag
    expect(await until(isBack, 5_000)).toBe(true);
    let ofPrimary = 0;
    for (let write = 0; write < 20; write++) {
      const id = await publish();
      for (let read = 0; read < 20; read++) {
        const got = await see(id);
        expect([got.status, routeOf(got).node]).not.toEqual([200, "node-2"]);
        expect(got.status).toBe(200);
        if (routeOf(got).node === "node-1") ofPrimary++;
      }
    }
    expect(ofPrimary).toBeLessThan(20); // 5 %
  }, 60_000);

  it("carries its promise to another isolate, and without it nobody is promised anything", async () => {
    for (const node of REPLICAS) await system.cluster.lag(node, 60_000);
    const id = await publish();
    const other = await system.another({});
    const elsewhere = new Visitor(other.url);
    expect((await elsewhere.send(`/api/pitches/${id}`)).status).toBe(404);
    elsewhere.token = visitor.token;
    expect((await elsewhere.send(`/api/pitches/${id}`)).status).toBe(200);
    const byCookie = await clientOf(other.url)(`/api/pitches/${id}`, { headers: { Cookie: `bw=${visitor.token}` } });
    expect(byCookie.status).toBe(200);
  });

  it("never goes back in time while nodes come and go and one of them lags", async () => {
    await system.cluster.lag("node-2", 2_000);
    const writer = new Visitor(system.worker.url);
    const id = await publish("Count 0");
    let isOver = false;
    const writes = (async () => {
      for (let count = 1; !isOver; count++) {
        const json = { title: `Count ${count}` };
        await writer.send(`/api/pitches/${id}`, { method: "PATCH", token: author.token, json });
      }
    })();
    let last = 0;
    const nodes = new Set<string>();
    let unproven = 0;
    for (let read = 0; read < 600; read++) {
      // Each replica in turn refuses a while, so that the session has to move.
      if (read % 20 === 0) {
        system.proxy.faults.clear();
        system.proxy.faults.set(REPLICAS[(read / 20) % 2] ?? "node-2", { status: 500, match: "pitches.by-id" });
      }
      const got = await see(id);
      expect(got.status).toBe(200);
      const count = Number(/Count (\d+)/.exec(got.body.title)?.[1]);
      const isUnproven = got.headers.get("Breakwater-Consistency") === "unproven";
      if (isUnproven) unproven++;
      else expect(count).toBeGreaterThanOrEqual(last);
      last = count;
      nodes.add(routeOf(got).node);
    }
    isOver = true;
    await writes;
    expect([nodes.has("node-3"), last > 20]).toEqual([true, true]);
    expect(unproven).toBeLessThan(6);
  }, 60_000);

  it("whose token was forged, cut short or made elsewhere has none; named in the header it is refused", async () => {
    await publish();
    const token = visitor.token ?? "";
    const other = await system.another({ SESSION_KEYS: "the-key-of-another-installation" });
    const foreign = new Visitor(other.url);
    await foreign.send("/api/pitches", { token: author.token, json: PITCH });
    const bad = [token.slice(0, -1), `${token}A`, token.replace(/^1/, "2"), "x".repeat(5_000), "", foreign.token ?? ""];
    const send = clientOf(system.worker.url);
    for (const each of bad) {
      const asked = await send("/api/pitches?limit=1", { headers: { "Breakwater-Session": each } });
      expect([asked.status, asked.body.type]).toEqual([400, "/problems/invalid-session-token"]);
      expect((await send("/api/pitches?limit=1", { headers: { Cookie: `bw=${each}` } })).status).toBe(200);
      expect((await send("/health", { headers: { "Breakwater-Session": each } })).status).toBe(200);
    }
  });

  it("of a client that keeps no token and is signed in is read for from the primary", async () => {
    const send = clientOf(system.worker.url);
    const { body } = await send("/api/pitches", { token: author.token, json: PITCH });
    const got = await send(`/api/pitches/${body.id}`, { token: author.token });
    expect([got.status, routeOf(got).reason]).toEqual([200, "strict"]);
  });
});

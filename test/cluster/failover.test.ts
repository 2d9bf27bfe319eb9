import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { clientOf, PITCH, signUp } from "./support/client.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";
import { routeOf, Visitor } from "./support/visitor.ts";

let system: TestSystem;
let author: { id: string; token: string };
let visitor: Visitor;

beforeAll(async () => {
  system = await startTestSystem(200);
});
afterAll(() => system.stop());
beforeEach(async () => {
  visitor = new Visitor(system.worker.url);
  author = await signUp(clientOf(system.worker.url));
  // Replicas hold the account before anything happens to them.
  expect(await until(async () => (await visitorSees("/api/pitches?limit=1")) === 200, 5_000)).toBe(true);
});
afterEach(async () => {
  for (const name of ["node-1", "node-2", "node-3"]) await system.cluster.start(name);
  expect(await until(async () => (await write().catch(() => 0)) === 201, 15_000)).toBe(true);
  await system.worker.scheduled("* * * * *");
});

const visitorSees = async (path: string) => (await visitor.send(path)).status;
const write = async () => (await visitor.send("/api/pitches", { token: author.token, json: PITCH })).status;

async function sql(node: string, text: string): Promise<Record<string, unknown>[]> {
  const { connectionString } = await system.cluster.resolve(node);
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const epochs = (node: string) =>
  sql(node, "SELECT epoch::int, parent::int, switch_xmin::text, timeline FROM breakwater.epochs ORDER BY epoch");

async function admin(path: string, body?: object) {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" };
  const init = body ? { method: "POST", body: JSON.stringify(body), headers } : { headers };
  const response = await fetch(`${system.worker.url}/admin${path}`, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe("when a standby is promoted", () => {
  it("writes resume by themselves, in an epoch that begins on it, and nobody's session breaks", async () => {
    expect(await write()).toBe(201);
    const { name: old } = await system.cluster.resolve("primary");
    const before = (await epochs("primary")).length;
    await system.cluster.kill(old);
    // Samples notice first: what was over on the standby is known before it is promoted.
    expect(await until(async () => (await write()) === 503, 5_000)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await system.cluster.promote("node-2");
    const promotedAt = performance.now();
    expect(await until(async () => (await write()) === 201, 10_000)).toBe(true);
    const gapMs = performance.now() - promotedAt;
    console.log(`writes resumed ${Math.round(gapMs)} ms after the promotion`);
    const rows = await epochs("node-2");
    expect(rows.length).toBe(before + 1);
    expect(rows.at(-1)).toMatchObject({ parent: rows.at(-2)?.epoch, switch_xmin: expect.stringMatching(/^\d+$/) });
    const got = await visitor.send("/api/pitches?limit=1");
    expect([got.status, got.headers.get("Breakwater-Consistency")]).toEqual([200, null]);
    expect(gapMs).toBeLessThan(5_000);
  }, 60_000);

  it("a write that it never had is told as lost, once, and to its session alone", async () => {
    const { name: old } = await system.cluster.resolve("primary");
    const heir = old === "node-3" ? "node-2" : "node-3";
    for (const node of ["node-1", "node-2", "node-3"]) if (node !== old) await system.cluster.detach(node);
    const { status, body } = await visitor.send("/api/pitches", { token: author.token, json: PITCH });
    expect(status).toBe(201);
    await system.cluster.kill(old);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await system.cluster.promote(heir);
    const other = new Visitor(system.worker.url);
    const asked = async () => {
      const got = await visitor.send(`/api/pitches/${body.id}`);
      return got.status === 503 ? undefined : got;
    };
    let told: Awaited<ReturnType<typeof asked>>;
    const isTold = async () => {
      told = await asked();
      return told !== undefined;
    };
    expect(await until(isTold, 15_000)).toBe(true);
    expect([told?.status, told?.headers.get("Breakwater-Consistency")]).toEqual([
      404,
      expect.stringContaining("lost=1"),
    ]);
    const again = await visitor.send(`/api/pitches/${body.id}`);
    expect([again.status, again.headers.get("Breakwater-Consistency")]).toEqual([404, null]);
    expect((await other.send("/api/pitches?limit=1")).headers.get("Breakwater-Consistency")).toBeNull();
  }, 60_000);
});

describe("two primaries", () => {
  it("of one epoch: the one that holds it is written to, the rival by nobody, and is named", async () => {
    const { name: holder } = await system.cluster.resolve("primary");
    const rival = holder === "node-3" ? "node-2" : "node-3";
    expect(await write()).toBe(201);
    await system.worker.scheduled("* * * * *");
    await system.cluster.promote(rival, { rival: true });
    for (let count = 0; count < 20; count++) {
      const got = await visitor.send("/api/pitches", { token: author.token, json: PITCH });
      expect([got.status, routeOf(got).node]).toEqual([201, holder]);
      const read = await visitor.send("/api/pitches?limit=1");
      expect(routeOf(read).node).not.toBe(rival);
    }
    const rolesOf = async () => {
      const { nodes } = (await admin("/replicas")).body as { nodes: { name: string; role: string }[] };
      return Object.fromEntries(nodes.map(({ name, role }) => [name, role]));
    };
    // Nothing is asked more than it must be in calm: a health check meets it within ten seconds.
    const isNamed = async () => {
      await visitorSees("/api/pitches?limit=1");
      return (await rolesOf())[rival] === "rival";
    };
    expect(await until(isNamed, 25_000)).toBe(true);
    expect((await rolesOf())[holder]).toBe("primary");
    // The holder is gone: his rival, which lacks what was written beside it, is no successor by itself.
    await system.cluster.kill(holder);
    expect(await until(async () => (await write()) === 503, 5_000)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await write()).toBe(503);
    const refused = await admin("/replicas/primary", { node: "node-1", reason: "a test" });
    expect(refused.status).toBe(409);
    const taken = await admin("/replicas/primary", { node: rival, reason: "the holder's disk is gone" });
    expect([taken.status, taken.body.primary]).toEqual([200, rival]);
    expect(await until(async () => (await write()) === 201, 10_000)).toBe(true);
    const got = await visitor.send("/api/pitches?limit=1");
    expect(got.headers.get("Breakwater-Consistency")).toBeNull(); // said with the first answer that could tell
  }, 90_000);
});

describe("a drained replica", () => {
  it("is read by nobody until it is resumed, and through a restart of the objects", async () => {
    const { name: primary } = await system.cluster.resolve("primary");
    const [out, other] = ["node-1", "node-2", "node-3"].filter((name) => name !== primary);
    expect((await admin(`/replicas/${out}/drain`, { reason: "a new disk" })).status).toBe(200);
    const isHeard = async () => {
      await fetch(`${system.worker.url}/metrics`, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
      const reads = await Promise.all(
        Array.from({ length: 10 }, () => clientOf(system.worker.url)("/api/pitches?limit=1")),
      );
      return reads.every((got) => routeOf(got).node === other);
    };
    expect(await until(isHeard, 15_000)).toBe(true);
    const { body } = await admin("/replicas");
    const nodes = body.nodes as { name: string; isOut: boolean; reasons: string[] }[];
    expect(nodes.find(({ name }) => name === out)).toMatchObject({
      isOut: true,
      reasons: ["out of rotation: drained"],
    });
    expect(body.orders).toContainEqual(expect.objectContaining({ kind: "drain", node: out, reason: "a new disk" }));
    expect((await admin(`/replicas/${primary}/drain`, {})).status).toBe(409);
    expect((await admin("/replicas/node-9/drain", {})).status).toBe(400);
    expect((await admin(`/replicas/${out}/resume`, {})).status).toBe(200);
    const isBack = async () => {
      const { nodes: now } = (await admin("/replicas")).body as { nodes: { name: string; isOut: boolean }[] };
      return now.every(({ isOut }) => !isOut);
    };
    expect(await until(isBack, 15_000)).toBe(true);
  }, 60_000);
});

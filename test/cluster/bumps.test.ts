import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sampleWithMarks } from "../../src/database/statements.ts";
import { uuidv7 } from "../../src/database/uuid.ts";
import { until } from "../../tools/cluster/processes.ts";
import { connect } from "../../tools/migrate/connect.ts";
import { clientOf, PITCH, signUp } from "./support/client.ts";
import { ADMIN_TOKEN, startTestSystem, type TestSystem } from "./support/system.ts";
import { Visitor } from "./support/visitor.ts";

let system: TestSystem;
let author: { id: string; token: string };
let visitor: Visitor;

beforeAll(async () => {
  system = await startTestSystem(200, { cache: "on" });
  author = await signUp(clientOf(system.worker.url));
  visitor = new Visitor(system.worker.url);
});
afterAll(() => system?.stop());
afterEach(() => system.cluster.lag("node-3", 0));

interface CacheAdmin {
  readonly liveBumps: number;
  readonly seq: number;
  readonly cover: readonly (readonly [node: string, generation: string])[];
  readonly databaseEpoch: string | null;
  readonly hot: HotAdmin;
}

interface HotAdmin {
  readonly top: readonly { readonly key: string; readonly heat: number; readonly copy: object | null }[];
  readonly runway: { readonly ms: number | null; readonly keys: number };
  readonly kv: { readonly writesToday: number };
}

/** What the object says of bumps, once visitors came by: it looks at nodes as digests come, and by itself while a bump is live. */
async function bumps(): Promise<CacheAdmin & { readonly covered: string }> {
  await visitor.send("/api/pitches?limit=1");
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  const said = (await (await fetch(`${system.worker.url}/admin/cache`, { headers })).json()) as CacheAdmin;
  return { ...said, covered: said.cover.map(([node]) => node).join(" ") };
}

const ALL = "node-1 node-2 node-3";
const isCalm = async () => {
  const { liveBumps, covered } = await bumps();
  return liveBumps === 0 && covered.split(" ").sort().join(" ") === ALL;
};
const write = () => visitor.send("/api/pitches", { token: author.token, json: PITCH });

describe("a write", () => {
  it("is known to all nodes within seconds, and its number stays", async () => {
    expect(await until(isCalm, 20_000)).toBe(true);
    const before = await bumps();
    expect((await write()).status).toBe(201);
    expect(await until(async () => (await bumps()).seq > before.seq, 5_000)).toBe(true);
    expect(await until(isCalm, 10_000)).toBe(true);
    expect((await bumps()).databaseEpoch).toBe("1");
  });

  it("stays live while a replica does not replay it, and is forgotten when that one does", async () => {
    expect(await until(isCalm, 20_000)).toBe(true);
    await system.cluster.lag("node-3", 60_000);
    const before = await bumps();
    expect((await write()).status).toBe(201);
    expect(await until(async () => (await bumps()).seq > before.seq, 5_000)).toBe(true);
    const endAt = Date.now() + 6_000;
    while (Date.now() < endAt) {
      const { liveBumps, covered } = await bumps();
      expect([liveBumps, covered.split(" ").sort().join(" ")]).toEqual([1, ALL]);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await system.cluster.lag("node-3", 0);
    expect(await until(isCalm, 15_000)).toBe(true);
  });
});

it("what visitors ask for is known as hot within the bulk's pace, and a warming run's copy gives it runway", async () => {
  const path = "/api/pitches?genre=drama";
  const hot = async (): Promise<HotAdmin> => {
    for (let times = 0; times < 5; times++) await visitor.send(path);
    return (await bumps()).hot;
  };
  const isHot = async () => (await hot()).top.some(({ key, heat }) => key.includes("genre=drama") && heat >= 3);
  expect(await until(isHot, 40_000)).toBe(true);
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" };
  const order = { method: "POST", headers, body: JSON.stringify({ paths: [path] }) };
  expect((await fetch(`${system.worker.url}/api/cache/warm`, order)).status).toBe(200);
  expect(await until(async () => ((await hot()).runway.ms ?? 0) > 60_000, 15_000)).toBe(true);
  const { top, kv } = await hot();
  expect([top.find(({ key }) => key.includes("genre=drama"))?.copy, kv.writesToday]).toEqual([
    expect.objectContaining({ usableForMs: expect.any(Number) }),
    expect.any(Number),
  ]);
}, 90_000);

it("the sample tells which marks a node holds, of any kind, and those alone that were looked for", async () => {
  const { connectionString } = await system.cluster.resolve("primary");
  const client = await connect(connectionString);
  try {
    const [written, claimed, absent, other] = Array.from({ length: 4 }, () => uuidv7(Date.now())) as [
      string,
      string,
      string,
      string,
    ];
    await client.query("SELECT breakwater.mark($1, $2, 1), breakwater.mark($3, $2, 1)", [written, ["a"], other]);
    await client.query("SELECT breakwater.claim($1, $2, 1)", [claimed, ["a"]]);
    const { text, values } = sampleWithMarks([written, claimed, absent]);
    const { rows } = await client.query({ text, values: [...values], rowMode: "array" });
    expect(rows[0]?.slice(0, 2)).toEqual([false, "1"]);
    expect(String(rows[0]?.at(-1)).split(",").sort()).toEqual([written, claimed].sort());
    const none = sampleWithMarks([absent]);
    expect((await client.query({ text: none.text, values: [...none.values], rowMode: "array" })).rows[0]?.at(-1)).toBe(
      "",
    );
  } finally {
    await client.end();
  }
});

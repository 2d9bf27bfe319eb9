import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type NeonProxy, startNeonProxy } from "../../tools/neon-proxy/startNeonProxy.ts";
import { until } from "./neon-proxy.bed.ts";
import { startTestCluster } from "./support/cluster.ts";

let running: Awaited<ReturnType<typeof startTestCluster>>;
let proxy: NeonProxy;
const ports = new Map<string, number>();
beforeAll(async () => {
  running = await startTestCluster();
  for (const { name, port } of await running.cluster.nodes()) ports.set(name, port);
  proxy = await startNeonProxy({
    resolve: (label) => {
      const port = ports.get(label);
      return port === undefined ? undefined : { host: "127.0.0.1", port };
    },
  });
});
afterEach(() => proxy.faults.clear());
afterAll(async () => {
  await proxy?.close();
  await running?.stop();
});

async function ask(
  node: string,
  body: unknown,
  headers: Record<string, string> = {},
  signal: AbortSignal | null = null,
) {
  const response = await fetch(`${proxy.url}/sql`, {
    method: "POST",
    headers: {
      "Neon-Connection-String": `postgres://breakwater:breakwater@${node}.breakwater.local/marketplace`,
      "Neon-Array-Mode": "true",
      ...headers,
    },
    body: JSON.stringify(body),
    signal,
  });
  return { status: response.status, json: await response.json() };
}
const inRecovery = async (node: string) => (await ask(node, { query: "SELECT pg_is_in_recovery()" })).json.rows[0][0];
const idle = (node: string) => proxy.stats()[node]?.upstream.idle ?? 0;

test("the first label of the host chooses the node", async () => {
  expect([await inRecovery("node-1"), await inRecovery("node-2"), await inRecovery("node-3")]).toEqual([
    false,
    true,
    true,
  ]);
});

test("a standby's session is reset and used again", async () => {
  const pid = async () => (await ask("node-2", { query: "SELECT pg_backend_pid()" })).json.rows[0][0];
  const first = await pid();
  await until("it is idle", async () => idle("node-2") > 0);
  await ask("node-2", { query: "SET work_mem = '7MB'" });
  await until("it is idle", async () => idle("node-2") > 0);
  expect((await ask("node-2", { query: "SHOW work_mem" })).json.rows).toEqual([["4MB"]]);
  await until("it is idle", async () => idle("node-2") > 0);
  expect(await pid()).toBe(first);
});

test("a write on a standby is 25006, alone and in a batch", async () => {
  const write = { query: "CREATE TABLE nowhere (n int)" };
  expect((await ask("node-2", write)).json.code).toBe("25006");
  expect((await ask("node-2", { queries: [write] })).json.code).toBe("25006");
});

test("a serializable batch on a standby is Postgres' 0A000", async () => {
  const level = { "Neon-Batch-Isolation-Level": "Serializable" };
  expect((await ask("node-2", { queries: [{ query: "SELECT 1" }] }, level)).json.code).toBe("0A000");
});

test("a fault touches its own node only", async () => {
  proxy.faults.set("node-2", { status: 503 });
  expect([
    (await ask("node-2", { query: "SELECT 1" })).status,
    (await ask("node-3", { query: "SELECT 1" })).status,
  ]).toEqual([503, 200]);
});

test("a frozen node hangs until the client leaves, costs the others nothing, and answers again when it goes on", async () => {
  await ask("node-2", { query: "SELECT 1" });
  await running.cluster.pause("node-2");
  const client = new AbortController();
  const answers = Array.from({ length: 30 }, () => {
    return ask("node-2", { query: "SELECT 1" }, {}, client.signal).then(
      () => "answered",
      () => "left",
    );
  });
  await until("all hang", async () => proxy.stats()["node-2"]?.inFlight === 30);
  expect((await ask("node-3", { query: "SELECT 1" })).status).toBe(200);
  client.abort();
  expect(new Set(await Promise.all(answers))).toEqual(new Set(["left"]));
  await until("nothing is held", async () => proxy.stats()["node-2"]?.upstream.connections === 0);
  await running.cluster.resume("node-2");
  expect((await ask("node-2", { query: "SELECT 1" })).status).toBe(200);
});

test("a killed node is a failed connect at once, and answers again once it is back", async () => {
  await ask("node-3", { query: "SELECT 1" });
  await running.cluster.kill("node-3");
  // Whatever was pooled may still say that the connection was lost.
  const refused = await until("its connections are forgotten", async () => {
    const answer = await ask("node-3", { query: "SELECT 1" });
    return answer.status === 500 && answer;
  });
  expect(refused.json.message).toBe("Couldn't connect to compute node");
  await running.cluster.start("node-3");
  expect((await ask("node-3", { query: "SELECT 1" })).json.rows).toEqual([[1]]);
});

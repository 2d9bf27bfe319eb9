import { execFile } from "node:child_process";
import { rename, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { clientOf, PITCH, signUp } from "./support/client.ts";
import { operatorOf } from "./support/operatorOf.ts";
import { sqlOn } from "./support/sqlOn.ts";
import { startTestSystem, type TestSystem } from "./support/system.ts";
import { routeOf, Visitor } from "./support/visitor.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem(200);
}, 120_000);
afterAll(() => system.stop());

it("a primary that comes back as it was before begins an epoch, and tells whose writes are gone", async () => {
  const { cluster, worker } = system;
  const author = await signUp(clientOf(worker.url));
  const visitor = new Visitor(worker.url);
  const write = () => visitor.send("/api/pitches", { token: author.token, json: PITCH });
  const isWritten = async () => (await write()).status === 201;
  const epochs = async () => {
    const { body } = await operatorOf(worker.url)("/replicas");
    return (body as { epochs: { epoch: string; node: string; by: string }[] }).epochs;
  };
  expect(await until(isWritten, 5_000)).toBe(true);

  // A branch that is reset, or a backup that is restored: the same name, a log that ends sooner.
  const { dataDir } = await cluster.resolve("node-1");
  await cluster.stop("node-1");
  await promisify(execFile)("cp", ["-a", dataDir, `${dataDir}-before`]);
  await cluster.start("node-1");
  expect(await until(isWritten, 20_000)).toBe(true);
  const lost = await write();
  expect(lost.status).toBe(201);
  // Only what the coordinator saw can be missed: it looks each ten seconds while all is well.
  const [{ position = "" } = {}] = await sqlOn(
    cluster,
    "node-1",
    "SELECT (pg_current_wal_flush_lsn() - '0/0')::text AS position",
  );
  const isSeen = async () => {
    await write();
    const { body } = await operatorOf(worker.url)("/replicas");
    const { nodes } = body as { nodes: { name: string; position: string | null }[] };
    return BigInt(nodes.find(({ name }) => name === "node-1")?.position ?? 0) >= BigInt(String(position));
  };
  expect(await until(isSeen, 30_000)).toBe(true);
  const before = await epochs();
  await cluster.stop("node-1");
  await rm(dataDir, { recursive: true });
  await rename(`${dataDir}-before`, dataDir);
  await cluster.start("node-1");

  const hasBegun = async () => (await epochs()).length > before.length;
  expect(await until(hasBegun, 15_000)).toBe(true);
  expect((await epochs()).at(-1)).toMatchObject({ node: "node-1", by: "went-back" });
  // The replicas hold the write, and answer until this isolate hears that they follow another line: by a write at once.
  const other = async () => clientOf(worker.url)("/api/pitches", { token: author.token, json: PITCH });
  expect(await until(async () => (await other()).status === 201, 15_000)).toBe(true);
  const isTold = async () => {
    const { headers } = await visitor.send(`/api/pitches/${lost.body.id}`);
    return headers.get("Breakwater-Consistency")?.includes("lost=1") ?? false;
  };
  expect(await until(isTold, 15_000)).toBe(true);
  expect(await until(isWritten, 15_000)).toBe(true);
  // Who is ahead of it follows another line, and is read by nobody.
  for (let count = 0; count < 20; count++)
    expect(routeOf(await visitor.send("/api/pitches?limit=1")).node).toBe("node-1");
}, 120_000);

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

interface Shown {
  /** How long ago the coordinator looked itself. */
  readonly sampleAgeMs: number | null;
  readonly epochs: readonly { readonly epoch: string; readonly node: string; readonly by: string }[];
  readonly nodes: readonly { readonly name: string; readonly position: string | null }[];
}

let system: TestSystem;
let author: { id: string; token: string };
beforeAll(async () => {
  system = await startTestSystem(200);
  author = await signUp(clientOf(system.worker.url));
}, 120_000);
afterAll(() => system.stop());

const shown = async () => (await operatorOf(system.worker.url)("/replicas")).body as unknown as Shown;
const writeBy = (by: Pick<Visitor, "send">) => by.send("/api/pitches", { token: author.token, json: PITCH });
const somebody = { send: (...args: Parameters<Visitor["send"]>) => clientOf(system.worker.url)(...args) };
const isWritten = async () => (await writeBy(somebody)).status === 201;

/** Only what the coordinator saw can be missed: it looks each ten seconds while all is well, and now once more. */
async function isSeenByTheCoordinator(): Promise<boolean> {
  if (!(await until(isWritten, 20_000))) return false;
  const where = "SELECT (pg_current_wal_insert_lsn() - '0/0')::text AS position";
  const [{ position } = {}] = await sqlOn(system.cluster, "node-1", where);
  const isThere = async () => {
    await isWritten(); // so that the log is flushed that far, and a digest is sent
    const { nodes } = await shown();
    return BigInt(nodes.find(({ name }) => name === "node-1")?.position ?? 0) >= BigInt(String(position));
  };
  if (!(await until(isThere, 30_000))) return false;
  // A digest may have told that; which process it was is known from the coordinator's own looks.
  const since = Date.now();
  return until(async () => {
    await isWritten();
    const { sampleAgeMs } = await shown();
    return sampleAgeMs !== null && Date.now() - sampleAgeMs > since;
  }, 30_000);
}

it("a primary that comes back as it was before begins an epoch, and tells whose writes are gone", async () => {
  const { cluster, worker } = system;
  expect(await until(isWritten, 5_000)).toBe(true);
  // A branch that is reset, or a backup that is restored: the same name, a log that ends sooner.
  const { dataDir } = await cluster.resolve("node-1");
  await cluster.stop("node-1");
  await promisify(execFile)("cp", ["-a", dataDir, `${dataDir}-before`]);
  await cluster.start("node-1");
  expect(await until(isWritten, 20_000)).toBe(true);
  const visitor = new Visitor(worker.url);
  const lost = await writeBy(visitor);
  expect(lost.status).toBe(201);
  // Nobody was told how far the log goes with it: what knows is a standby.
  const isReplayed = async () =>
    (await sqlOn(cluster, "node-2", `SELECT 1 FROM pitches WHERE id = '${lost.body.id}'`)).length === 1;
  expect(await until(isReplayed, 5_000)).toBe(true);
  const before = (await shown()).epochs.length;
  await cluster.stop("node-1");
  await rm(dataDir, { recursive: true });
  await rename(`${dataDir}-before`, dataDir);
  await cluster.start("node-1");

  const isFound = async () => {
    await somebody.send("/api/pitches?limit=1"); // where nobody asks for anything nobody looks
    return (await shown()).epochs.length > before;
  };
  expect(await until(isFound, 40_000)).toBe(true);
  expect((await shown()).epochs.at(-1)).toMatchObject({ node: "node-1", by: "went-back" });
  // The replicas hold the write, and answer until this isolate hears that they follow another line: by a write at once.
  expect(await until(isWritten, 15_000)).toBe(true);
  const isTold = async () => {
    const { headers } = await visitor.send(`/api/pitches/${lost.body.id}`);
    return headers.get("Breakwater-Consistency")?.includes("lost=1") ?? false;
  };
  expect(await until(isTold, 15_000)).toBe(true);
  expect((await writeBy(visitor)).status).toBe(201);
  // Who is ahead of it follows another line, and is read by nobody.
  for (let count = 0; count < 20; count++) {
    expect(routeOf(await visitor.send("/api/pitches?limit=1")).node).toBe("node-1");
  }
}, 120_000);

it("one that answers before it has written begins an epoch with each restart, any other does not", async () => {
  const { cluster } = system;
  const countOfEpochs = async () => (await shown()).epochs.length;
  const restarted = async () => {
    expect(await isSeenByTheCoordinator()).toBe(true);
    const before = await countOfEpochs();
    await cluster.stop("node-1");
    await cluster.start("node-1");
    return before;
  };
  const before = await restarted();
  // The first look judges, and what it decides is told before the second.
  expect([await isSeenByTheCoordinator(), await isSeenByTheCoordinator()]).toEqual([true, true]);
  expect(await countOfEpochs()).toBe(before);

  await sqlOn(cluster, "node-1", "ALTER SYSTEM SET synchronous_commit = off");
  await sqlOn(cluster, "node-1", "SELECT pg_reload_conf()");
  const isReloaded = async () =>
    (await sqlOn(cluster, "node-1", "SHOW synchronous_commit"))[0]?.synchronous_commit === "off";
  expect(await until(isReloaded, 5_000)).toBe(true);
  const whileLoose = await restarted();
  expect(await until(async () => (await countOfEpochs()) > whileLoose, 30_000)).toBe(true);
}, 180_000);

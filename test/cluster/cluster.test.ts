import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cluster } from "../../tools/cluster/cluster.ts";
import { createCluster } from "../../tools/cluster/createCluster.ts";
import { runningPid } from "../../tools/cluster/postgresServer.ts";
import { isAlive, until } from "../../tools/cluster/processes.ts";
import { acquireRun } from "../../tools/cluster/runLock.ts";
import { readState } from "../../tools/cluster/state.ts";
import { startTestCluster } from "./support/cluster.ts";

describe("the local cluster", () => {
  let bed: Awaited<ReturnType<typeof startTestCluster>>;
  let cluster: Cluster;

  beforeAll(async () => {
    bed = await startTestCluster();
    cluster = bed.cluster;
    await sql("primary", "CREATE TABLE seen (n int)");
  });
  afterAll(() => bed.stop());

  async function sql(nameOrRole: string, text: string): Promise<Record<string, unknown>[]> {
    const { connectionString } = await cluster.resolve(nameOrRole);
    const client = new Client({ connectionString, connectionTimeoutMillis: 1_000, query_timeout: 1_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      return (await client.query(text)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }

  const holds = (node: string, n: number) => async () => {
    const rows = await sql(node, `SELECT 1 FROM seen WHERE n = ${n}`).catch(() => []);
    return rows.length === 1;
  };

  it("streams what the primary commits to both standbys", async () => {
    await sql("primary", "INSERT INTO seen VALUES (1)");
    expect(await until(holds("node-2", 1), 5_000)).toBe(true);
    expect(await until(holds("node-3", 1), 5_000)).toBe(true);
    await expect(sql("node-2", "INSERT INTO seen VALUES (2)")).rejects.toMatchObject({ code: "25006" });
  });

  it("kills a node with all its processes and starts it again with everything that was committed", async () => {
    const { pid } = await cluster.resolve("node-1");
    await cluster.kill("primary");
    expect(pid !== null && isAlive(pid)).toBe(false);
    await expect(sql("node-1", "SELECT 1")).rejects.toThrow();
    await cluster.start("node-1");
    expect(await holds("node-1", 1)()).toBe(true);
  });

  it("freezes a node, which then accepts connections and never answers, and lets it go on", async () => {
    await cluster.pause("node-2");
    await expect(sql("node-2", "SELECT 1")).rejects.toThrow();
    expect((await cluster.status()).find(({ name }) => name === "node-2")?.state).toBe("paused");
    await cluster.resume("node-2");
    expect(await until(holds("node-2", 1), 5_000)).toBe(true);
  });

  it("delays a standby's replay, and ends the delay", async () => {
    await cluster.lag("node-2", 60_000);
    await sql("primary", "INSERT INTO seen VALUES (3)");
    expect(await until(holds("node-3", 3), 5_000)).toBe(true);
    expect(await holds("node-2", 3)()).toBe(false);
    await cluster.lag("node-2", 0);
    expect(await until(holds("node-2", 3), 5_000)).toBe(true);
  });

  it("promotes a standby, re-points the other, and brings the old primary back as a standby", async () => {
    await cluster.promote("node-3");
    await sql("node-3", "INSERT INTO seen VALUES (4)");
    expect(await until(holds("node-2", 4), 5_000)).toBe(true);
    expect((await cluster.resolve("node-1")).pid).toBeNull();
    await cluster.start("node-1");
    expect(await until(holds("node-1", 4), 5_000)).toBe(true);
    const roles = (await readState(bed.root))?.nodes.map(({ name, role }) => `${name} ${role}`);
    expect(roles).toEqual(["node-1 replica", "node-2 replica", "node-3 primary"]);
  });

  it("promotes after the primary was killed, too", async () => {
    await cluster.kill("primary");
    await cluster.promote("node-1");
    await sql("primary", "INSERT INTO seen VALUES (5)");
    await cluster.start("node-3");
    expect(await until(holds("node-3", 5), 5_000)).toBe(true);
  });

  it("takes a standby that is down for the replica that is to be started", async () => {
    await cluster.kill("node-3");
    expect((await cluster.resolve("replica")).name).toBe("node-2");
    expect((await cluster.start("replica")).name).toBe("node-3");
  });

  it("refuses what makes no sense with a sentence", async () => {
    await expect(cluster.promote("primary")).rejects.toThrow(/is the primary already/);
    await expect(cluster.lag("primary", 1_000)).rejects.toThrow(/only a standby can lag/);
    await expect(cluster.kill("node-9")).rejects.toThrow(/There is no node "node-9"/);
  });

  it("takes up what a crashed run left behind, with its data", async () => {
    const left = await Promise.all((await cluster.nodes()).map((node) => runningPid(node)));
    const again = await createCluster({ root: bed.root });
    cluster = again;
    expect(left.every((pid) => pid !== undefined && !isAlive(pid))).toBe(true);
    expect(await holds("primary", 5)()).toBe(true);
  });

  it("leaves no process behind", async () => {
    const pids = await Promise.all((await cluster.nodes()).map((node) => runningPid(node)));
    await cluster.shutdown();
    expect(pids.every((pid) => pid !== undefined && !isAlive(pid))).toBe(true);
  });

  it("names the directory of another PostgreSQL version instead of touching it", async () => {
    const { dataDir } = await cluster.resolve("node-2");
    await writeFile(join(dataDir, "PG_VERSION"), "17\n");
    await expect(createCluster({ root: bed.root })).rejects.toThrow(`${dataDir} was made by PostgreSQL 17`);
    await writeFile(join(dataDir, "PG_VERSION"), "18\n");
  });
});

describe("the run lock", () => {
  it("refuses a second run with a sentence and is free again after the first", async () => {
    const root = await mkdtemp(join(tmpdir(), "breakwater-"));
    const release = await acquireRun(root);
    await expect(acquireRun(root)).rejects.toThrow(/already running here \(process \d+\)/);
    await release();
    await (await acquireRun(root))();
    await rm(root, { recursive: true });
  });

  it("is not held by a run that died, even when its pid belongs to another process now", async () => {
    const root = await mkdtemp(join(tmpdir(), "breakwater-"));
    await writeFile(join(root, "run.json"), JSON.stringify({ pid: process.pid, identity: "of another life" }));
    await (await acquireRun(root))();
    await rm(root, { recursive: true });
  });
});

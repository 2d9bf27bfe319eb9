import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import type { Lab } from "../../bench/lab.ts";
import { createCluster } from "../cluster/createCluster.ts";
import { until } from "../cluster/processes.ts";
import { migrate } from "../migrate/migrate.ts";
import { seededRandom } from "../neon-proxy/faults/seededRandom.ts";
import { startWriters } from "./blockedWrites.ts";
import { CHAOS_ENTRIES, expectedBodies, makeTables, opened, reset } from "./indexBed.ts";
import { deployHere, deployProcess } from "./indexDeploys.ts";
import { INDEX_FAULTS, type IndexFault } from "./indexFaults.ts";
import { judge } from "./indexJudge.ts";
import { startTcpRelay } from "./tcpRelay.ts";

export interface IndexChaosOptions {
  readonly runs: number;
  readonly seed: number;
}

const STARTS_WITHIN_MS = 10_000;
const DEPLOYING = "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'breakwater indexes%'";

/** How much of an undisturbed deploy's time faults strike in: what holds a lock is to be met by its last steps too. */
const STRIKE_SHARE = 0.95;

/** How long the application writes with no deploy beside it: what the machine alone makes slow. */
const CONTROL_MS = 5_000;

/** A server whose backend was killed recovers within this. */
const RECOVERS_WITHIN_MS = 30_000;

/**
 * Deploys again and again to a database that an application writes to, with a fault at a random moment each time; after
 * each one more deploy must end right. `failed` is 0 when all is as promised.
 */
export async function indexChaos(lab: Lab, { runs, seed }: IndexChaosOptions) {
  const say = (step: string) => console.error(`  ${step}`);
  const { url, logFile } = await startOwnDatabase(lab, say);
  const catalogue = join(lab.root, "catalogue.json");
  await writeFile(catalogue, JSON.stringify(CHAOS_ENTRIES));
  let client = await opened(url);
  await makeTables(client);
  const bodies = await expectedBodies(client);
  const relay = await lab.start(
    () => startTcpRelay(Number(new URL(url).port)),
    async (started) => started.close(),
  );
  const target = { url, relayedUrl: url.replace(/:\d+\//, `:${relay.port}/`), cut: relay.cut, catalogue };
  const writers = await startWriters(url, logFile);
  await sleep(CONTROL_MS);
  const inPeace = writers.written();
  const random = seededRandom(seed);
  const usualMs = await usualTime(client, url);
  say(`undisturbed, a deploy takes ${usualMs} ms`);
  let [wrongDone, invalidLeft, notDone, unexplained] = [0, 0, 0, 0];
  const ends: Record<string, number> = {};
  for (let run = 1; run <= runs; run++) {
    await reset(client);
    const fault = INDEX_FAULTS[Math.floor(random() * INDEX_FAULTS.length)] as IndexFault;
    writers.mayLoseConnections(fault.losesAll);
    const { end, hasMet } = await struck({ ...target, fault, random, usualMs, client });
    if (fault.losesAll) client = await recovered(url, client);
    const kind = `${fault.name}: ${hasMet ? end : `missed, ${end}`}`;
    ends[kind] = (ends[kind] ?? 0) + 1;
    if (end.startsWith("an error")) unexplained++;
    if (end === "complete" && (await complaints(`run ${run}, ${fault.name}`)) > 0) wrongDone++;
    await client.query("DELETE FROM people WHERE id > 1000000");
    const again = await deployHere(url);
    if (again !== "complete") {
      notDone++;
      say(`run ${run}, ${fault.name}: the next deploy ended with ${again}`);
    } else if ((await complaints(`run ${run}, ${fault.name}, the next deploy`)) > 0) wrongDone++;
    if (run % 10 === 0) {
      say(`${run} runs, ${wrongDone} wrong, ${notDone} not done, longest wait ${Math.round(writers.longestMs())} ms`);
    }
  }
  await writers.stop();
  await client.end();
  for (const [end, count] of Object.entries(ends).sort()) say(`${end}: ${count}`);
  const errors = writers.errors();
  if (errors.length > 0) say(`${errors.length} writes failed, the first: ${errors[0]}`);
  const { byUs, byAnybody } = await writers.tooLong();
  const all = writers.written();
  return {
    runs,
    seed,
    wrongDone,
    invalidLeft,
    notDone,
    unexplained,
    blockedWritesOver50ms: byUs,
    longestBlockedMs: Math.round(writers.longestMs()),
    lockWaitsOver50msByAnybody: byAnybody,
    writes: all.writes,
    failedWrites: errors.length,
    // For whatever reason: what the machine does to writes by itself, and beside deploys and faults.
    writesOver50ms: {
      inPeace: [inPeace.slow, inPeace.writes],
      meanwhile: [all.slow - inPeace.slow, all.writes - inPeace.writes],
    },
    failed: wrongDone + invalidLeft + notDone + unexplained + byUs + errors.length,
  };

  async function complaints(when: string): Promise<number> {
    const { invalid, wrong } = await judge(client, bodies);
    invalidLeft += invalid.length;
    for (const each of [...invalid.map((name) => `${name} is invalid`), ...wrong]) say(`${when}: ${each}`);
    return wrong.length;
  }
}

/** A new connection once the server lets anybody in again. */
async function recovered(url: string, old: Client): Promise<Client> {
  await old.end().catch(() => {});
  let client: Client | undefined;
  await until(async () => {
    client = await opened(url).catch(() => undefined);
    return client !== undefined;
  }, RECOVERS_WITHIN_MS);
  if (!client) throw new Error("the server did not come back");
  return client;
}

async function startOwnDatabase(lab: Lab, say: (step: string) => void): Promise<{ url: string; logFile: string }> {
  const cluster = await lab.start(
    () => createCluster({ root: lab.root, onProgress: say }),
    (started) => started.shutdown(),
  );
  const { connectionString, name } = await cluster.resolve("primary");
  const admin = await opened(connectionString);
  await admin.query("CREATE DATABASE chaos");
  await admin.end();
  const url = connectionString.replace(/[^/]+$/, "chaos");
  await migrate({ connectionString: url, sets: ["breakwater"] });
  return { url, logFile: join(lab.root, "logs", `${name}.log`) };
}

interface Struck {
  readonly url: string;
  /** The same database, over a relay whose connections can be cut. */
  readonly relayedUrl: string;
  readonly cut: () => void;
  readonly catalogue: string;
  readonly fault: IndexFault;
  readonly random: () => number;
  readonly usualMs: number;
  readonly client: Client;
}

/** How long a deploy takes where nothing is in its way, so that faults strike within: the quickest of three. */
async function usualTime(client: Client, url: string): Promise<number> {
  const times: number[] = [];
  while (times.length < 3) {
    await reset(client);
    const startedAt = performance.now();
    await deployHere(url);
    times.push(Math.round(performance.now() - startedAt));
  }
  return Math.min(...times);
}

/** One deploy with one fault; how the deploy said that it ended, once the fault is over as well. */
async function struck(work: Struck): Promise<{ end: string; hasMet: boolean }> {
  const { url, relayedUrl, cut, catalogue, fault, random, usualMs, client } = work;
  const controller = new AbortController();
  const process = fault.needsProcess ? deployProcess(url, catalogue) : undefined;
  const ending = process ? process.ended : deployHere(relayedUrl, controller.signal);
  // A process takes its time to start, in which there is nothing to break.
  if (process) await until(async () => (await client.query(DEPLOYING)).rowCount !== 0, STARTS_WITHIN_MS);
  await sleep(random() * STRIKE_SHARE * usualMs);
  const hasMet = await fault.strike({
    url,
    random,
    kill: () => process?.child.kill("SIGKILL"),
    interrupt: () => controller.abort(),
    cutConnections: cut,
    another: () => deployHere(url),
  });
  return { end: await ending, hasMet };
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import type { Lab } from "../../bench/lab.ts";
import { createCluster } from "../cluster/createCluster.ts";
import { until } from "../cluster/processes.ts";
import { deploy } from "../indexes/deploy/deploy.ts";
import { IndexError } from "../indexes/deploy/indexError.ts";
import { migrate } from "../migrate/migrate.ts";
import { seededRandom } from "../neon-proxy/faults/seededRandom.ts";
import { MOST_BLOCKED_MS, startWriters } from "./blockedWrites.ts";
import { CHAOS_ENTRIES, CHAOS_LIMITS, CHAOS_PHASE, expectedBodies, makeTables, opened, reset } from "./indexBed.ts";
import { INDEX_FAULTS, type IndexFault } from "./indexFaults.ts";
import { judge } from "./indexJudge.ts";

export interface IndexChaosOptions {
  readonly runs: number;
  readonly seed: number;
}

const STARTS_WITHIN_MS = 10_000;
const DEPLOYING = "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'breakwater indexes%'";

/** How much of an undisturbed deploy's time faults strike in: what holds a lock is to be met by its last steps too. */
const STRIKE_SHARE = 0.95;

/**
 * Deploys again and again to a database that an application writes to, with a fault at a random moment each time; after
 * each one more deploy must end right. `failed` is 0 when all is as promised.
 */
export async function indexChaos(lab: Lab, { runs, seed }: IndexChaosOptions) {
  const say = (step: string) => console.error(`  ${step}`);
  const url = await startOwnDatabase(lab, say);
  const catalogue = join(lab.root, "catalogue.json");
  await writeFile(catalogue, JSON.stringify(CHAOS_ENTRIES));
  const client = await opened(url);
  await makeTables(client);
  const bodies = await expectedBodies(client);
  const writers = await startWriters(url);
  const random = seededRandom(seed);
  const usualMs = await usualTime(client, url);
  say(`undisturbed, a deploy takes ${usualMs} ms`);
  let [wrongDone, invalidLeft, notDone] = [0, 0, 0];
  const ends: Record<string, number> = {};
  for (let run = 1; run <= runs; run++) {
    await reset(client);
    const fault = INDEX_FAULTS[Math.floor(random() * INDEX_FAULTS.length)] as IndexFault;
    const { end, hasMet } = await struck({ url, catalogue, fault, random, usualMs, client });
    const kind = `${fault.name}: ${hasMet ? end : `missed, ${end}`}`;
    ends[kind] = (ends[kind] ?? 0) + 1;
    if (end === "complete" && (await complaints(`run ${run}, ${fault.name}`)) > 0) wrongDone++;
    await client.query("DELETE FROM people WHERE id > 1000000");
    const again = await endOf(deployHere(url, new AbortController().signal));
    if (again !== "complete") {
      notDone++;
      say(`run ${run}, ${fault.name}: the next deploy ended with ${again}`);
    } else if ((await complaints(`run ${run}, ${fault.name}, the next deploy`)) > 0) wrongDone++;
    if (run % 10 === 0) say(`${run} runs, ${wrongDone} wrong, ${notDone} not done, longest wait ${longest()} ms`);
  }
  await writers.stop();
  await client.end();
  for (const [end, count] of Object.entries(ends).sort()) say(`${end}: ${count}`);
  const { writes, errors } = writers.written();
  say(`${writes} writes, ${errors.length} errors${errors.length > 0 ? ` (${errors[0]})` : ""}`);
  const blockedWritesOver50ms = writers.waits().filter((ms) => ms > MOST_BLOCKED_MS).length;
  const failed = wrongDone + invalidLeft + notDone + blockedWritesOver50ms + errors.length;
  return {
    runs,
    seed,
    wrongDone,
    invalidLeft,
    notDone,
    blockedWritesOver50ms,
    longestBlockedMs: longest(),
    writes,
    failed,
  };

  function longest(): number {
    return Math.round(writers.waits()[0] ?? 0);
  }

  async function complaints(when: string): Promise<number> {
    const { invalid, wrong } = await judge(client, bodies);
    invalidLeft += invalid.length;
    for (const each of [...invalid.map((name) => `${name} is invalid`), ...wrong]) say(`${when}: ${each}`);
    return wrong.length;
  }
}

async function startOwnDatabase(lab: Lab, say: (step: string) => void): Promise<string> {
  const cluster = await lab.start(
    () => createCluster({ root: lab.root, onProgress: say }),
    (started) => started.shutdown(),
  );
  const { connectionString } = await cluster.resolve("primary");
  const admin = await opened(connectionString);
  await admin.query("CREATE DATABASE chaos");
  await admin.end();
  const url = connectionString.replace(/[^/]+$/, "chaos");
  await migrate({ connectionString: url, sets: ["breakwater"] });
  return url;
}

interface Struck {
  readonly url: string;
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
    await endOf(deployHere(url, new AbortController().signal));
    times.push(Math.round(performance.now() - startedAt));
  }
  return Math.min(...times);
}

/** One deploy with one fault; how the deploy said that it ended, once the fault is over as well. */
async function struck({
  url,
  catalogue,
  fault,
  random,
  usualMs,
  client,
}: Struck): Promise<{ end: string; hasMet: boolean }> {
  const controller = new AbortController();
  const process = fault.needsProcess ? deployProcess(url, catalogue) : undefined;
  const ending = process ? process.ended : endOf(deployHere(url, controller.signal));
  // A process takes its time to start, in which there is nothing to break.
  if (process) await until(async () => (await client.query(DEPLOYING)).rowCount !== 0, STARTS_WITHIN_MS);
  await sleep(random() * STRIKE_SHARE * usualMs);
  const hasMet = await fault.strike({
    url,
    random,
    kill: () => process?.child.kill("SIGKILL"),
    interrupt: () => controller.abort(),
    another: () => endOf(deployHere(url, new AbortController().signal)),
  });
  return { end: await ending, hasMet };
}

function deployHere(connectionString: string, signal: AbortSignal) {
  return deploy({
    connectionString,
    entries: CHAOS_ENTRIES,
    phase: CHAOS_PHASE,
    limits: CHAOS_LIMITS,
    report: () => {},
    signal,
  });
}

async function endOf(deploying: ReturnType<typeof deploy>): Promise<string> {
  try {
    return (await deploying).isComplete ? "complete" : "incomplete";
  } catch (error) {
    if (error instanceof IndexError) return error.code;
    return `an error: ${(error as Error).message}`;
  }
}

function deployProcess(url: string, catalogue: string) {
  const args = ["tools/launch.mjs", "tools/cli.ts", "indexes", "deploy", "--phase", String(CHAOS_PHASE)];
  const child = spawn(process.execPath, [...args, "--database-url", url, "--catalogue", catalogue], {
    stdio: "ignore",
  });
  const ended = once(child, "close").then(([code, signal]) =>
    code === 0 ? "complete" : signal === null ? `exit code ${code}` : "killed",
  );
  return { child, ended };
}

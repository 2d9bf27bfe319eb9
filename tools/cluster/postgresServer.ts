import { spawn, spawnSync } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Client } from "pg";
import type { Binaries } from "./binaries.ts";
import { ClusterError } from "./clusterError.ts";
import { makeOwnedDirectory } from "./dataDirectory.ts";
import { childrenOf, isAlive, isPaused, signal, until } from "./processes.ts";

/** One `postgres` on one data directory. It outlives us: found again by its `postmaster.pid`. */
export interface Server {
  readonly name: string;
  readonly port: number;
  readonly dataDir: string;
  readonly logFile: string;
}

const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 10_000;

/** A new data directory, with the superuser `breakwater`. Loopback is trusted: SCRAM costs 5 ms of CPU a connection. */
export async function initialise(dataDir: string, binaries: Binaries): Promise<void> {
  await makeOwnedDirectory(dataDir, binaries);
  const words = [
    ...binaries.prefix,
    binaries.initdb,
    "--pgdata",
    dataDir,
    "--username=breakwater",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-sync",
    "--no-instructions",
  ];
  const [command = "", ...args] = words;
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8", cwd: dirname(dataDir) });
  if (status === 0) return;
  if (/No space left/.test(stderr)) {
    throw new ClusterError("no-space", `The disk is full at ${dataDir}: free about 1 GB, then start again.`);
  }
  throw new ClusterError("start-failed", `initdb failed: ${stderr.trim().split("\n").at(-1)}`);
}

/** Starts the server and waits until it accepts connections. Returns its pid. */
export async function startServer(server: Server, binaries: Binaries): Promise<number> {
  await mkdir(dirname(server.logFile), { recursive: true });
  const log = openSync(server.logFile, "a");
  const [command = "", ...args] = [...binaries.prefix, binaries.postgres, "-D", server.dataDir];
  // A session of its own: neither a terminal's Ctrl-C nor our death reaches it.
  const child = spawn(command, args, { detached: true, stdio: ["ignore", log, log], cwd: dirname(server.dataDir) });
  child.unref();
  const { pid } = child;
  if (pid === undefined) throw new ClusterError("start-failed", `${server.name} could not be started.`);
  let exited = false;
  child.on("exit", () => {
    exited = true;
  });
  const ready = await until(async () => exited || (await accepts(server)), READY_WITHIN_MS);
  if (exited) throw startFailed(server);
  if (!ready) {
    throw new ClusterError("start-failed", `${server.name} is still starting; see ${server.logFile}.`);
  }
  return pid;
}

/** The server's pid, if one runs on this directory. */
export async function runningPid({ dataDir }: Pick<Server, "dataDir">): Promise<number | undefined> {
  const text = await readFile(join(dataDir, "postmaster.pid"), "utf8").catch(() => "");
  const [line = "", directory = ""] = text.split("\n");
  const pid = Number(line);
  if (!(pid > 0) || directory !== dataDir || !isAlive(pid)) return undefined;
  return isPostgres(pid) ? pid : undefined;
}

/** Stops it: `fast` ends sessions and writes everything out, `immediate` does not. Harder and harder until it is gone. */
export async function stopServer(server: Server, mode: "fast" | "immediate" = "fast"): Promise<void> {
  const pid = await runningPid(server);
  if (pid === undefined) return;
  if (isPaused(pid)) resumeServer(pid);
  signal(pid, mode === "fast" ? "SIGINT" : "SIGQUIT");
  if (await until(() => !isAlive(pid), STOP_WITHIN_MS)) return;
  signal(pid, "SIGQUIT");
  if (await until(() => !isAlive(pid), STOP_WITHIN_MS / 2)) return;
  await killServer(pid);
}

/** SIGKILL to the postmaster and all its children, as if the machine had gone. */
export async function killServer(pid: number): Promise<void> {
  const all = [pid, ...childrenOf(pid)];
  for (const each of all) signal(each, "SIGKILL");
  if (!(await until(() => all.every((each) => !isAlive(each)), STOP_WITHIN_MS))) {
    throw new ClusterError("refused", `Process ${pid} does not die: it may wait for a disk.`);
  }
}

/** Freezes the postmaster, then its children; twice, for one that was just being born. */
export function pauseServer(pid: number): void {
  signal(pid, "SIGSTOP");
  for (let round = 0; round < 2; round++) for (const child of childrenOf(pid)) signal(child, "SIGSTOP");
}

export function resumeServer(pid: number): void {
  for (const child of childrenOf(pid)) signal(child, "SIGCONT");
  signal(pid, "SIGCONT");
}

/** Reads the configuration files again. */
export function reloadServer(pid: number): void {
  signal(pid, "SIGHUP");
}

/** Runs `work` with a connection to the server, for at most ten seconds a statement. */
export async function withClient<T>(port: number, database: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    host: "127.0.0.1",
    port,
    user: "breakwater",
    database,
    connectionTimeoutMillis: 2_000,
    query_timeout: 10_000,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Asks who answers: the port may belong to somebody else's server. */
async function accepts({ port, dataDir }: Server): Promise<boolean> {
  try {
    return await withClient(port, "postgres", async (client) => {
      const { rows } = await client.query("SELECT current_setting('data_directory') AS directory");
      return rows[0]?.directory === dataDir;
    });
  } catch {
    return false;
  }
}

function startFailed(server: Server): ClusterError {
  const last = lastLogLine(server);
  if (!/Address already in use|could not create any TCP/.test(last)) {
    return new ClusterError("start-failed", `${server.name} did not start: ${last}`);
  }
  return new ClusterError("port-taken", `Port ${server.port} of ${server.name} is taken: stop what listens there.`);
}

function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("postgres");
  } catch {
    return true; // no /proc on this platform: the directory in postmaster.pid has to do
  }
}

function lastLogLine({ logFile }: Server): string {
  const lines = readFileSync(logFile, "utf8").trim().split("\n");
  const telling = lines.findLast((line) => /FATAL|PANIC|ERROR|could not/.test(line));
  return (telling ?? lines.at(-1) ?? "its log is empty").replace(/^.*?(FATAL|PANIC|ERROR): {2}/, "");
}

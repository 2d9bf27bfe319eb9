import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import getPort, { portNumbers } from "get-port";
import { findBinaries } from "../../cluster/binaries.ts";
import { DATABASE } from "../../cluster/cluster.ts";
import { writeOwned } from "../../cluster/dataDirectory.ts";
import { initialise, startServer, stopServer, withClient } from "../../cluster/postgresServer.ts";

/** A Postgres of its own in a temporary folder, with one empty database; `stop` ends it and deletes the folder. */
export interface ScratchServer {
  readonly port: number;
  readonly connectionString: string;
  readonly stop: () => Promise<void>;
}

/** Above the clusters' own, below the range that outgoing connections are given. */
const PORTS = portNumbers(15_700, 15_999);

/**
 * One server, no standby. `autovacuum` off and one checkpoint an hour: nothing happens in it that was not asked for.
 * Costs and memory of the planner are Postgres' own, as in the cluster of `npm start`. As there, a crash of the machine
 * would lose data; the price of `full_page_writes` is measured on its own.
 */
const SETTINGS = [
  "listen_addresses = '127.0.0.1'",
  "unix_socket_directories = ''",
  "max_connections = 30",
  "shared_buffers = 1GB",
  "maintenance_work_mem = 256MB",
  "fsync = off",
  "full_page_writes = off",
  "wal_level = minimal",
  "max_wal_senders = 0",
  "max_wal_size = 8GB",
  "checkpoint_timeout = 1h",
  "autovacuum = off",
  "timezone = 'UTC'",
  "jit = off",
] as const;

/** As a shell tells it of Ctrl-C. */
const INTERRUPTED = 130;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface ScratchOptions {
  /** Ctrl-C stops it, deletes its folder and ends the process: where nobody else looks after that. Default: no. */
  readonly endsAtInterrupt?: boolean;
}

export async function startScratchServer({ endsAtInterrupt = false }: ScratchOptions = {}): Promise<ScratchServer> {
  const port = await getPort({ port: PORTS });
  const root = await mkdtemp(join(tmpdir(), "breakwater-proof-"));
  const server = { name: "proof", port, dataDir: join(root, "data"), logFile: join(root, "logs", "proof.log") };
  const interrupt = () => {
    process.on("uncaughtException", () => {}); // whatever runs fails now, its server gone: nobody has to hear of it
    void starting // a start under way would leave a folder behind
      .catch(() => {})
      .then(stop)
      .finally(() => process.exit(INTERRUPTED));
  };
  const stop = async () => {
    for (const signal of SIGNALS) process.off(signal, interrupt);
    await stopServer(server, "immediate"); // nothing in it is kept
    await rm(root, { recursive: true, force: true });
  };
  const starting = start(server, port);
  if (endsAtInterrupt) for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    await starting;
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, connectionString: `postgres://breakwater:breakwater@127.0.0.1:${port}/${DATABASE}`, stop };
}

async function start(server: Parameters<typeof startServer>[0], port: number): Promise<void> {
  const binaries = findBinaries();
  await initialise(server.dataDir, binaries);
  const main = join(server.dataDir, "postgresql.conf");
  const settings = [...SETTINGS, `port = ${port}`].join("\n");
  await writeOwned(main, `${await readFile(main, "utf8")}\n${settings}\n`, binaries);
  await startServer(server, binaries);
  await withClient(port, "postgres", (client) => client.query(`CREATE DATABASE ${DATABASE}`));
}

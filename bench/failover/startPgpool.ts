import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import getPort from "get-port";
import { until } from "../../tools/cluster/processes.ts";
import type { NodeState } from "../../tools/cluster/state.ts";
import { answersSql } from "../answersSql.ts";
import type { Address } from "./postgresLane.ts";

export interface Pgpool extends Address {
  close(): Promise<void>;
}

/** Undefined: it is not installed (`apt-get install pgpool2`). */
export function pgpoolVersion(): string | undefined {
  const { status, stderr } = spawnSync("pgpool", ["--version"], { encoding: "utf8" });
  return status === 0 ? stderr.trim() : undefined;
}

/** pgpool-II in front of the nodes: it splits reads from writes, checks health each second, and looks for the primary. */
export async function startPgpool(folder: string, nodes: readonly NodeState[]): Promise<Pgpool> {
  await mkdir(folder, { recursive: true });
  const port = await getPort();
  const file = join(folder, "pgpool.conf");
  await writeFile(file, configuration(folder, port, await getPort(), nodes));
  await writeFile(join(folder, "pool_hba.conf"), "host all all 127.0.0.1/32 trust\n");
  const log = openSync(join(folder, "pgpool.log"), "a");
  const words = ["-n", "-D", "-f", file, "-a", join(folder, "pool_hba.conf"), "-F", join(folder, "pcp.conf")];
  await writeFile(join(folder, "pcp.conf"), "");
  const child = spawn("pgpool", words, { stdio: ["ignore", log, log] });
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGINT"); // fast: clients are sent away
    const hard = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(hard);
  };
  if (await until(() => answersSql({ host: "127.0.0.1", port, user: "breakwater", database: "marketplace" }), 15_000))
    return { host: "127.0.0.1", port, close };
  await close();
  const lines = (await readFile(join(folder, "pgpool.log"), "utf8")).trim().split("\n");
  throw new Error(`pgpool does not answer: ${lines.slice(-3).join(" | ")}`);
}

function configuration(folder: string, port: number, pcpPort: number, nodes: readonly NodeState[]): string {
  const backends = nodes.flatMap((node, index) => [
    `backend_hostname${index} = '127.0.0.1'`,
    `backend_port${index} = ${node.port}`,
    `backend_weight${index} = 1`,
    `backend_data_directory${index} = '${node.dataDir}'`,
    `backend_flag${index} = 'ALLOW_TO_FAILOVER'`,
    `backend_application_name${index} = '${node.name}'`,
  ]);
  return [
    "backend_clustering_mode = 'streaming_replication'",
    "listen_addresses = '127.0.0.1'",
    `port = ${port}`,
    `pcp_port = ${pcpPort}`,
    `socket_dir = '${folder}'`,
    `pcp_socket_dir = '${folder}'`,
    `pid_file_name = '${join(folder, "pgpool.pid")}'`,
    `logdir = '${folder}'`,
    "num_init_children = 32",
    "load_balance_mode = on",
    "sr_check_period = 1",
    "sr_check_user = 'breakwater'",
    "sr_check_database = 'marketplace'",
    "health_check_period = 1",
    "health_check_timeout = 2",
    "health_check_user = 'breakwater'",
    "health_check_database = 'marketplace'",
    "failover_on_backend_error = on",
    "auto_failback = on",
    "auto_failback_interval = 5",
    ...backends,
    "",
  ].join("\n");
}

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import getPort from "get-port";
import { until } from "../../tools/cluster/processes.ts";
import type { NodeState } from "../../tools/cluster/state.ts";
import { answersSql } from "../answersSql.ts";

export interface Pgbouncer {
  /** The way to a node through it. */
  addressOf(node: string): string;
  close(): Promise<void>;
}

/** Undefined: it is not installed (`apt-get install pgbouncer`). */
export function pgbouncerVersion(): string | undefined {
  const { status, stdout } = spawnSync("pgbouncer", ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.split("\n")[0] : undefined;
}

/**
 * A pooler before the nodes, by transaction, as Hyperdrive is by its documentation: a client's connection is new each
 * time, and the servers' are kept.
 */
export async function startPgbouncer(folder: string, nodes: readonly NodeState[]): Promise<Pgbouncer> {
  await mkdir(folder, { recursive: true });
  const port = await getPort();
  const file = join(folder, "pgbouncer.ini");
  await writeFile(file, configuration(port, nodes));
  const log = openSync(join(folder, "pgbouncer.log"), "a");
  const asNobody = process.getuid?.() === 0 ? ["--user=nobody"] : []; // it refuses to be root
  const child = spawn("pgbouncer", [...asNobody, file], { stdio: ["ignore", log, log] });
  const addressOf = (node: string) => `postgres://breakwater:breakwater@127.0.0.1:${port}/${node}`;
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM"); // at once: nobody is waited for
    await ended;
  };
  const [first] = nodes;
  if (first && (await until(() => answersSql({ connectionString: addressOf(first.name) }), 10_000)))
    return { addressOf, close };
  await close();
  throw new Error(`pgbouncer does not answer; see ${folder}/pgbouncer.log`);
}

function configuration(port: number, nodes: readonly NodeState[]): string {
  const databases = nodes.map(
    (node) => `${node.name} = host=127.0.0.1 port=${node.port} dbname=marketplace user=breakwater`,
  );
  return [
    "[databases]",
    ...databases,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = any",
    "pool_mode = transaction",
    "max_client_conn = 200",
    "default_pool_size = 20",
    "",
  ].join("\n");
}

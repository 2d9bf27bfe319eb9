import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import getPort from "get-port";

/** One workerd, without anything in front of it. */
export interface Served {
  readonly port: number;
  /** CPU time it used so far, in milliseconds. */
  cpuMs(): Promise<number>;
  close(): Promise<void>;
}

const CLASSES = ["Collector", "CircuitBreaker", "ReplicaCoordinator", "CacheCoordinator"] as const;
const BINDING = {
  Collector: "COLLECTOR",
  CircuitBreaker: "CIRCUIT_BREAKER",
  ReplicaCoordinator: "REPLICA_COORDINATOR",
  CacheCoordinator: "CACHE_COORDINATOR",
} as const;

const START_MS = 10_000;

/**
 * `workerd serve` over a bundled module, its objects' storage on disk, its variables as given. `outbound`: the bundled
 * module that answers its `fetch`es; without one they reach no private address.
 */
export async function serve(
  folder: string,
  main: string,
  variables: Readonly<Record<string, string>>,
  outbound?: string,
): Promise<Served> {
  const port = await getPort();
  const storage = join(folder, "storage");
  await mkdir(storage, { recursive: true });
  const config = join(folder, "config.capnp");
  await copyFile(main, join(folder, "worker.js"));
  if (outbound !== undefined) await copyFile(outbound, join(folder, "outbound.js"));
  await writeFile(config, configText(storage, port, variables, outbound !== undefined));
  const child = spawn("workerd", ["serve", config, "--experimental"], { stdio: ["ignore", "inherit", "inherit"] });
  await reachable(port, child);
  return {
    port,
    cpuMs: () => cpuMsOf(child.pid ?? 0),
    close: async () => {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

function configText(
  storage: string,
  port: number,
  variables: Readonly<Record<string, string>>,
  hasOutbound: boolean,
): string {
  const services = [
    '(name = "main", worker = .worker)',
    `(name = "storage", disk = (path = "${storage}", writable = true))`,
    ...(hasOutbound ? ['(name = "outbound", worker = .outbound)'] : []),
  ];
  const texts = Object.entries(variables).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`);
  const objects = CLASSES.map((name) => `(name = "${BINDING[name]}", durableObjectNamespace = "${name}")`);
  const namespaces = CLASSES.map((name) => `(className = "${name}", uniqueKey = "${name}", enableSql = true)`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${services.join(", ")}],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-07-30",
  compatibilityFlags = ["nodejs_compat"],
  bindings = [${[...texts, ...objects].join(", ")}],
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (localDisk = "storage"),
${hasOutbound ? `  globalOutbound = "outbound",\n);\n${OUTBOUND}` : ");"}
`;
}

const OUTBOUND = `const outbound :Workerd.Worker = (
  modules = [(name = "outbound.js", esModule = embed "outbound.js")],
  compatibilityDate = "2026-07-30",
);`;

async function reachable(port: number, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`workerd ended with ${child.exitCode} before it served`);
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill("SIGKILL");
  throw new Error(`workerd did not listen within ${START_MS} ms`);
}

/** User and system time of the process (proc(5)); a tick is 10 ms on every Linux that Node supports. */
async function cpuMsOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

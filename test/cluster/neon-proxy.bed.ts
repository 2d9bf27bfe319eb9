import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import getPort from "get-port";
import pg from "pg";
import { findBinaries } from "../../tools/cluster/binaries.ts";
import { type NeonProxy, startNeonProxy } from "../../tools/neon-proxy/startNeonProxy.ts";

/** The endpoint before one Postgres that checks passwords (the cluster's own trusts everybody on loopback). */
export interface Bed {
  readonly proxy: NeonProxy;
  /** A direct connection, past the endpoint. */
  readonly direct: { query(text: string, values?: unknown[]): Promise<pg.QueryResult> };
  readonly connectionString: string;
  readonly postgresPid: number;
  /** The sleeping fault's clock, in milliseconds. */
  readonly clock: { now: number };
  /** Pids of the backends that serve clients, the direct one's too. Needs a direct answer: ask before freezing. */
  backends(): Promise<number[]>;
  /** Resolves once Postgres takes connections again after a crash of one of its processes. */
  restarted(): Promise<void>;
  stop(): Promise<void>;
}

export async function startBed(): Promise<Bed> {
  const home = mkdtempSync(join(tmpdir(), "neon-proxy-"));
  const data = join(home, "data");
  const passwordFile = join(home, "password");
  writeFileSync(passwordFile, "breakwater\n");
  const { initdb, postgres, prefix, owner } = findBinaries();
  if (owner) for (const path of [home, passwordFile]) chownSync(path, owner.uid, owner.gid);
  const command = (program: string, args: readonly string[]): [string, string[]] => {
    const [first = program, ...rest] = [...prefix, program, ...args];
    return [first, rest];
  };

  const login = ["-U", "breakwater", "-A", "password", "--pwfile", passwordFile];
  await promisify(execFile)(...command(initdb, ["-D", data, ...login, "-N", "-E", "UTF8"]));
  const port = await getPort({ host: "127.0.0.1" });
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=60"];
  const serverArgs = ["-D", data, "-p", `${port}`, ...settings.flatMap((setting) => ["-c", setting])];
  const server = spawn(...command(postgres, serverArgs), { stdio: "ignore" });
  let client = await connectWhenReady(port);
  const direct: Bed["direct"] = { query: (text, values = []) => client.query(text, values) };
  const clock = { now: 0 };
  const proxy = await startNeonProxy({
    resolve: (label) => {
      if (label === "node-1") return { host: "127.0.0.1", port };
      // Nothing listens on the reserved port 1.
      return label === "node-dead" ? { host: "127.0.0.1", port: 1 } : undefined;
    },
    now: () => clock.now,
  });
  return {
    proxy,
    direct,
    clock,
    connectionString: "postgres://breakwater:breakwater@node-1.breakwater.local/postgres",
    postgresPid: server.pid ?? 0,
    backends: async () => {
      const found = await direct.query("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'");
      return found.rows.map(({ pid }) => pid);
    },
    restarted: async () => {
      client = await connectWhenReady(port);
    },
    stop: async () => {
      await proxy.close();
      await client.end();
      const ended = once(server, "exit");
      server.kill("SIGINT");
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function connectWhenReady(port: number): Promise<pg.Client> {
  const login = { host: "127.0.0.1", port, user: "breakwater", password: "breakwater", database: "postgres" };
  return until("Postgres accepts connections", async () => {
    const client = new pg.Client(login);
    client.on("error", () => {});
    return client.connect().then(
      () => client,
      () => undefined,
    );
  });
}

/** Asks until there is an answer, for at most ten seconds. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited ten seconds in vain until ${what}`);
}

/** What a client sees of one raw request. */
export interface Raw {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape
  readonly json: any;
}

/** `POST /sql` by hand: `body` is sent as it is when it is text. Raw text and arrays only if the headers say so. */
export async function post(
  bed: Bed,
  body: unknown,
  headers: Record<string, string> = {},
  signal: AbortSignal | null = null,
): Promise<Raw> {
  const response = await fetch(`${bed.proxy.url}/sql`, {
    method: "POST",
    headers: { "Neon-Connection-String": bed.connectionString, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
    signal,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) };
}

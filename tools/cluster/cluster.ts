import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { ClusterError } from "./clusterError.ts";
import {
  configure,
  configuredLagMs,
  copyDataDirectory,
  inspectDataDirectory,
  isStandbyDirectory,
  makeStandby,
  markComplete,
} from "./dataDirectory.ts";
import { type NodeStatus, replayLagMs } from "./nodeStatus.ts";
import {
  initialise,
  killServer,
  pauseServer,
  reloadServer,
  resumeServer,
  runningPid,
  type Server,
  startServer,
  stopServer,
  withClient,
} from "./postgresServer.ts";
import { isPaused, until } from "./processes.ts";
import { rebuildStandby } from "./rebuildStandby.ts";
import { type NodeState, readState, updateState } from "./state.ts";

/** The database of the application. */
export const DATABASE = "marketplace";

/** How long a standby may take to stream from its primary before it is rebuilt from a copy. */
const FOLLOW_WITHIN_MS = 6_000;

/** Nobody listens there, on any machine. */
const NOBODYS_PORT = 1;

/** A primary and two streaming standbys on loopback. Every method waits until what it says is true. */
export class Cluster {
  readonly root: string;
  readonly #binaries: Binaries;

  constructor(root: string, binaries: Binaries) {
    this.root = root;
    this.#binaries = binaries;
  }

  async nodes(): Promise<readonly NodeState[]> {
    return (await readState(this.root))?.nodes ?? [];
  }

  /** The node of that name, or `primary`, or `replica`: the first standby that runs (else the first). */
  async resolve(nameOrRole: string): Promise<NodeState> {
    const nodes = await this.nodes();
    const named = nodes.find(
      ({ name, role }) => name === nameOrRole || (nameOrRole === "primary" && role === "primary"),
    );
    const replicas = nodes.filter(({ role }) => role === "replica");
    const node = nameOrRole === "replica" ? (replicas.find(({ pid }) => pid !== null) ?? replicas[0]) : named;
    if (node) return node;
    const known = nodes.map(({ name }) => name).join(", ");
    throw new ClusterError(
      "unknown-node",
      `There is no node "${nameOrRole}": name one of ${known}, primary or replica.`,
    );
  }

  /** Starts a node that is down. A standby that cannot follow the primary any more is rebuilt from it. */
  async start(nameOrRole: string): Promise<NodeState> {
    const node = nameOrRole === "replica" ? await this.#replicaToStart() : await this.resolve(nameOrRole);
    const pid = await runningPid(node);
    if (pid !== undefined) {
      if (isPaused(pid)) resumeServer(pid);
      if (node.role === "replica") await this.#attach(node, pid);
      return this.#setPid(node.name, pid);
    }
    const primary = await this.resolve("primary");
    if (node.role === "primary") return this.#startNode(node);
    if ((await runningPid(primary)) === undefined) {
      throw new ClusterError(
        "refused",
        `${node.name} follows ${primary.name}, which is down: start ${primary.name} first.`,
      );
    }
    if (!isStandbyDirectory(node.dataDir)) return this.#rebuild(node, primary);
    const started = await this.#startNode(node).catch(() => undefined);
    if (started && (await this.#follows(node, primary))) return started;
    return this.#rebuild(node, primary);
  }

  async stop(nameOrRole: string, mode: "fast" | "immediate" = "fast"): Promise<NodeState> {
    const node = await this.resolve(nameOrRole);
    await stopServer(this.#server(node), mode);
    return this.#setPid(node.name, null);
  }

  async kill(nameOrRole: string): Promise<NodeState> {
    const { node, pid } = await this.#running(nameOrRole);
    await killServer(pid);
    return this.#setPid(node.name, null);
  }

  async pause(nameOrRole: string): Promise<NodeState> {
    const { node, pid } = await this.#running(nameOrRole);
    pauseServer(pid);
    await until(() => isPaused(pid), 2_000);
    return node;
  }

  async resume(nameOrRole: string): Promise<NodeState> {
    const { node, pid } = await this.#running(nameOrRole);
    resumeServer(pid);
    await until(() => !isPaused(pid), 2_000);
    return node;
  }

  /** Holds a standby's replay back by that much; 0 ends it. */
  async lag(nameOrRole: string, lagMs: number): Promise<NodeState> {
    const { node, pid } = await this.#running(nameOrRole);
    if (node.role === "primary")
      throw new ClusterError("refused", `${node.name} is the primary: only a standby can lag.`);
    await this.#configure(node, await this.resolve("primary"), lagMs);
    reloadServer(pid);
    const applied = await until(() => this.#hasLag(node, lagMs), 5_000);
    if (!applied) throw new ClusterError("refused", `${node.name} did not take the new delay; see its log.`);
    return node;
  }

  /** Cuts a standby off from its primary: it goes on answering, and hears of nothing any more. `start` ends it. */
  async detach(nameOrRole: string): Promise<NodeState> {
    const { node, pid } = await this.#running(nameOrRole);
    if (node.role === "primary")
      throw new ClusterError("refused", `${node.name} is the primary: only a standby can be cut off.`);
    const primary = await this.resolve("primary");
    await this.#configure(node, { ...primary, port: NOBODYS_PORT }, await configuredLagMs(node.dataDir));
    reloadServer(pid);
    if (!(await until(async () => !(await this.#isStreaming(node, primary)), 5_000))) {
      throw new ClusterError("refused", `${node.name} goes on following ${primary.name}; see its log.`);
    }
    return node;
  }

  /**
   * Makes a standby the primary. The old one is stopped first (a frozen one killed), unless `rival`: then it goes on,
   * which is the split brain that real systems have. The other standby follows the new primary.
   */
  async promote(nameOrRole: string, { rival = false } = {}): Promise<NodeState> {
    const { node } = await this.#running(nameOrRole);
    if (node.role === "primary") throw new ClusterError("refused", `${node.name} is the primary already.`);
    const old = await this.resolve("primary");
    const oldPid = await runningPid(old);
    if (oldPid !== undefined && !rival) {
      if (isPaused(oldPid)) await killServer(oldPid);
      else await stopServer(this.#server(old));
      await this.#setPid(old.name, null);
    }
    await withClient(node.port, "postgres", (client) => client.query("SELECT pg_promote(true, 15)"));
    await updateState(this.root, (state) => ({
      ...state,
      nodes: state.nodes.map((each) => ({ ...each, role: each.name === node.name ? "primary" : "replica" })),
    }));
    const promoted = await this.resolve(node.name);
    for (const other of await this.nodes()) {
      if (other.name !== node.name && other.name !== old.name) await this.#repoint(other, promoted);
    }
    return promoted;
  }

  async status(): Promise<readonly NodeStatus[]> {
    return Promise.all(
      (await this.nodes()).map(async (node) => {
        const { name, role, port } = node;
        const pid = (await runningPid(node)) ?? null;
        const state = pid === null ? "stopped" : isPaused(pid) ? "paused" : "running";
        const lagMs = state === "running" && role === "replica" ? await replayLagMs(port) : null;
        return { name, role, state, pid, port, lagMs };
      }),
    );
  }

  /** Stops every node, standbys first, so that they have all that the primary wrote. */
  async shutdown(): Promise<void> {
    const nodes = await this.nodes();
    const primary = nodes.filter(({ role }) => role === "primary");
    const standbys = nodes.filter(({ role }) => role === "replica");
    await Promise.all(primary.map((node) => stopServer(this.#server(node))));
    await Promise.all(standbys.map((node) => stopServer(this.#server(node))));
    await updateState(this.root, (state) => ({ ...state, nodes: state.nodes.map((node) => ({ ...node, pid: null })) }));
  }

  /** Brings all nodes up: makes what is missing, mends what was left behind. */
  async up(onProgress: (step: string) => void): Promise<void> {
    const primary = await this.resolve("primary");
    const standbys = (await this.nodes()).filter(({ role }) => role === "replica");
    for (const node of [primary, ...standbys]) {
      await stopServer(this.#server(node)); // a leftover of a run that crashed
      if ((await inspectDataDirectory(node.dataDir)) === "half-made") await rm(node.dataDir, { recursive: true });
    }
    if ((await inspectDataDirectory(primary.dataDir)) === "missing") {
      onProgress("making the first primary");
      for (const { dataDir } of standbys) await rm(dataDir, { recursive: true, force: true });
      await this.#makePrimary(primary);
    }
    const missing = [];
    for (const node of standbys) if ((await inspectDataDirectory(node.dataDir)) === "missing") missing.push(node);
    for (const node of missing) {
      onProgress(`copying ${node.name} from ${primary.name}`);
      await copyDataDirectory(primary.dataDir, node.dataDir, this.#binaries, (path) => path === "postmaster.pid");
      await makeStandby(node.dataDir, this.#binaries);
    }
    onProgress("starting the nodes");
    await this.#startNode(primary);
    await Promise.all(standbys.map((node) => this.start(node.name)));
  }

  async #makePrimary(node: NodeState): Promise<void> {
    await mkdir(join(this.root, "data"), { recursive: true });
    await initialise(node.dataDir, this.#binaries);
    await this.#startNode(node);
    await withClient(node.port, "postgres", (client) => client.query(`CREATE DATABASE ${DATABASE}`));
    await stopServer(this.#server(node));
    await markComplete(node.dataDir, this.#binaries);
  }

  async #startNode(node: NodeState): Promise<NodeState> {
    await this.#configure(node, await this.resolve("primary"), 0);
    return this.#setPid(node.name, await startServer(this.#server(node), this.#binaries));
  }

  async #rebuild(node: NodeState, primary: NodeState): Promise<NodeState> {
    await stopServer(this.#server(node));
    await rebuildStandby(primary, node, this.#binaries);
    const started = await this.#startNode(node);
    if (await this.#follows(node, primary)) return started;
    throw new ClusterError("start-failed", `${node.name} does not follow ${primary.name}; see its log.`);
  }

  async #repoint(node: NodeState, primary: NodeState): Promise<void> {
    await this.#configure(node, primary, await configuredLagMs(node.dataDir));
    const pid = await runningPid(node);
    if (pid === undefined) return;
    reloadServer(pid);
    if (!(await this.#follows(node, primary))) await this.#rebuild(node, primary);
  }

  /** A standby that runs follows its primary again, should it have been cut off. */
  async #attach(node: NodeState, pid: number): Promise<void> {
    const primary = await this.resolve("primary");
    const isUp = (await runningPid(primary)) !== undefined;
    if (!isUp || (await this.#isStreaming(node, primary).catch(() => true))) return;
    await this.#configure(node, primary, await configuredLagMs(node.dataDir));
    reloadServer(pid);
    if (!(await this.#follows(node, primary))) await this.#rebuild(node, primary);
  }

  #configure({ name, port, dataDir }: NodeState, primary: NodeState, lagMs: number): Promise<void> {
    return configure(dataDir, { name, port, primaryPort: primary.port, lagMs }, this.#binaries);
  }

  #follows(node: NodeState, primary: NodeState): Promise<boolean> {
    return until(() => this.#isStreaming(node, primary).catch(() => false), FOLLOW_WITHIN_MS);
  }

  /** On the primary's own timeline: a standby that is ahead of where that began streams for moments, again and again. */
  async #isStreaming({ name, port }: NodeState, primary: NodeState): Promise<boolean> {
    const streams =
      "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8) AS timeline FROM pg_stat_replication WHERE application_name = $1 AND state = 'streaming'";
    const sent = await withClient(primary.port, "postgres", (client) => client.query(streams, [name]));
    if (sent.rowCount !== 1) return false;
    const receives = "SELECT lpad(upper(to_hex(received_tli)), 8, '0') AS timeline FROM pg_stat_wal_receiver";
    const received = await withClient(port, "postgres", (client) => client.query(receives));
    return received.rows[0]?.timeline === sent.rows[0].timeline;
  }

  async #hasLag({ port }: NodeState, lagMs: number): Promise<boolean> {
    const setting = "SELECT setting FROM pg_settings WHERE name = 'recovery_min_apply_delay'";
    return withClient(
      port,
      "postgres",
      async (client) => Number((await client.query(setting)).rows[0]?.setting) === lagMs,
    );
  }

  /** `replica`, where it is to be started: one that is down, if any. */
  async #replicaToStart(): Promise<NodeState> {
    for (const node of await this.nodes()) {
      if (node.role === "replica" && (await runningPid(node)) === undefined) return node;
    }
    return this.resolve("replica");
  }

  async #running(nameOrRole: string): Promise<{ node: NodeState; pid: number }> {
    const node = await this.resolve(nameOrRole);
    const pid = await runningPid(node);
    if (pid === undefined) throw new ClusterError("refused", `${node.name} is not running: start it first.`);
    return { node, pid };
  }

  #server({ name, port, dataDir }: NodeState): Server {
    return { name, port, dataDir, logFile: join(this.root, "logs", `${name}.log`) };
  }

  async #setPid(name: string, pid: number | null): Promise<NodeState> {
    await updateState(this.root, (state) => ({
      ...state,
      nodes: state.nodes.map((node) => (node.name === name ? { ...node, pid } : node)),
    }));
    return this.resolve(name);
  }
}

import type { Bed } from "../../bed/startBed.ts";
import { type Cluster, DATABASE } from "../../cluster/cluster.ts";
import { withClient } from "../../cluster/postgresServer.ts";
import { until } from "../../cluster/processes.ts";
import { updateState } from "../../cluster/state.ts";
import type { NeonProxy } from "../../neon-proxy/startNeonProxy.ts";
import {
  BEHIND_FOR_MS,
  BESIDE_FOR_MS,
  ORDER_AFTER_MS,
  RESUME_WITHIN_MS,
  RIVAL_TIMES,
  TRY_EVERY_MS,
} from "./constants.ts";
import type { Fault, Part, PlannedFault } from "./faultPlan.ts";
import type { Line, Turn } from "./history.ts";
import { readLog } from "./register.ts";
import type { Troubles } from "./troubles.ts";

export interface SystemToBreak {
  readonly cluster: Cluster;
  readonly proxy: NeonProxy;
  readonly bed: Bed;
  readonly adminToken: string;
  readonly troubles: Troubles;
  readonly nowMs: () => number;
  /** A write of nobody's that goes through, or not. */
  readonly tryWrite: () => Promise<boolean>;
  readonly say: (step: string) => void;
}

/** What promotions left to the checker. */
export interface Changes {
  readonly turns: Turn[];
  readonly lines: Line[];
  /** From the end of each promotion (or order) to the first write that was answered, in milliseconds. */
  readonly gapsMs: number[];
  /** How often an operator had to say who is the primary now, though nobody else claimed to be. */
  orders: number;
}

/** One fault with its end. Waits for what it says; throws where the cluster cannot be brought to it. */
export class Breaker {
  readonly changes: Changes = { turns: [], lines: [], gapsMs: [], orders: 0 };
  readonly #system: SystemToBreak;

  constructor(system: SystemToBreak) {
    this.#system = system;
  }

  async play({ fault, forMs, beside }: PlannedFault): Promise<void> {
    const { bed } = this.#system;
    if (beside?.kind === "objects") await this.#breakObjects(beside.how);
    await this.#play(fault, forMs);
    if (beside) await bed.host.clear();
  }

  async #play(fault: Fault, forMs: number): Promise<void> {
    const { cluster, proxy, bed, troubles } = this.#system;
    switch (fault.kind) {
      case "kill":
      case "stop":
      case "pause": {
        const node = await this.#nodeOf(fault.part);
        troubles.begins(node);
        await cluster[fault.kind](node);
        await pause(forMs);
        await cluster.start(node);
        troubles.ends(node);
        return;
      }
      case "slow": {
        const node = await this.#nodeOf(fault.part);
        proxy.faults.set(node, { delayMs: fault.delayMs });
        await pause(forMs);
        proxy.faults.clear(node);
        return;
      }
      case "black-hole": {
        const node = await this.#nodeOf(fault.part);
        troubles.begins(node);
        proxy.faults.set(node, { blackHole: true });
        await pause(forMs);
        proxy.faults.clear(node);
        troubles.ends(node);
        return;
      }
      case "drop-answers": {
        const node = await this.#nodeOf("primary");
        troubles.begins(node);
        proxy.faults.set(node, { drop: { chance: fault.chance, when: "after" } });
        await pause(forMs);
        proxy.faults.clear(node);
        troubles.ends(node);
        return;
      }
      case "lag": {
        const nodes = fault.part === "primary" ? await this.#replicas() : [await this.#nodeOf(fault.part)];
        for (const node of nodes) await cluster.lag(node, fault.lagMs);
        await pause(forMs);
        for (const node of nodes) await cluster.lag(node, 0);
        return;
      }
      case "detach": {
        const node = await this.#nodeOf(fault.part);
        await cluster.detach(node);
        await pause(forMs);
        await cluster.start(node);
        return;
      }
      case "promote":
        return this.#promote(fault, forMs);
      case "rival":
        return this.#rival(fault, forMs);
      case "objects":
        await this.#breakObjects(fault.how);
        await pause(forMs);
        await bed.host.clear();
        return;
      default:
        return fault satisfies never;
    }
  }

  async #breakObjects(how: "hang" | "reset" | "throw"): Promise<void> {
    const classes = ["Collector", "CircuitBreaker", "ReplicaCoordinator", "CacheCoordinator"] as const;
    for (const cls of classes) await this.#system.bed.host.fault(cls, "*", { kind: how });
  }

  async #promote({ heir: part, waitMs, isBehind }: Fault & { kind: "promote" }, forMs: number): Promise<void> {
    const { cluster, troubles, nowMs } = this.#system;
    const old = await this.#nodeOf("primary");
    const heir = await this.#nodeOf(part);
    if (isBehind) {
      for (const node of await this.#replicas()) await cluster.detach(node);
      await pause(BEHIND_FOR_MS);
    }
    const other = (await this.#replicas()).find((node) => node !== heir);
    const fromMs = nowMs();
    for (const node of [old, other]) if (node) troubles.begins(node); // the other may have to be made anew
    await cluster.kill(old);
    await pause(waitMs);
    // It takes writes long before all follow it.
    await Promise.all([cluster.promote(heir), this.#resumed(heir, fromMs)]);
    await pause(forMs);
    for (const node of await this.#replicas()) {
      await cluster.start(node);
      troubles.ends(node);
    }
  }

  async #rival({ heir: part, isOrdered }: Fault & { kind: "rival" }, forMs: number): Promise<void> {
    const { cluster, troubles, nowMs, say } = this.#system;
    const holder = await this.#nodeOf("primary");
    const rival = await this.#nodeOf(part);
    await cluster.promote(rival, { rival: true });
    // Whoever the cluster calls its primary: the holder is the one until somebody orders otherwise.
    if (!isOrdered) {
      await pause(forMs * RIVAL_TIMES);
      await this.#callPrimary(holder);
      troubles.begins(rival);
      await cluster.stop(rival);
      for (const node of await this.#replicas()) await cluster.start(node);
      troubles.ends(rival);
      return;
    }
    await pause(BESIDE_FOR_MS);
    const fromMs = nowMs();
    troubles.begins(holder);
    await cluster.kill(holder);
    await pause(forMs);
    const isTaken = await until(() => this.#order(rival), RESUME_WITHIN_MS);
    if (!isTaken) say(`${rival} could not be made the primary`);
    await this.#resumed(rival, fromMs);
    for (const node of await this.#replicas()) await cluster.start(node);
    troubles.ends(holder);
  }

  /** An operator's word. */
  async #order(node: string): Promise<boolean> {
    const { bed, adminToken } = this.#system;
    const response = await bed.isolates[0]?.fetch("/admin/replicas/primary", {
      method: "POST",
      headers: { Authorization: `Bearer ${adminToken}`, "Content-Type": "application/json" },
      body: JSON.stringify({ node, reason: "chaos" }),
    });
    return response?.status === 200;
  }

  async #callPrimary(name: string): Promise<void> {
    await updateState(this.#system.cluster.root, (state) => ({
      ...state,
      nodes: state.nodes.map((each) => ({ ...each, role: each.name === name ? "primary" : "replica" })),
    }));
  }

  /** Waits until writes go through again, and notes what the new epoch's line began with. */
  async #resumed(node: string, fromMs: number): Promise<void> {
    const { troubles, nowMs, tryWrite, say, cluster } = this.#system;
    const { port } = await cluster.resolve(node);
    await until(() => takesWrites(port).catch(() => false), RESUME_WITHIN_MS);
    const promotedMs = nowMs();
    const mayWrite = async () => {
      if (await tryWrite()) return true;
      await pause(TRY_EVERY_MS);
      return false;
    };
    let hasResumed = await until(mayWrite, ORDER_AFTER_MS);
    if (!hasResumed) {
      say(`${node} is nobody's primary ${ORDER_AFTER_MS / 1_000} s after its promotion: an operator steps in`);
      this.changes.orders++;
      await until(() => this.#order(node), RESUME_WITHIN_MS);
      hasResumed = await until(mayWrite, RESUME_WITHIN_MS);
    }
    troubles.isPrimary(node); // how long that took is told by itself
    this.changes.gapsMs.push(Math.round(nowMs() - promotedMs));
    say(`${node} was promoted; writes went through ${this.changes.gapsMs.at(-1)} ms later`);
    if (!hasResumed) say(`no write goes through ${RESUME_WITHIN_MS / 1_000} s after the promotion of ${node}`);
    this.changes.lines.push(await readLog(port));
    this.changes.turns.push({ fromMs, toMs: nowMs() });
  }

  async #nodeOf(part: Part): Promise<string> {
    if (part === "primary") return (await this.#system.cluster.resolve("primary")).name;
    const [first, second] = await this.#replicas();
    const name = part === "replica-1" ? first : second;
    if (name === undefined) throw new Error("the cluster has no such replica");
    return name;
  }

  async #replicas(): Promise<string[]> {
    const nodes = await this.#system.cluster.nodes();
    return nodes.flatMap(({ name, role }) => (role === "replica" ? [name] : []));
  }
}

function takesWrites(port: number): Promise<boolean> {
  return withClient(port, DATABASE, async (client) => {
    const { rows } = await client.query("SELECT pg_is_in_recovery() AS is");
    return rows[0]?.is === false;
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

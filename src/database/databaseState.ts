import type { Candidate } from "./candidates.ts";
import { NO_EVIDENCE, type NodeEvidence, type Observation, observe } from "./nodeEvidence.ts";
import { RetryBudget } from "./retryBudget.ts";
import { Silence } from "./silence.ts";
import { Statistics } from "./statistics.ts";
import { type Topology, UNKNOWN_TOPOLOGY } from "../replicas/topology.ts";
import type { Transport } from "./transport.ts";

/** What a node is called, and how a request reaches it. `maySleep`: no check of ours may keep it awake. */
export interface NodeAccess {
  readonly name: string;
  readonly maySleep: boolean;
  /** A transport for one request. */
  readonly open: () => Transport;
}

/**
 * What one isolate holds about the database between requests: plain data only, since I/O may not cross requests.
 * Made once by `createIsolate`.
 */
export class DatabaseState {
  readonly nodes: readonly NodeAccess[];
  readonly statistics = new Statistics();
  readonly retries = new RetryBudget();
  readonly silence = new Silence();
  topology: Topology = UNKNOWN_TOPOLOGY;
  /** When a refresh of roles began that is still under way: a time that expires, never a promise. */
  refreshingSince: number | undefined;
  /** The replica that answered last. */
  preferred: string | undefined;
  readonly #evidence = new Map<string, NodeEvidence>();

  constructor(nodes: readonly NodeAccess[]) {
    this.nodes = nodes;
  }

  evidence(node: string): NodeEvidence {
    return this.#evidence.get(node) ?? NO_EVIDENCE;
  }

  observe(node: string, observation: Observation): void {
    this.#evidence.set(node, observe(this.evidence(node), observation));
  }

  /** The nodes as a choice sees them. Before anybody was asked, the first one configured is taken for the primary. */
  candidates(now: number): Candidate[] {
    const guess = this.topology.askedAt === undefined ? this.nodes[0]?.name : undefined;
    return this.nodes.map(({ name }) => ({
      name,
      role: this.topology.roles.get(name) ?? (name === guess && this.nodes.length > 1 ? "primary" : "unknown"),
      evidence: this.evidence(name),
      silentMs: this.silence.ofMs(name, now),
    }));
  }
}

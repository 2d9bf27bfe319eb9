import type { Sample } from "../../src/rpc/report.ts";
import type { Random } from "../seed/random.ts";
import type { Scheduler } from "./scheduler.ts";

/** `down`: refuses at once. `frozen`: never answers. `slow`: answers after two seconds. */
export type NodeState = "up" | "down" | "frozen" | "slow";

/** How a question ended, in the words of `classify`. */
export type Answer = "ok" | "infrastructure" | "slow";

const QUERY_MS = 8;
const REFUSED_MS = 5;
const SLOW_MS = 2_000;

/** Postgres nodes: the first is the primary, the others follow it. */
export class SimulatedDatabase {
  readonly nodes: readonly string[];
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #states = new Map<string, NodeState>();
  /** Questions by node, all of them. */
  readonly asked = new Map<string, number>();

  constructor(nodes: readonly string[], scheduler: Scheduler, random: Random) {
    this.nodes = nodes;
    this.#scheduler = scheduler;
    this.#random = random;
  }

  set(state: NodeState, nodes: readonly string[] = this.nodes): void {
    for (const node of nodes) this.#states.set(node, state);
  }

  /** One small query, for at most `ms`. `unreachable`: whoever asks has no way there. */
  async ask(node: string, ms: number, unreachable = false): Promise<Answer> {
    this.asked.set(node, (this.asked.get(node) ?? 0) + 1);
    const state = unreachable ? "down" : (this.#states.get(node) ?? "up");
    const answerMs = this.#answerMs(state);
    if (answerMs > ms) {
      await this.#scheduler.sleep(ms);
      return "slow";
    }
    await this.#scheduler.sleep(answerMs);
    return state === "down" ? "infrastructure" : "ok";
  }

  /** What a node that answered says of itself. */
  sampleOf(node: string, tookMs: number): Sample {
    const position = String(Math.floor(this.#scheduler.now()));
    const inRecovery = node !== this.nodes[0];
    return { node, inRecovery, epoch: "1", position, generation: "g1", tookMs, ageMs: 0 };
  }

  #answerMs(state: NodeState): number {
    const spread = 0.5 + this.#random.next();
    switch (state) {
      case "up":
        return QUERY_MS * spread;
      case "down":
        return REFUSED_MS * spread;
      case "slow":
        return SLOW_MS * spread;
      case "frozen":
        return Number.POSITIVE_INFINITY;
      default:
        return state satisfies never;
    }
  }
}

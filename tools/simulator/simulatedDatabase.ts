import type { Sample } from "../../src/rpc/report.ts";
import type { Random } from "../seed/random.ts";
import type { Scheduler } from "./scheduler.ts";

/** `down`: refuses at once. `frozen`: never answers. `slow`: answers after two seconds. */
export type NodeState = "up" | "down" | "frozen" | "slow";

/** How a question ended, in the words of `classify`. */
export type Answer = "ok" | "infrastructure" | "slow";

/** What a question is for: a visitor's request, or one of the small queries of our own. */
export type Purpose = "request" | "probe" | "check" | "sample";

/** How a node reacts to one question, before any patience ends. */
export interface Reaction {
  readonly answer: "ok" | "infrastructure";
  readonly afterMs: number;
}

/** What a question brings of chance, in [0, 1) each; undefined: drawn here. */
type Luck = readonly [failure: number, duration: number] | undefined;

/** A node's behaviour as a function of time and chance, instead of a state. */
export type Script = (now: number, luck: NonNullable<Luck>) => Reaction;

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
  /** The same by purpose. */
  readonly askedFor: Record<Purpose, number> = { request: 0, probe: 0, check: 0, sample: 0 };
  /** The most probes that were under way on one node at one moment, whoever sent them. */
  mostProbes = 0;
  /** Replaces the states of all nodes. */
  script: Script | undefined;
  readonly #probing = new Map<string, number>();

  constructor(nodes: readonly string[], scheduler: Scheduler, random: Random) {
    this.nodes = nodes;
    this.#scheduler = scheduler;
    this.#random = random;
  }

  set(state: NodeState, nodes: readonly string[] = this.nodes): void {
    for (const node of nodes) this.#states.set(node, state);
  }

  /** One small query, for at most `ms`. `unreachable`: whoever asks has no way there. */
  async ask(
    node: string,
    ms: number,
    unreachable = false,
    { purpose = "request", luck }: { readonly purpose?: Purpose; readonly luck?: Luck } = {},
  ): Promise<Answer> {
    this.asked.set(node, (this.asked.get(node) ?? 0) + 1);
    this.askedFor[purpose]++;
    if (purpose === "probe") this.#probe(node, 1);
    try {
      const { answer, afterMs } = this.#reaction(node, unreachable, luck);
      await this.#scheduler.sleep(Math.min(ms, afterMs));
      return afterMs > ms ? "slow" : answer;
    } finally {
      if (purpose === "probe") this.#probe(node, -1);
    }
  }

  /** What a node that answered says of itself. */
  sampleOf(node: string, tookMs: number): Sample {
    const position = String(Math.floor(this.#scheduler.now()));
    const inRecovery = node !== this.nodes[0];
    return { node, inRecovery, epoch: "1", position, generation: "g1", tookMs, ageMs: 0 };
  }

  #probe(node: string, change: 1 | -1): void {
    const underWay = (this.#probing.get(node) ?? 0) + change;
    this.#probing.set(node, underWay);
    this.mostProbes = Math.max(this.mostProbes, underWay);
  }

  #reaction(node: string, unreachable: boolean, luck: Luck): Reaction {
    if (this.script && !unreachable) {
      return this.script(this.#scheduler.now(), luck ?? [this.#random.next(), this.#random.next()]);
    }
    const state = unreachable ? "down" : (this.#states.get(node) ?? "up");
    return { answer: state === "down" ? "infrastructure" : "ok", afterMs: this.#answerMs(state) };
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

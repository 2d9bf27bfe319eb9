import { ALIKE_BELOW_MS } from "./constants.ts";
import { type Lateness, PeakEwma } from "./peakEwma.ts";

/** How a read on a node ended, as far as it tells how fast the node is. `lost`: given up as late, for another's answer. */
export type ReadEnd = "answered" | "failed" | "given-up" | "lost";

/** How slow each node is with reads, as this isolate sees it: by how much longer they take there than quick ones do. */
export class NodeLatencies {
  readonly #nodes: ReadonlyMap<string, PeakEwma>;

  constructor(nodes: readonly string[]) {
    this.#nodes = new Map(nodes.map((name) => [name, new PeakEwma()]));
  }

  /** A read ended. */
  record(node: string, end: ReadEnd, { ms, sentAt }: Lateness, now: number): void {
    const latency = this.#nodes.get(node);
    if (end === "lost") latency?.lost({ ms, sentAt }, now);
    else if (end === "given-up") latency?.outlasted({ ms, sentAt }, now);
    else latency?.record({ ms, sentAt, hasFailed: end === "failed" }, now);
  }

  /** It answered a question of our own. */
  recovered(node: string): void {
    this.#nodes.get(node)?.recovered();
  }

  /** How dear one more read there is, where `inFlight` are under way. */
  score(node: string, inFlight: number, now: number): number {
    return Math.max(ALIKE_BELOW_MS, this.#nodes.get(node)?.latencyMs(now) ?? 0) * (inFlight + 1);
  }
}

import type { LocationHint } from "../../src/rpc/locationHint.ts";
import { Random } from "../seed/random.ts";
import { ColoShelves } from "./coloShelves.ts";
import { SimulatedIsolate } from "./simulatedIsolate.ts";
import { SimulatedObjects } from "./simulatedObjects.ts";

export interface WorldOptions {
  readonly seed: number;
  readonly isolates: number;
  readonly colos: number;
  readonly regions: number;
  /** Requests a second of one isolate, at random moments. */
  readonly requestsPerSecond: number;
  /** Share of requests that write. */
  readonly writes?: number;
  /** Every object loses its memory between any two messages. */
  readonly forgetful?: boolean;
  /** The first is the primary. */
  readonly nodes?: readonly string[];
}

const HINTS: readonly LocationHint[] = ["enam", "weur", "wnam", "apac", "eeur", "oc", "sam", "afr", "me"];
const NODES = ["node-1", "node-2", "node-3"];

/** The whole system in virtual time. The same options give the same history, event by event. */
export class SimulatedWorld extends SimulatedObjects {
  readonly isolates: readonly SimulatedIsolate[];
  readonly #random: Random;
  readonly #writes: number;
  #requestsPerSecond = 0;
  /** Grows when the traffic changes, so that what was planned before is not done. */
  #traffic = 0;

  constructor(options: WorldOptions) {
    const random = new Random(options.seed);
    super({ random, nodes: options.nodes ?? NODES, forgetful: options.forgetful ?? false });
    this.#random = random;
    this.#writes = options.writes ?? 0;
    const { scheduler, database } = this;
    const copies = new ColoShelves(scheduler, this.network);
    this.isolates = Array.from({ length: options.isolates }, (_, index) => {
      const colo = index % options.colos;
      const hint = HINTS[colo % options.regions] ?? "enam";
      const id = Array.from({ length: 4 }, () => random.uint32().toString(16).padStart(8, "0")).join("");
      const call = (
        name: string,
        _station: unknown,
        report: string,
        heldMs: number,
        bulk: string | undefined,
        ms: number,
      ) => this.exchange(name, report, heldMs, bulk, ms);
      return new SimulatedIsolate(
        { scheduler, random, database, copies, call },
        { id, host: "simulated", colo: `colo-${colo}`, hint },
      );
    });
    this.setTraffic(options.requestsPerSecond);
  }

  /** Requests a second of each isolate from now on; 0: none. */
  setTraffic(requestsPerSecond: number): void {
    this.#requestsPerSecond = requestsPerSecond;
    this.#traffic++;
    if (requestsPerSecond > 0) for (const isolate of this.isolates) this.#plan(isolate, this.#traffic);
  }

  run(forMs: number): Promise<void> {
    return this.scheduler.run(forMs);
  }

  /** Sums over all isolates. */
  counts() {
    const sum = (of: (isolate: SimulatedIsolate) => number) =>
      this.isolates.reduce((total, isolate) => total + of(isolate), 0);
    return {
      requests: sum(({ counts }) => counts.requests),
      failed: sum(({ counts }) => counts.failed),
      exchanges: sum(({ counts }) => counts.exchanges),
    };
  }

  forgetCounts(): void {
    this.tally.clear();
    for (const isolate of this.isolates) isolate.forgetCounts();
  }

  /** How many isolates take their decisions about this node from where. */
  sources(node = this.database.nodes[0] ?? ""): Record<string, number> {
    const sources: Record<string, number> = {};
    for (const { state } of this.isolates) {
      const { source } = state.breakers.effective(node, this.scheduler.now());
      sources[source] = (sources[source] ?? 0) + 1;
    }
    return sources;
  }

  #plan(isolate: SimulatedIsolate, traffic: number): void {
    const gapMs = (-1_000 * Math.log(1 - this.#random.next())) / this.#requestsPerSecond;
    this.scheduler.after(gapMs, () => {
      if (traffic !== this.#traffic) return;
      this.#plan(isolate, traffic);
      if (this.#random.next() < this.#writes) this.scheduler.background(isolate.write());
      this.scheduler.background(isolate.request());
    });
  }
}

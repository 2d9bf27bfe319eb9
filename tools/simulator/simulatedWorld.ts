import type { LocationHint } from "../../src/rpc/locationHint.ts";
import { Random } from "../seed/random.ts";
import { BreakerShell } from "./breakerShell.ts";
import { CacheShell } from "./cacheShell.ts";
import { CollectorShell, type CollectorWay } from "./collectorShell.ts";
import { ColoShelves } from "./coloShelves.ts";
import { LeaseWitness } from "./leaseWitness.ts";
import { Network } from "./network.ts";
import { ReplicasShell } from "./replicasShell.ts";
import { Scheduler } from "./scheduler.ts";
import { SimulatedDatabase } from "./simulatedDatabase.ts";
import { SimulatedIsolate } from "./simulatedIsolate.ts";
import { type ObjectContext, SimulatedObject } from "./simulatedObject.ts";
import { Tally } from "./tally.ts";
import { virtualCall } from "./virtualCall.ts";

export interface WorldOptions {
  readonly seed: number;
  readonly isolates: number;
  readonly colos: number;
  readonly regions: number;
  /** Requests a second of one isolate, at random moments. */
  readonly requestsPerSecond: number;
  /** Share of requests that write. */
  readonly writes?: number;
  readonly nodes?: readonly string[];
  /** Every object loses its memory between any two messages. */
  readonly forgetful?: boolean;
}

const HINTS: readonly LocationHint[] = ["enam", "weur", "wnam", "apac", "eeur", "oc", "sam", "afr", "me"];

/** The whole system in virtual time. The same options give the same history, event by event. */
export class SimulatedWorld {
  readonly scheduler = new Scheduler();
  readonly tally = new Tally();
  readonly witness = new LeaseWitness();
  readonly network: Network;
  readonly database: SimulatedDatabase;
  readonly isolates: readonly SimulatedIsolate[];
  readonly breaker: SimulatedObject<BreakerShell>;
  readonly replicas: SimulatedObject<ReplicasShell>;
  readonly cache: SimulatedObject<CacheShell>;
  readonly collectors = new Map<string, SimulatedObject<CollectorShell>>();
  readonly #random: Random;
  readonly #options: WorldOptions;
  #requestsPerSecond: number;
  /** Grows when the traffic changes, so that what was planned before is not done. */
  #traffic = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#requestsPerSecond = options.requestsPerSecond;
    const { scheduler, tally } = this;
    const random = this.#random;
    this.network = new Network(scheduler, random);
    this.database = new SimulatedDatabase(options.nodes ?? ["node-1", "node-2", "node-3"], scheduler, random);
    const way = { scheduler, network: this.network, database: this.database, random };
    const object = <S extends object>(
      name: string,
      open: (context: ObjectContext) => S,
      alarm?: (shell: S) => Promise<void>,
    ) => {
      const made = new SimulatedObject<S>(name, { scheduler, tally }, open, alarm);
      made.forgetful = options.forgetful ?? false;
      return made;
    };
    this.breaker = object(
      "breaker",
      (context) => new BreakerShell(context, way, this.witness),
      (shell) => shell.alarm(),
    );
    this.replicas = object(
      "replicas",
      (context) => new ReplicasShell(context, way),
      (shell) => shell.alarm(),
    );
    this.cache = object("cache", (context) => new CacheShell(context, scheduler));
    const collectorWay: CollectorWay = {
      ...way,
      owner: (owner, digest) =>
        this[owner].call((shell: { digest(text: string): Promise<string> }) => shell.digest(digest)),
    };
    const collector = (name: string) => {
      const known = this.collectors.get(name);
      if (known) return known;
      const made = object(name, (context) => new CollectorShell(context, name, collectorWay));
      this.collectors.set(name, made);
      return made;
    };
    const copies = new ColoShelves(scheduler, this.network);
    this.isolates = Array.from({ length: options.isolates }, (_, index) => {
      const colo = index % options.colos;
      const hint = HINTS[colo % options.regions] ?? "enam";
      const id = `isolate-${String(index).padStart(5, "0")}-${random.uint32().toString(16)}`;
      return new SimulatedIsolate(
        {
          scheduler,
          random,
          database: this.database,
          copies,
          call: (name, _station, report, heldMs, bulk, deadlineMs) =>
            virtualCall(scheduler, random, deadlineMs, () =>
              this.network.call("isolate-collector", () =>
                collector(name).call((shell) => shell.exchange(report, heldMs, bulk)),
              ),
            ),
        },
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

  /** All objects, for faults. */
  objects(): { fault: SimulatedObject<object>["fault"]; evict(): boolean; reset(): void; name: string }[] {
    return [this.breaker, this.replicas, this.cache, ...this.collectors.values()];
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

  /** The world's state of each node, as its owner would say it now. */
  verdicts(): string[] {
    return this.breaker
      .peek()
      .world.nodes()
      .map(({ phase }) => phase.state);
  }

  #plan(isolate: SimulatedIsolate, traffic: number): void {
    const gapMs = (-1_000 * Math.log(1 - this.#random.next())) / this.#requestsPerSecond;
    this.scheduler.after(gapMs, () => {
      if (traffic !== this.#traffic) return;
      this.#plan(isolate, traffic);
      if (this.#random.next() < (this.#options.writes ?? 0)) isolate.bump();
      this.scheduler.background(isolate.request());
    });
  }
}

import type { Called } from "../../src/rpc/callObject.ts";
import type { Random } from "../seed/random.ts";
import { BreakerShell } from "./breakerShell.ts";
import { CacheShell } from "./cacheShell.ts";
import { CollectorShell, type CollectorWay } from "./collectorShell.ts";
import { LeaseWitness } from "./leaseWitness.ts";
import { Network } from "./network.ts";
import { ReplicasShell } from "./replicasShell.ts";
import { Scheduler } from "./scheduler.ts";
import { SimulatedDatabase } from "./simulatedDatabase.ts";
import { type ObjectContext, SimulatedObject } from "./simulatedObject.ts";
import { Tally } from "./tally.ts";
import { virtualCall } from "./virtualCall.ts";

export interface ObjectsOptions {
  readonly random: Random;
  readonly nodes: readonly string[];
  /** Every object loses its memory between any two messages. */
  readonly forgetful: boolean;
}

/** Everything but the isolates: the owners, the Collectors as they are first called, the nodes and the ways between. */
export class SimulatedObjects {
  readonly scheduler = new Scheduler();
  readonly tally = new Tally();
  readonly witness = new LeaseWitness();
  readonly network: Network;
  readonly database: SimulatedDatabase;
  readonly breaker: SimulatedObject<BreakerShell>;
  readonly replicas: SimulatedObject<ReplicasShell>;
  readonly cache: SimulatedObject<CacheShell>;
  readonly collectors = new Map<string, SimulatedObject<CollectorShell>>();
  readonly #options: ObjectsOptions;
  readonly #collectorWay: CollectorWay;

  constructor(options: ObjectsOptions) {
    this.#options = options;
    const { random, nodes } = options;
    const { scheduler } = this;
    this.network = new Network(scheduler, random);
    this.database = new SimulatedDatabase(nodes, scheduler, random);
    const way = { scheduler, network: this.network, database: this.database, random };
    const ring = (shell: { alarm(): Promise<void> }) => shell.alarm();
    this.breaker = this.#object("breaker", (context) => new BreakerShell(context, way, this.witness), ring);
    this.replicas = this.#object("replicas", (context) => new ReplicasShell(context, way), ring);
    this.cache = this.#object("cache", (context) => new CacheShell(context, scheduler));
    this.#collectorWay = {
      ...way,
      owner: (owner, digest) =>
        this[owner].call((shell: { digest(text: string): Promise<string> }) => shell.digest(digest)),
    };
  }

  /** An isolate's call of a Collector. Never rejects. */
  exchange(
    collector: string,
    report: string,
    heldMs: number,
    bulk: string | undefined,
    deadlineMs: number,
  ): Promise<Called<string>> {
    return virtualCall(this.scheduler, this.#options.random, deadlineMs, () =>
      this.network.call("isolate-collector", () =>
        this.#collector(collector).call((shell) => shell.exchange(report, heldMs, bulk)),
      ),
    );
  }

  /** All of them, for faults. */
  all(): SimulatedObject<object>[] {
    const objects: unknown[] = [this.breaker, this.replicas, this.cache, ...this.collectors.values()];
    return objects as SimulatedObject<object>[]; // what is inside matters to no fault
  }

  /** The world's state of each node, as its owner would say it now. */
  verdicts(): string[] {
    const nodes = this.breaker.peek().world.nodes();
    return nodes.map(({ phase }) => phase.state);
  }

  #collector(name: string): SimulatedObject<CollectorShell> {
    const known = this.collectors.get(name);
    if (known) return known;
    const made = this.#object(name, (context) => new CollectorShell(context, name, this.#collectorWay));
    this.collectors.set(name, made);
    return made;
  }

  #object<S extends object>(name: string, open: (context: ObjectContext) => S, alarm?: (shell: S) => Promise<void>) {
    const made = new SimulatedObject<S>(name, this, open, alarm);
    made.forgetful = this.#options.forgetful;
    return made;
  }
}

import { BulkTotals } from "../../src/collector/bulkTotals.ts";
import { CollectorCore, type OwnerName } from "../../src/collector/collectorCore.ts";
import { DIGEST_DEADLINE_MS } from "../../src/rpc/constants.ts";
import type { Random } from "../seed/random.ts";
import type { Edge, Network } from "./network.ts";
import type { Scheduler } from "./scheduler.ts";
import type { ObjectContext } from "./simulatedObject.ts";
import { virtualCall } from "./virtualCall.ts";

/** The rest of the world, as a Collector sees it. */
export interface CollectorWay {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly random: Random;
  readonly owner: (owner: OwnerName, digest: string) => Promise<string>;
}

const EDGE_TO = {
  breaker: "collector-breaker",
  replicas: "collector-replicas",
  cache: "collector-cache",
} as const satisfies Readonly<Record<OwnerName, Edge>>;

/** The shell of `objects/collector.ts` in virtual time. */
export class CollectorShell {
  readonly core: CollectorCore;
  readonly bulk: BulkTotals;
  readonly #now: () => number;

  constructor({ storage, waitUntil, whileAlive }: ObjectContext, name: string, way: CollectorWay) {
    const { scheduler, network, random, owner: tell } = way;
    this.#now = scheduler.now;
    this.bulk = new BulkTotals(storage.rows, storage);
    this.core = new CollectorCore({
      name,
      now: scheduler.now,
      random: () => random.next(),
      ask: (owner, digest) =>
        whileAlive(() =>
          virtualCall(scheduler, random, DIGEST_DEADLINE_MS, () =>
            network.call(EDGE_TO[owner], () => tell(owner, digest)),
          ),
        ),
      waitUntil,
      takeBulk: (reporter, text, isLeaving) => this.bulk.take(reporter, text, scheduler.now(), isLeaving),
      refused: (reason) => this.bulk.own.counter("breakwater_reports_refused_total", { reason }).add(),
    });
  }

  exchange(report: string, heldMs: number, bulk?: string): Promise<string> {
    return this.core.exchange(report, heldMs, bulk);
  }

  /** What a scrape of this Collector gives. */
  totals() {
    return this.bulk.data(this.#now());
  }
}

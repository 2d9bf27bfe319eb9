import type { CopyStore } from "../../src/cache/tiers/cacheApi.ts";
import { REQUEST_DEADLINE_MS } from "../../src/database/constants.ts";
import { DatabaseState } from "../../src/database/databaseState.ts";
import { BulkLane } from "../../src/exchange/bulkLane.ts";
import { ColoCopyShelf, coloCopyKey } from "../../src/exchange/coloCopy.ts";
import { Exchange } from "../../src/exchange/exchange.ts";
import { nodesToCheck } from "../../src/health/checks.ts";
import { LOOK_EVERY_MS } from "../../src/health/constants.ts";
import { EXCHANGE_DEADLINE_MS } from "../../src/rpc/constants.ts";
import { Instruments } from "../../src/telemetry/instruments.ts";
import type { Random } from "../seed/random.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SimulatedDatabase } from "./simulatedDatabase.ts";
import { type ReadEnd, SimulatedNodes, type Visit } from "./simulatedNodes.ts";

type Station = ConstructorParameters<typeof Exchange>[0];
type ExchangePorts = ConstructorParameters<typeof Exchange>[1];

/** What an isolate has around it. */
export interface IsolateWay {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly database: SimulatedDatabase;
  readonly copies: CopyStore;
  readonly call: ExchangePorts["call"];
}

/** Two for each piece, and longer apart than Collectors write down what they hold. */
const DRAINING_ROUNDS = 20;
const DRAINING_GAP_MS = 2_500;

/** Answers and refusals since the last `clear`. */
export interface IsolateCounts {
  requests: number;
  failed: number;
  exchanges: number;
  answered: number;
}

/**
 * One isolate: its database's state, its exchange, and what `index.ts`, `read` and `AfterEvents` do around them, which
 * is repeated here because they take their time from the platform.
 */
export class SimulatedIsolate {
  readonly state: DatabaseState;
  readonly exchange: Exchange;
  readonly counts: IsolateCounts = { requests: 0, failed: 0, exchanges: 0, answered: 0 };
  /** Requests since it began, as its own telemetry should tell. */
  requestsEver = 0;
  /** The epoch of some node's breaker fell as this isolate saw it. */
  epochFalls = 0;
  readonly #way: IsolateWay;
  readonly #nodes: SimulatedNodes;
  readonly #instruments = new Instruments();
  readonly #bulk: BulkLane;
  readonly #epochs = new Map<string, number>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #bumps = 0;

  constructor(way: IsolateWay, station: Station) {
    this.#way = way;
    const { scheduler, database, copies, call } = way;
    const nodes = database.nodes.map((name) => ({ name, maySleep: false, open: nothingToOpen }));
    this.state = new DatabaseState(nodes, { instruments: this.#instruments });
    this.#nodes = new SimulatedNodes(this.state, { ...way, instruments: this.#instruments });
    this.#bulk = new BulkLane((maxChars) => this.#instruments.ledger.take(maxChars));
    const ports: ExchangePorts = {
      now: scheduler.now,
      sleep: scheduler.sleep,
      call: (...message) => {
        this.counts.exchanges++;
        return call(...message);
      },
      shelf: new ColoCopyShelf(copies, ({ host, colo }) => coloCopyKey(host, "simulated", colo)),
      standing: (now) => this.state.standing(now),
      checksWanted: (now) => nodesToCheck(this.state, now).map(({ name }) => name),
      spend: (lease) => this.#nodes.spend(lease),
      changed: (_changes, now) => this.#heard(now),
      writes: this.state.bumps,
      ended: (outcome, tookMs) => {
        if (outcome === "answered") this.counts.answered++;
        this.#instruments.exchange(outcome, tookMs / 1_000);
      },
    };
    this.exchange = new Exchange(station, ports, {
      ledger: this.state.ledger,
      view: this.state.view,
      bulk: this.#bulk,
    });
    this.exchange.settleIn(station);
  }

  /** It alone cannot reach the nodes. */
  set isCutOff(isCutOff: boolean) {
    this.#nodes.isCutOff = isCutOff;
  }

  /** One visitor's request: a read, answered by a node that this isolate admits, or refused. */
  async request(visit?: Visit): Promise<ReadEnd> {
    const { now } = this.#way.scheduler;
    const startedAt = now();
    const end = await this.#nodes.read(visit);
    const isAnswered = end === "answered";
    this.counts.requests++;
    this.requestsEver++;
    if (!isAnswered) this.counts.failed++;
    this.#instruments.request("/simulated", isAnswered ? 200 : 503, (now() - startedAt) / 1_000);
    this.state.ledger.request(now());
    this.#after();
    return end;
  }

  /** A visitor's write: the primary is asked, and the tags are told to the world. */
  async write(): Promise<void> {
    const primary = this.state.nodes[0]?.name ?? "";
    if ((await this.#nodes.ask(primary, REQUEST_DEADLINE_MS, "write", "first")) !== "ok") return;
    const id = `${this.exchange.station.id.slice(0, 20)}.${this.#bumps++}`;
    this.state.ledger.bump({ id, buckets: [this.#bumps % 16] }, this.#way.scheduler.now());
  }

  /** Exchanges often enough for all it counted to be durable somewhere, were it as much as ten pieces of bulk. */
  async drain(): Promise<void> {
    for (let round = 0; round < DRAINING_ROUNDS; round++) {
      await this.exchange.exchangeNow(EXCHANGE_DEADLINE_MS, this.#waitUntil, { eager: true });
      await this.#way.scheduler.sleep(DRAINING_GAP_MS);
    }
  }

  forgetCounts(): void {
    Object.assign(this.counts, { requests: 0, failed: 0, exchanges: 0, answered: 0 });
  }

  /** As `AfterEvents`. */
  #after(): void {
    const now = this.#way.scheduler.now();
    if (now - this.#lookedAt >= LOOK_EVERY_MS) {
      this.#lookedAt = now;
      this.#nodes.look(this.exchange.hasFailed, this.#waitUntil);
    }
    this.exchange.afterResponse(this.#waitUntil);
  }

  #heard(now: number): void {
    this.state.breakers.heardWorld(now);
    this.state.heardMap(now);
    for (const { name } of this.state.nodes) {
      const epoch = this.state.view.epochOf(name);
      if (epoch < (this.#epochs.get(name) ?? 0)) this.epochFalls++;
      this.#epochs.set(name, epoch);
    }
  }

  readonly #waitUntil = (work: Promise<unknown>): void => this.#way.scheduler.background(work);
}

function nothingToOpen(): never {
  throw new Error("simulated nodes are asked by the simulator alone");
}

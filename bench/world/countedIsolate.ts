import { SOFT_HORIZON_MS } from "../../src/breaker/constants.ts";
import { DatabaseState } from "../../src/database/databaseState.ts";
import { BulkLane } from "../../src/exchange/bulkLane.ts";
import {
  COLO_LOOK_MS,
  COLO_PUT_MS,
  COLO_SKEW_MS,
  FIRST_PACE_MS,
  MAX_ROUNDS,
  URGENT_GAP_MS,
} from "../../src/exchange/constants.ts";
import { decide, isInFlight } from "../../src/exchange/decide.ts";
import { Home } from "../../src/exchange/home.ts";
import { Outbox } from "../../src/exchange/outbox.ts";
import { nodesToCheck } from "../../src/health/checks.ts";
import { LOOK_EVERY_MS } from "../../src/health/constants.ts";
import type { Called } from "../../src/rpc/callObject.ts";
import { TAG_BUCKETS } from "../../src/rpc/constants.ts";
import type { LocationHint } from "../../src/rpc/locationHint.ts";
import type { Have, Parts } from "../../src/rpc/parts.ts";
import type { Lease, Reply } from "../../src/rpc/reply.ts";
import { stampOf } from "../../src/rpc/stamp.ts";
import type { Instruments } from "../../src/telemetry/instruments.ts";
import type { Random } from "../../tools/seed/random.ts";
import type { Scheduler } from "../../tools/simulator/scheduler.ts";
import type { SimulatedDatabase } from "../../tools/simulator/simulatedDatabase.ts";
import { SimulatedNodes } from "../../tools/simulator/simulatedNodes.ts";
import { CountedRequests } from "./countedRequests.ts";

/** What the isolates of one colo share: what one of them heard, and when it left it there. */
export interface CountedColo {
  readonly name: string;
  copy: { readonly parts: Parts; readonly storedAt: number } | undefined;
}

/** What an isolate has around it. */
export interface CountedSite {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly database: SimulatedDatabase;
  /** Read by nobody: one for all. */
  readonly instruments: Instruments;
  readonly colo: CountedColo;
  readonly hint: LocationHint;
  readonly exchange: (
    collector: string,
    report: string,
    heldMs: number,
    bulk: string | undefined,
  ) => Promise<Called<string>>;
  readonly isDown: () => boolean;
  readonly requestsPerSecond: number;
  /** Share of requests that write. */
  readonly writes: number;
  readonly bulk: () => unknown;
  /** It is due at another time than before. */
  readonly file: (isolate: CountedIsolate) => void;
}

/**
 * One isolate on production's state of it, counted by its exchanges and, where it makes no difference, not by its
 * requests (`CountedRequests`). When to exchange is production's `decide`, what is told its `Ledger` and `Outbox`, what
 * rides along its `BulkLane`; the rest says `Exchange` and `Neighbours` again, as far as they make it speak.
 */
export class CountedIsolate {
  #dueAt: number;
  exchanges = 0;
  /** When it first held the world's word that no node is to be asked freely; undefined: it does not. */
  heardOpenAt: number | undefined;
  readonly state: DatabaseState;
  readonly requests: CountedRequests;
  readonly #id: string;
  readonly #site: CountedSite;
  readonly #now: () => number;
  readonly #home = new Home();
  readonly #station: { id: string; host: string; colo: string; hint: LocationHint };
  readonly #nodes: SimulatedNodes;
  readonly #bulk: BulkLane;
  readonly #outbox: Outbox;
  #startedAt: number | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #gapMs = FIRST_PACE_MS;
  /** When somebody looks whether to exchange: behind a request, or who stayed behind for it. */
  #talkAt: number;
  #lookAt: number;
  #copyAt: number;
  #putAt = Number.NEGATIVE_INFINITY;
  #hasNews = false;
  /** Bumps are not joined here, since nobody asks for them. */
  #bumps: Have["bumps"];
  #writeShare: number;
  #writeAt: number;
  #writes = 0;

  constructor(index: number, site: CountedSite) {
    const { random, scheduler, database } = site;
    const now = scheduler.now();
    this.#id = `${index}-${random.next()}`;
    this.#site = site;
    this.#now = scheduler.now;
    this.#station = { id: this.#id, host: "", colo: site.colo.name, hint: site.hint };
    const nodes = database.nodes.map((name) => ({ name, maySleep: false, open: nothingToOpen }));
    this.state = new DatabaseState(nodes, { instruments: site.instruments });
    this.#outbox = new Outbox(this.state.ledger);
    this.#nodes = new SimulatedNodes(this.state, { scheduler, random, database, instruments: undefined });
    this.#bulk = new BulkLane(site.bulk);
    const startsAt = now + random.next() * 1_000;
    this.requests = new CountedRequests(
      {
        state: this.state,
        nodes: this.#nodes,
        now: scheduler.now,
        random: () => random.next(),
        background: (work) => scheduler.background(work),
        isDown: site.isDown,
        requestsPerSecond: site.requestsPerSecond,
        ended: () => this.#ended(),
      },
      startsAt,
    );
    this.#talkAt = startsAt;
    this.#lookAt = startsAt;
    this.#copyAt = startsAt;
    this.#writeShare = site.writes;
    this.#writeAt = startsAt + this.#untilNextWrite();
    this.#dueAt = startsAt;
  }

  /** Nothing happens before. */
  get dueAt(): number {
    return this.#dueAt;
  }

  set dueAt(at: number) {
    this.#dueAt = at;
    this.#site.file(this);
  }

  step(now: number): void {
    while (this.#writeAt <= now) this.#write(now);
    this.requests.advance();
    if (this.#lookAt <= now) this.#look(now);
    if (this.#talkAt <= now || this.requests.isByRate) this.#talk(now);
    if (this.#copyAt <= now) this.#lookAtCopy(now);
    this.dueAt = Math.min(this.#talkAt, this.#lookAt, this.#copyAt, this.#writeAt, this.requests.dueAt);
  }

  /** From now on this share of its requests writes. */
  setWrites(share: number, now: number): void {
    this.#writeShare = share;
    this.#writeAt = now + this.#untilNextWrite();
    if (this.#writeAt < this.dueAt) this.dueAt = this.#writeAt;
  }

  #ended(): void {
    this.#talkAt = this.#now();
    if (this.#talkAt < this.dueAt) this.dueAt = this.#talkAt;
  }

  /** Exchanges where that is due; else somebody stays until it is. */
  #talk(now: number): void {
    const decision = decide(
      {
        startedAt: this.#startedAt,
        lastAt: this.#lastAt,
        lastTookMs: 0,
        gapMs: this.#gapMs,
        failures: 0,
        quotaUntil: 0,
        urgentAt: this.#outbox.urgentAt(this.#lastAt),
        isEmpty: false,
        refreshAfter: 0,
      },
      now,
    );
    this.#talkAt = decision.act === "wait" ? now + decision.ms : Number.POSITIVE_INFINITY;
    if (decision.act === "exchange") this.#site.scheduler.background(this.#exchange());
  }

  /** As `Exchange`: leases are spent and settled, as long as more of them come; then the colo is told. */
  async #exchange(): Promise<void> {
    let leases = await this.#once();
    for (let round = 1; round < MAX_ROUNDS; round++) {
      await Promise.all(leases.map((lease) => this.#spend(lease)));
      if (!this.state.ledger.hasSettlements) break;
      leases = [];
      if (isInFlight(this.#startedAt, this.#now())) {
        await this.#site.scheduler.sleep(URGENT_GAP_MS);
        continue;
      }
      leases = await this.#once();
      if (!this.#outbox.isEmpty) break;
    }
    this.#leave();
  }

  async #once(): Promise<readonly Lease[]> {
    const startedAt = this.#now();
    this.exchanges++;
    this.#startedAt = startedAt;
    const report = this.#outbox.freeze(startedAt, () => this.#sender(startedAt));
    const collector = this.#home.collector(this.#station);
    const occasion = { now: startedAt, isIncident: this.#isIncident, eager: false, mayBegin: this.#home.isSteady };
    const bulk = this.#bulk.next(collector, occasion);
    const called = await this.#site.exchange(collector, report.text, startedAt - report.frozenAt, bulk);
    if (called.kind === "failed") throw new Error(`nothing fails in this world: ${called.message}`);
    const now = this.#now();
    if (this.#startedAt === startedAt) this.#startedAt = undefined;
    this.#lastAt = now;
    const reply = JSON.parse(withoutBuckets(called.value)) as Reply; // composed a moment ago
    this.#gapMs = reply.nextInMs;
    this.state.view.softMs = Math.max(SOFT_HORIZON_MS, 2 * reply.nextInMs);
    this.#outbox.heard(reply, report, false);
    this.#bulk.heard(collector, reply.bulkAck ?? 0, reply.bulkSeen ?? 0);
    this.#home.heard(reply, this.#bulk.isPending);
    const { bumps, ...parts } = reply.parts;
    if (bumps) this.#bumps = { ...stampOf(bumps), seq: bumps.seq };
    this.#adopt(parts, called.tookMs, false);
    this.#talkAt = now;
    this.dueAt = now;
    return reply.leases ?? [];
  }

  #sender(now: number) {
    const have = { ...this.state.view.have(), ...(this.#bumps ? { bumps: this.#bumps } : {}) };
    const checks = nodesToCheck(this.state, now).map(({ name }) => name);
    return {
      id: this.#id,
      colo: this.#site.colo.name,
      shards: this.#home.shards,
      have,
      standing: this.state.standing(now),
      checks,
    };
  }

  get #isIncident(): boolean {
    const nodes = this.state.view.breaker?.part.nodes ?? [];
    return nodes.some(({ state }) => state !== "closed" && state !== "forced-closed");
  }

  async #spend(lease: Lease): Promise<void> {
    const { id, kind, node, epoch } = lease;
    const outcome = await this.#nodes.spend(lease);
    if (kind === "probe") this.state.ledger.settled({ lease: id, node, epoch, outcome }, this.#now());
  }

  /** What came until now met what was known until now. */
  #adopt(parts: Parts, elapsedMs: number, viaNeighbour: boolean): void {
    this.requests.advance();
    const now = this.#now();
    const changes = this.state.view.adopt(parts, elapsedMs, now, viaNeighbour);
    if (!viaNeighbour) this.#hasNews ||= changes.breaker || changes.replicas;
    this.state.breakers.heardWorld(now);
    this.state.heardMap(now);
    const word = this.state.view.breaker?.part.nodes ?? [];
    const isOpen = word.length > 0 && word.every(({ state }) => state !== "closed" && state !== "forced-closed");
    this.heardOpenAt = isOpen ? (this.heardOpenAt ?? now) : undefined;
  }

  #leave(): void {
    const now = this.#now();
    if (!this.#hasNews && now - this.#putAt < COLO_PUT_MS) return;
    this.#hasNews = false;
    this.#putAt = now;
    this.#site.colo.copy = { parts: this.state.view.handOn(now), storedAt: now };
  }

  #lookAtCopy(now: number): void {
    this.#copyAt = now + COLO_LOOK_MS + this.requests.untilNext();
    const { copy } = this.#site.colo;
    if (copy) this.#adopt(copy.parts, now - copy.storedAt + COLO_SKEW_MS, true);
  }

  #look(now: number): void {
    this.#lookAt = now + LOOK_EVERY_MS + this.requests.untilNext();
    this.#nodes.look(false, (work) => this.#site.scheduler.background(work));
  }

  #write(now: number): void {
    this.#writeAt += this.#untilNextWrite();
    const [primary] = this.state.nodes;
    if (this.#site.isDown() || !primary) return;
    const permit = this.state.gates.enter(this.#nodes.asker, primary.name, "first");
    if (permit.kind === "refused") return;
    this.state.observe(primary.name, { failure: undefined, kind: "write", now, sentAt: now });
    this.state.gates.leave(permit, undefined, now);
    const bucket = Math.floor(this.#site.random.next() * TAG_BUCKETS);
    this.state.ledger.bump({ id: `${this.#id.slice(0, 24)}.${this.#writes++}`, buckets: [bucket] }, now);
  }

  #untilNextWrite(): number {
    if (this.#writeShare === 0) return Number.POSITIVE_INFINITY;
    return this.requests.untilNext() / this.#writeShare;
  }
}

function nothingToOpen(): never {
  throw new Error("counted nodes are asked by the count alone");
}

/** Up to a thousand numbers that are not joined here: to read them would be most of a writing world's work. */
function withoutBuckets(reply: string): string {
  const from = reply.indexOf('"buckets":[[');
  const to = from < 0 ? -1 : reply.indexOf("]]", from);
  return to < 0 ? reply : `${reply.slice(0, from)}"buckets":[${reply.slice(to + 1)}`;
}

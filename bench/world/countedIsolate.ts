import { CROWD_REPORTERS, CROWD_SPREAD_MS, SOFT_HORIZON_MS } from "../../src/breaker/constants.ts";
import { BulkLane } from "../../src/exchange/bulkLane.ts";
import {
  BUMP_GAP_MS,
  COLO_LOOK_MS,
  COLO_PUT_MS,
  COLO_SKEW_MS,
  FIRST_PACE_MS,
  UNACKNOWLEDGED_GAP_MS,
} from "../../src/exchange/constants.ts";
import { decide } from "../../src/exchange/decide.ts";
import { Home } from "../../src/exchange/home.ts";
import { LOOK_EVERY_MS } from "../../src/health/constants.ts";
import type { Called } from "../../src/rpc/callObject.ts";
import { MAX_BUMPS, TAG_BUCKETS, WIRE } from "../../src/rpc/constants.ts";
import type { LocationHint } from "../../src/rpc/locationHint.ts";
import type { Lease, Reply } from "../../src/rpc/reply.ts";
import type { Bump, Report, Settlement } from "../../src/rpc/report.ts";
import { NODES, QUESTION_MS, REFUSED_MS, TELL_FAILURE_AFTER_MS, TELL_FAILURE_EVERY_MS } from "./constants.ts";
import { CountedNodes, type Word } from "./countedNodes.ts";

/** What the isolates of one colo share. */
export interface CountedColo {
  readonly name: string;
  copy: Word | undefined;
}

/** What an isolate has around it. */
export interface CountedSite {
  readonly random: () => number;
  readonly colo: CountedColo;
  readonly hint: LocationHint;
  readonly now: () => number;
  readonly exchange: (
    collector: string,
    report: string,
    heldMs: number,
    bulk: string | undefined,
  ) => Promise<Called<string>>;
  /** Lets work go on; it must not fail. */
  readonly background: (work: Promise<unknown>) => void;
  readonly isDown: () => boolean;
  readonly requestsPerSecond: number;
  /** Share of requests that write. */
  readonly writes: number;
  readonly bulk: () => unknown;
}

interface Frozen {
  readonly report: Report;
  readonly text: string;
  readonly frozenAt: number;
  readonly isUrgent: boolean;
}

/**
 * One isolate, counted by its exchanges and not by its requests: those come often enough that whatever is due is done.
 * When to exchange is production's `decide`, what rides along its `BulkLane`; the rest says `Exchange`, `View` and
 * `AfterEvents` again as far as they make it speak.
 */
export class CountedIsolate {
  /** Nothing happens before. */
  dueAt: number;
  exchanges = 0;
  readonly #id: string;
  readonly #site: CountedSite;
  readonly #home = new Home();
  readonly #station: { id: string; host: string; colo: string; hint: LocationHint };
  readonly #nodes: CountedNodes;
  readonly #bulk: BulkLane;
  #seq = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #gapMs = FIRST_PACE_MS;
  #since: number;
  #urgentAt: number | undefined;
  #isAway = false;
  #pending: Frozen | undefined;
  #unacknowledged = 0;
  /** A lease was spent: its settlement goes at once. */
  #followAt: number | undefined;
  #lookAt: number;
  #copyAt: number;
  #putAt = Number.NEGATIVE_INFINITY;
  #hasNews = false;
  #failAt: number | undefined;
  #toldFailureAt = Number.NEGATIVE_INFINITY;
  #failed = 0;
  #hasMoreTrips = false;
  #settle: Settlement[] = [];
  #bumps: Bump[] = [];
  #bumpUrgentAt = 0;
  #writeShare: number;
  #writeAt: number;
  #writes = 0;

  constructor(index: number, site: CountedSite) {
    const { random } = site;
    const now = site.now();
    this.#id = `${index}-${random()}`;
    this.#site = site;
    this.#station = { id: this.#id, host: "", colo: site.colo.name, hint: site.hint };
    this.#nodes = new CountedNodes(random() < 0.5 ? 1 : 2, site.isDown);
    this.#bulk = new BulkLane(site.bulk);
    const startsAt = now + random() * 1_000;
    this.#since = startsAt;
    this.#lookAt = startsAt;
    this.#copyAt = startsAt;
    this.#writeShare = site.writes;
    this.#writeAt = startsAt + this.#untilNextWrite();
    this.dueAt = startsAt;
  }

  step(now: number): void {
    while (this.#writeAt <= now) this.#write(now);
    this.#fail(now);
    if (this.#lookAt <= now) this.#look(now);
    const waitMs = this.#isAway ? Number.POSITIVE_INFINITY : this.#talk(now);
    if (this.#copyAt <= now) this.#lookAtCopy(now);
    const failAt = this.#failAt ?? Number.POSITIVE_INFINITY;
    this.dueAt = Math.min(now + waitMs, this.#lookAt, this.#copyAt, this.#writeAt, failAt);
  }

  /** From now on this share of its requests writes. */
  setWrites(share: number, now: number): void {
    this.#writeShare = share;
    this.#writeAt = now + this.#untilNextWrite();
    this.dueAt = Math.min(this.dueAt, this.#writeAt);
  }

  /** When it first held the world's word that all nodes are open; undefined: it does not. */
  get heardOpenAt(): number | undefined {
    return this.#nodes.heardOpenAt;
  }

  /** Exchanges where that is due; else how long until it is. */
  #talk(now: number): number {
    if (this.#followAt !== undefined) {
      if (this.#followAt > now) return this.#followAt - now;
      this.#followAt = undefined;
      this.#send(now);
      return Number.POSITIVE_INFINITY;
    }
    const decision = decide(
      {
        startedAt: undefined,
        lastAt: this.#lastAt,
        gapMs: this.#gapMs,
        failures: 0,
        quotaUntil: 0,
        urgentAt: this.#urgentNow(),
        isEmpty: false,
        refreshAfter: 0,
      },
      now,
    );
    if (decision.act === "wait") return decision.ms;
    this.#send(now);
    return Number.POSITIVE_INFINITY;
  }

  #urgentNow(): number | undefined {
    if (this.#unacknowledged > 0) {
      return this.#lastAt + UNACKNOWLEDGED_GAP_MS * 2 ** Math.min(4, this.#unacknowledged - 1);
    }
    return this.#pending?.isUrgent ? this.#pending.frozenAt : this.#urgentAt;
  }

  #send(now: number): void {
    this.exchanges++;
    this.#isAway = true;
    this.#site.background(this.#exchange(this.#freeze(now), now));
  }

  async #exchange(sent: Frozen, sentAt: number): Promise<void> {
    const collector = this.#home.collector(this.#station);
    const occasion = { now: sentAt, isIncident: this.#nodes.isIncident, eager: false, mayBegin: this.#home.isSteady };
    const bulk = this.#bulk.next(collector, occasion);
    const called = await this.#site.exchange(collector, sent.text, sentAt - sent.frozenAt, bulk);
    const now = this.#site.now();
    this.#isAway = false;
    this.dueAt = now;
    this.#lastAt = now;
    if (called.kind === "failed") throw new Error(`nothing fails in this world: ${called.message}`);
    this.#hear(JSON.parse(called.value) as Reply, collector, sent, called.tookMs, now); // composed a moment ago
  }

  #hear(reply: Reply, collector: string, sent: Frozen, tookMs: number, now: number): void {
    this.#gapMs = reply.nextInMs;
    this.#nodes.softMs = Math.max(SOFT_HORIZON_MS, 2 * reply.nextInMs);
    const isTaken = reply.ack >= sent.report.seq;
    this.#unacknowledged = isTaken ? 0 : this.#unacknowledged + 1;
    if (isTaken) this.#pending = undefined;
    this.#bulk.heard(collector, reply.bulkAck ?? 0, reply.bulkSeen ?? 0);
    this.#home.heard(reply, this.#bulk.isPending);
    const { breaker } = reply.parts;
    if (breaker) this.#adopt({ part: breaker, said: now - tookMs - breaker.ageMs }, now);
    if (reply.leases) this.#spend(reply.leases, now);
    if (!this.#hasNews && now - this.#putAt < COLO_PUT_MS) return;
    this.#hasNews = false;
    this.#putAt = now;
    this.#site.colo.copy = this.#nodes.held;
  }

  #spend(leases: readonly Lease[], now: number): void {
    const outcome = this.#site.isDown() ? "failed" : "ok";
    for (const { id, kind, node, epoch } of leases) {
      const index = NODES.indexOf(node as (typeof NODES)[number]); // leases name configured nodes alone
      this.#nodes.saw(index, outcome === "ok", now + QUESTION_MS);
      if (kind === "probe") this.#settle.push({ lease: id, node, epoch, outcome });
    }
    if (this.#settle.length === 0) return;
    this.#followAt = now + QUESTION_MS;
    this.#urgentAt = now;
  }

  #adopt(word: Word, now: number): void {
    if (this.#nodes.adopt(word, now)) this.#hasNews = true;
  }

  #lookAtCopy(now: number): void {
    this.#copyAt = now + COLO_LOOK_MS + this.#untilNextRequest();
    const { copy } = this.#site.colo;
    if (copy) this.#adopt({ ...copy, said: copy.said - COLO_SKEW_MS }, now);
  }

  /** As `AfterEvents`: what nobody asked for too long is urgent. */
  #look(now: number): void {
    this.#lookAt = now + LOOK_EVERY_MS + this.#untilNextRequest();
    if (this.#nodes.asksForCheck(now)) this.#urgent(now);
  }

  /** Each request that reaches dead nodes: enough of them open those here, and that is urgent. */
  #fail(now: number): void {
    if (!this.#site.isDown()) this.#nodes.answered();
    while (this.#site.isDown() && this.#nodes.serving(now) !== undefined) {
      this.#failAt ??= now + this.#untilNextRequest();
      if (this.#failAt > now) return;
      this.#failAt += this.#untilNextRequest();
      this.#failed++;
      if (this.#nodes.failed(now)) this.#tellTrips(now);
      else this.#tellFailure(now);
    }
    this.#failAt = undefined;
  }

  /**
   * Nodes are asked one after the other: a request that ends meanwhile takes along that the first is open, and the rest
   * is told after it.
   */
  #tellTrips(now: number): void {
    this.#urgent(now + this.#crowdMs(0));
    this.#hasMoreTrips = this.#urgentAt === now && this.#untilNextRequest() < (NODES.length - 1) * REFUSED_MS;
  }

  /** As `NodeBreakers`: a failure is told though it opened nothing, after a breath, and not often. */
  #tellFailure(now: number): void {
    const at = Math.max(now + TELL_FAILURE_AFTER_MS + this.#crowdMs(1), this.#toldFailureAt + TELL_FAILURE_EVERY_MS);
    if (this.#urgentAt !== undefined && this.#urgentAt <= at) return;
    this.#toldFailureAt = at;
    this.#urgent(at);
  }

  #crowdMs(least: number): number {
    const isCrowd = (this.#nodes.held?.part.reporters ?? 0) > CROWD_REPORTERS;
    return isCrowd ? (least + this.#site.random()) * CROWD_SPREAD_MS : 0;
  }

  #write(now: number): void {
    this.#writeAt += this.#untilNextWrite();
    if (this.#site.isDown()) return;
    this.#nodes.wrote(now);
    this.#bumps.push({ id: `${this.#id}.${this.#writes++}`, buckets: [Math.floor(this.#site.random() * TAG_BUCKETS)] });
    this.#urgent(Math.max(now, this.#bumpUrgentAt));
  }

  #urgent(at: number): void {
    this.#urgentAt = Math.min(this.#urgentAt ?? at, at);
  }

  #freeze(now: number): Frozen {
    if (this.#pending) return this.#pending;
    const { requestsPerSecond } = this.#site;
    const overMs = now - this.#since;
    const requests = Math.round((requestsPerSecond * overMs) / 1_000);
    const bumps = this.#bumps.splice(0, MAX_BUMPS);
    if (bumps.length > 0) this.#bumpUrgentAt = now + BUMP_GAP_MS;
    this.#seq++;
    const report: Report = {
      wire: WIRE,
      id: this.#id,
      seq: this.#seq,
      colo: this.#site.colo.name,
      shards: this.#home.shards,
      overMs,
      requests,
      have: this.#nodes.have,
      outcomes: this.#nodes.outcomes(requests, this.#failed, now),
      standing: this.#nodes.standing(now),
      samples: [],
      asks: { checks: this.#nodes.checksWanted(now), sample: false, bounded: false },
      settle: this.#settle,
      bumps,
    };
    this.#pending = {
      report,
      text: JSON.stringify(report),
      frozenAt: now,
      isUrgent: this.#urgentAt !== undefined && this.#urgentAt <= now,
    };
    this.#since = now;
    this.#failed = 0;
    this.#settle = [];
    this.#urgentAt = this.#bumps.length > 0 ? this.#bumpUrgentAt : undefined;
    if (this.#hasMoreTrips) this.#urgent(now);
    this.#hasMoreTrips = false;
    return this.#pending;
  }

  #untilNextRequest(): number {
    return (-1_000 * Math.log(1 - this.#site.random())) / this.#site.requestsPerSecond;
  }

  #untilNextWrite(): number {
    if (this.#writeShare === 0) return Number.POSITIVE_INFINITY;
    return this.#untilNextRequest() / this.#writeShare;
  }
}

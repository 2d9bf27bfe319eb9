import { HARD_HORIZON_MS, SOFT_HORIZON_MS } from "../../src/breaker/constants.ts";
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
import { CHECK_AFTER_MS, LOOK_EVERY_MS, URGENT_CHECK_AGE_MS } from "../../src/health/constants.ts";
import type { Called } from "../../src/rpc/callObject.ts";
import { MAX_BUMPS, TAG_BUCKETS, WIRE } from "../../src/rpc/constants.ts";
import type { LocationHint } from "../../src/rpc/locationHint.ts";
import type { BreakerPart } from "../../src/rpc/parts.ts";
import type { Lease, Reply } from "../../src/rpc/reply.ts";
import type { Bump, Report, Settlement } from "../../src/rpc/report.ts";
import { compareStamps, stampOf } from "../../src/rpc/stamp.ts";
import { NODES, QUESTION_MS } from "./constants.ts";

/** The breaker's word, and when it was spoken at the earliest. */
interface Word {
  readonly part: BreakerPart;
  readonly said: number;
}

/** What the isolates of one colo share. */
export interface CountedColo {
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
  readonly writes: number;
  readonly bulk: () => unknown;
}

const PRIMARY = 0;
/** A node is opened after five failures; the first requests of an outage make them. */
const REQUESTS_UNTIL_TRIPPED = 5;

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
  /** When it first held the world's word that all nodes are open; undefined: it does not. */
  heardOpenAt: number | undefined;
  readonly #id: string;
  readonly #site: CountedSite;
  readonly #home = new Home();
  readonly #station: { id: string; host: string; colo: string; hint: LocationHint };
  readonly #preferred: number;
  readonly #bulk: BulkLane;
  #held: Word | undefined;
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
  readonly #successAt: (number | undefined)[] = [undefined, undefined, undefined];
  readonly #failureAt: (number | undefined)[] = [undefined, undefined, undefined];
  /** The world's epoch under which each node was opened here; undefined: it is closed here. */
  readonly #trippedIn: (number | undefined)[] = [undefined, undefined, undefined];
  #tripAt: number | undefined;
  #failed = 0;
  #settle: Settlement[] = [];
  #bumps: Bump[] = [];
  #bumpUrgentAt = 0;
  #writeAt: number;
  #writes = 0;

  constructor(index: number, site: CountedSite) {
    const { random } = site;
    const now = site.now();
    this.#id = `${index}-${random()}`;
    this.#site = site;
    this.#station = { id: this.#id, host: "", colo: "", hint: site.hint };
    this.#preferred = random() < 0.5 ? 1 : 2;
    this.#bulk = new BulkLane(site.bulk);
    const startsAt = now + random() * 1_000;
    this.#since = startsAt;
    this.#lookAt = startsAt;
    this.#copyAt = startsAt;
    this.#writeAt = startsAt + this.#untilNextWrite();
    this.dueAt = startsAt;
  }

  step(now: number): void {
    while (this.#writeAt <= now) this.#write(now);
    this.#fail(now);
    if (this.#lookAt <= now) this.#look(now);
    const waitMs = this.#isAway ? Number.POSITIVE_INFINITY : this.#talk(now);
    if (this.#copyAt <= now) this.#lookAtCopy(now);
    const tripAt = this.#tripAt ?? Number.POSITIVE_INFINITY;
    this.dueAt = Math.min(now + waitMs, this.#lookAt, this.#copyAt, this.#writeAt, tripAt);
  }

  /** How old the breaker's word is here. */
  wordAgeMs(now: number): number {
    return this.#held ? now - this.#held.said : Number.POSITIVE_INFINITY;
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
    const occasion = { now: sentAt, isIncident: this.#isIncident(), eager: false, mayBegin: this.#home.isSteady };
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
    this.#site.colo.copy = this.#held;
  }

  #spend(leases: readonly Lease[], now: number): void {
    const outcome = this.#site.isDown() ? "failed" : "ok";
    for (const { id, kind, node, epoch } of leases) {
      const index = NODES.indexOf(node as (typeof NODES)[number]); // leases name configured nodes alone
      if (outcome === "ok") this.#successAt[index] = now + QUESTION_MS;
      else this.#failureAt[index] = now + QUESTION_MS;
      if (kind === "probe") this.#settle.push({ lease: id, node, epoch, outcome });
    }
    if (this.#settle.length === 0) return;
    this.#followAt = now + QUESTION_MS;
    this.#urgentAt = now;
  }

  #adopt(word: Word, now: number): void {
    const order = this.#held ? compareStamps(word.part, this.#held.part) : 1;
    if (order < 0 || (order === 0 && this.#held && word.said <= this.#held.said)) return;
    this.#held = word;
    this.#hasNews ||= order > 0;
    const isFresh = this.#isFresh(now);
    for (const [index, node] of word.part.nodes.entries()) {
      const trippedIn = this.#trippedIn[index];
      if (isFresh && node.state === "closed" && trippedIn !== undefined && node.epoch > trippedIn) {
        this.#trippedIn[index] = undefined;
      }
    }
    const isOpen = word.part.nodes.every(({ state }) => state !== "closed");
    if (isOpen) this.heardOpenAt ??= now;
    else this.heardOpenAt = undefined;
  }

  #lookAtCopy(now: number): void {
    this.#copyAt = now + COLO_LOOK_MS + this.#untilNextRequest();
    const { copy } = this.#site.colo;
    if (copy) this.#adopt({ ...copy, said: copy.said - COLO_SKEW_MS }, now);
  }

  /** As `AfterEvents`: what nobody asked for too long is urgent. */
  #look(now: number): void {
    this.#lookAt = now + LOOK_EVERY_MS + this.#untilNextRequest();
    const isUrgent = (index: number) => {
      if (!this.#isCheckWanted(index, now)) return false;
      const seenAt = this.#seenAt(index, now);
      const failedAt = this.#failureAt[index] ?? Number.NEGATIVE_INFINITY;
      return (
        seenAt === undefined || failedAt > (this.#successOf(index, now) ?? 0) || now - seenAt > URGENT_CHECK_AGE_MS
      );
    };
    if (NODES.some((_, index) => isUrgent(index))) this.#urgent(now);
  }

  #isCheckWanted(index: number, now: number): boolean {
    if (!this.#admits(index, now)) return false;
    const seenAt = this.#seenAt(index, now);
    return seenAt === undefined || now - seenAt >= CHECK_AFTER_MS;
  }

  #seenAt(index: number, now: number): number | undefined {
    const seen = Math.max(this.#successOf(index, now) ?? -1, this.#failureAt[index] ?? -1);
    return seen < 0 ? undefined : seen;
  }

  /** The newest success that this isolate knows of: its own reads, or what the world saw. */
  #successOf(index: number, now: number): number | undefined {
    if (index === this.#serving(now) && !this.#site.isDown()) return now;
    const ageMs = this.#held?.part.health[index]?.successAgeMs ?? null;
    const others = ageMs === null || !this.#held ? -1 : this.#held.said - ageMs;
    const newest = Math.max(this.#successAt[index] ?? -1, others);
    return newest < 0 ? undefined : newest;
  }

  /** Where reads go now: the replica that this isolate prefers, the other one, the primary; undefined: nowhere. */
  #serving(now: number): number | undefined {
    return [this.#preferred, 3 - this.#preferred, PRIMARY].find(
      (index) => index !== undefined && this.#admits(index, now),
    );
  }

  #admits(index: number, now: number): boolean {
    if (this.#trippedIn[index] !== undefined) return false;
    const verdict = this.#held?.part.nodes[index];
    return !verdict || !this.#isFresh(now) || verdict.state === "closed";
  }

  #isFresh(now: number): boolean {
    const ageMs = this.#held ? now - this.#held.said : Number.POSITIVE_INFINITY;
    return ageMs <= Math.min(HARD_HORIZON_MS, Math.max(SOFT_HORIZON_MS, 2 * this.#gapMs));
  }

  #isIncident(): boolean {
    return this.#held?.part.nodes.some(({ state }) => state !== "closed") ?? false;
  }

  /** Requests that reach a dead node open it here, and that is urgent. */
  #fail(now: number): void {
    if (!this.#site.isDown() || this.#serving(now) === undefined) {
      this.#tripAt = undefined;
      return;
    }
    const perMs = this.#site.requestsPerSecond / 1_000;
    this.#tripAt ??= now + (REQUESTS_UNTIL_TRIPPED - 1 + 2 * this.#site.random()) / perMs;
    if (this.#tripAt > now) return;
    this.#tripAt = undefined;
    this.#failed += REQUESTS_UNTIL_TRIPPED;
    for (const [index] of NODES.entries()) {
      this.#failureAt[index] = now;
      this.#trippedIn[index] ??= this.#held?.part.nodes[index]?.epoch ?? 0;
    }
    this.#urgent(now);
  }

  #write(now: number): void {
    this.#writeAt += this.#untilNextWrite();
    if (this.#site.isDown()) return;
    this.#successAt[PRIMARY] = now;
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
    const epochOf = (index: number) => this.#held?.part.nodes[index]?.epoch ?? 0;
    const serving = this.#serving(now);
    const ok = serving === undefined || this.#site.isDown() ? 0 : requests;
    const failed = this.#failed;
    const indices = failed > 0 ? [0, 1, 2] : ok > 0 && serving !== undefined ? [serving] : [];
    const age = (at: number | undefined) => (at === undefined ? null : Math.max(0, now - at));
    const bumps = this.#bumps.splice(0, MAX_BUMPS);
    if (bumps.length > 0) this.#bumpUrgentAt = now + BUMP_GAP_MS;
    this.#seq++;
    const report: Report = {
      wire: WIRE,
      id: this.#id,
      seq: this.#seq,
      colo: "",
      shards: this.#home.shards,
      overMs,
      requests,
      have: this.#held ? { breaker: stampOf(this.#held.part) } : {},
      outcomes: indices.map((index) => ({
        node: NODES[index] ?? "",
        kind: "read",
        epoch: epochOf(index),
        ok: index === serving ? ok : 0,
        failed,
        slow: 0,
        excluded: 0,
      })),
      standing: NODES.map((node, index) => ({
        node,
        epoch: epochOf(index),
        failedRun: this.#trippedIn[index] === undefined ? 0 : REQUESTS_UNTIL_TRIPPED,
        slowRun: 0,
        tripped: this.#trippedIn[index] !== undefined,
        successAgeMs: age(index === serving && ok > 0 ? now : this.#successAt[index]),
        failureAgeMs: age(this.#failureAt[index]),
        queryAgeMs: age(index === serving ? now : undefined),
      })),
      samples: [],
      asks: { checks: NODES.filter((_, index) => this.#isCheckWanted(index, now)), sample: false, bounded: false },
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
    return this.#pending;
  }

  #untilNextRequest(): number {
    return (-1_000 * Math.log(1 - this.#site.random())) / this.#site.requestsPerSecond;
  }

  #untilNextWrite(): number {
    const { requestsPerSecond, writes, random } = this.#site;
    if (writes === 0) return Number.POSITIVE_INFINITY;
    return (-1_000 * Math.log(1 - random())) / (requestsPerSecond * writes);
  }
}

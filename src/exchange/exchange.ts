import { SOFT_HORIZON_MS } from "../breaker/constants.ts";
import type { Called } from "../rpc/callObject.ts";
import { EXCHANGE_DEADLINE_MS, MAX_DIGEST_CHARS, QUOTA_PAUSE_MS, WIRE } from "../rpc/constants.ts";
import type { LocationHint } from "../rpc/locationHint.ts";
import type { ObjectTrouble } from "../rpc/objectTrouble.ts";
import { readMessage } from "../rpc/readMessage.ts";
import { type Lease, type Reply, replySchema } from "../rpc/reply.ts";
import type { Report, Settlement, Standing } from "../rpc/report.ts";
import type { BulkLane } from "./bulkLane.ts";
import type { ColoCopyShelf, Place } from "./coloCopy.ts";
import {
  COLO_LOOK_MS,
  COLO_PUT_MS,
  COLO_REFRESH_MS,
  FIRST_PACE_MS,
  IN_FLIGHT_MS,
  LINGER_MAX_MS,
  MAX_ROUNDS,
  MOVE_AFTER_FAILURES,
  RETURN_AFTER_MS,
  THAW_AFTER_MS,
  UNACKNOWLEDGED_GAP_MS,
} from "./constants.ts";
import { type Decision, decide } from "./decide.ts";
import type { Ledger } from "./ledger.ts";
import type { Changes, View } from "./view.ts";

/** Where and as whom this isolate reports. */
export interface Station extends Place {
  readonly id: string;
  /** The region of its Collectors. */
  readonly hint: LocationHint;
}

/** What the exchange needs of the rest of the isolate. */
export interface ExchangePorts {
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Sends a report to a Collector of that name. Never rejects. */
  readonly call: (
    collector: string,
    station: Station,
    report: string,
    heldMs: number,
    bulk: string | undefined,
    deadlineMs: number,
  ) => Promise<Called<string>>;
  readonly shelf: ColoCopyShelf;
  /** What this isolate thinks of each node now, and which nodes somebody should look at. */
  readonly standing: (now: number) => Standing[];
  readonly checksWanted: (now: number) => string[];
  /** Spends a lease: asks the node, and tells how it went. */
  readonly spend: (lease: Lease) => Promise<Settlement["outcome"]>;
  /** The view became another. */
  readonly changed: (changes: Changes, now: number) => void;
  /** How an exchange ended, for the metrics. */
  readonly ended: (outcome: ExchangeEnd, tookMs: number) => void;
}

/** `refused`: answered, and the report not taken. */
type ExchangeEnd = "answered" | "refused" | ObjectTrouble;

interface Pending {
  readonly seq: number;
  readonly text: string;
  readonly frozenAt: number;
  readonly isUrgent: boolean;
  /** What must not be lost with it. */
  readonly bumps: Report["bumps"];
}

/** Whether anything was done, and what for. */
export interface ExchangeStatus {
  readonly lastAgoMs: number | null;
  readonly gapMs: number;
  readonly failures: number;
  readonly trouble: string | null;
  readonly collector: string;
  readonly pending: boolean;
  readonly pendingBulk: number;
}

/**
 * An isolate's talk with its Collector: what happened here goes up, what was decided comes down. Always after a
 * response; nothing in here is awaited by a request, but for those named in the design.
 */
export class Exchange {
  #station: Station;
  readonly #ports: ExchangePorts;
  readonly #ledger: Ledger;
  readonly #view: View;
  readonly #bulk: BulkLane;
  #isSettled = false;
  #seq = 0;
  #pending: Pending | undefined;
  #startedAt: number | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #gapMs = FIRST_PACE_MS;
  #failures = 0;
  #unacknowledged = 0;
  #trouble: string | null = null;
  #quotaUntil = 0;
  #shards = 1;
  #shardOffset = 0;
  #movedAt = 0;
  #lingerUntil = 0;
  #refreshAfter = 0;
  /** The view changed since the colo's copy was left. */
  #hasNews = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #putAt = Number.NEGATIVE_INFINITY;

  constructor(station: Station, ports: ExchangePorts, state: { ledger: Ledger; view: View; bulk: BulkLane }) {
    this.#station = station;
    this.#ports = ports;
    this.#ledger = state.ledger;
    this.#view = state.view;
    this.#bulk = state.bulk;
  }

  /** Where this isolate is, once a request told it. */
  settleIn(station: Station): void {
    this.#station = station;
    this.#isSettled = true;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  get station(): Station {
    return this.#station;
  }

  /** A request was answered: does what is due, behind it. */
  afterResponse(waitUntil: (work: Promise<unknown>) => void): void {
    const now = this.#ports.now();
    const decision = this.#decide(now);
    if (decision.act === "exchange") waitUntil(this.#run());
    else if (this.#mustLinger(decision.ms, now)) waitUntil(this.#linger(decision.ms, now));
    if (decision.act !== "exchange" && now - this.#lookedAt >= COLO_LOOK_MS) waitUntil(this.#look());
  }

  /**
   * One exchange now, for those that may wait for it; what leases it brings is done behind them. False: it failed, or
   * another is under way, whose promise is another request's. `eager`: with the counts, however young.
   */
  async exchangeNow(
    deadlineMs: number,
    waitUntil: (work: Promise<unknown>) => void,
    { eager = false }: { eager?: boolean } = {},
  ): Promise<boolean> {
    const now = this.#ports.now();
    if (this.#isInFlight(now) || this.#quotaUntil > now) return false;
    const reply = await this.#once(deadlineMs, eager);
    waitUntil(this.#follow(reply));
    return reply !== undefined;
  }

  /** Objects do not answer: while that is so, this isolate looks after itself. */
  get hasFailed(): boolean {
    return this.#failures > 0 || this.#quotaUntil > this.#ports.now();
  }

  get coloCopyTrouble(): string | undefined {
    return this.#ports.shelf.trouble;
  }

  status(now: number): ExchangeStatus {
    return {
      lastAgoMs: this.#lastAt === Number.NEGATIVE_INFINITY ? null : now - this.#lastAt,
      gapMs: this.#gapMs,
      failures: this.#failures,
      trouble: this.#trouble,
      collector: this.#collector(),
      pending: this.#pending !== undefined,
      pendingBulk: this.#bulk.pending,
    };
  }

  #decide(now: number): Decision {
    return decide(
      {
        startedAt: this.#startedAt,
        lastAt: this.#lastAt,
        gapMs: this.#gapMs,
        failures: this.#failures,
        quotaUntil: this.#quotaUntil,
        urgentAt: this.#urgentAt(),
        isEmpty: this.#ledger.isEmpty && this.#pending === undefined,
        refreshAfter: this.#refreshAfter,
      },
      now,
    );
  }

  /** Until the owners took the last report, what is new waits behind it. */
  #urgentAt(): number | undefined {
    if (this.#unacknowledged > 0) {
      return this.#lastAt + UNACKNOWLEDGED_GAP_MS * 2 ** Math.min(4, this.#unacknowledged - 1);
    }
    if (this.#pending?.isUrgent) return this.#pending.frozenAt;
    return this.#ledger.urgentAt;
  }

  #isInFlight(now: number): boolean {
    return this.#startedAt !== undefined && now - this.#startedAt < IN_FLIGHT_MS;
  }

  /** Traffic may end with this request: what it told must not wait for the next one for ever. */
  #mustLinger(ms: number, now: number): boolean {
    if (ms > LINGER_MAX_MS || (this.#ledger.isEmpty && this.#pending === undefined)) return false;
    return this.#lingerUntil <= now || now + ms < this.#lingerUntil - 1;
  }

  async #linger(ms: number, now: number): Promise<void> {
    this.#lingerUntil = now + ms;
    await this.#ports.sleep(ms);
    if (this.#decide(this.#ports.now()).act === "exchange") await this.#run();
  }

  async #run(): Promise<void> {
    await this.#follow(await this.#once(EXCHANGE_DEADLINE_MS, false));
  }

  /** What an answer asks for: its leases are spent and settled, as long as more of them come; then the colo is told. */
  async #follow(first: Reply | undefined): Promise<void> {
    let reply = first;
    for (let round = 1; round < MAX_ROUNDS && reply?.leases?.length; round++) {
      await Promise.all(reply.leases.map((lease) => this.#spend(lease)));
      if (this.#ledger.urgentAt === undefined) break;
      reply = await this.#once(EXCHANGE_DEADLINE_MS, false);
    }
    if (reply) await this.#leaveCopy();
  }

  /** A check's outcome goes up with the next report, at once if it is bad; only a probe has to be settled. */
  async #spend({ id, kind, node, epoch, expiresInMs }: Lease): Promise<void> {
    const outcome = await this.#ports.spend({ id, kind, node, epoch, expiresInMs });
    if (kind === "probe") this.#ledger.settled({ lease: id, node, epoch, outcome }, this.#ports.now());
  }

  async #once(deadlineMs: number, eager: boolean): Promise<Reply | undefined> {
    const { now, call } = this.#ports;
    const startedAt = now();
    this.#startedAt = startedAt;
    this.#returnHome(startedAt);
    const pending = this.#freeze(startedAt);
    const collector = this.#collector();
    const bulk = this.#bulk.next(collector, startedAt, this.#isIncident(), eager);
    const called = await call(collector, this.#station, pending.text, startedAt - pending.frozenAt, bulk, deadlineMs);
    const endedAt = now();
    const isMine = this.#startedAt === startedAt;
    if (isMine) this.#startedAt = undefined;
    this.#lastAt = endedAt;
    const reply = called.kind === "answered" ? readMessage(replySchema, called.value, MAX_DIGEST_CHARS) : undefined;
    this.#ports.ended(endOf(called, reply), called.tookMs);
    if (!reply) {
      this.#failed(called, endedAt);
      return undefined;
    }
    this.#heard(reply, pending, collector, called.tookMs, endedAt);
    return reply;
  }

  /** The report: the one that was not acknowledged, byte for byte, or a new one. */
  #freeze(now: number): Pending {
    if (this.#pending && now - this.#pending.frozenAt <= THAW_AFTER_MS) return this.#pending;
    for (const bump of this.#pending?.bumps ?? []) this.#ledger.bump(bump, now);
    const isUrgent = this.#ledger.urgentAt !== undefined;
    const entries = this.#ledger.take(now);
    this.#seq++;
    const report: Report = {
      wire: WIRE,
      id: this.#station.id,
      seq: this.#seq,
      colo: this.#station.colo,
      shards: this.#shards,
      overMs: entries.overMs,
      requests: entries.requests,
      have: this.#view.have(),
      outcomes: entries.outcomes,
      standing: this.#ports.standing(now),
      samples: entries.samples,
      asks: { checks: this.#ports.checksWanted(now), sample: entries.sample, bounded: entries.bounded },
      settle: entries.settle,
      bumps: entries.bumps,
    };
    const { bumps } = entries;
    this.#pending = { seq: this.#seq, text: JSON.stringify(report), frozenAt: now, isUrgent, bumps };
    return this.#pending;
  }

  #heard(reply: Reply, pending: Pending, collector: string, tookMs: number, now: number): void {
    this.#failures = 0;
    this.#trouble = null;
    this.#gapMs = reply.nextInMs;
    this.#view.softMs = Math.max(SOFT_HORIZON_MS, 2 * reply.nextInMs);
    const isRefused = reply.refused !== undefined && reply.refused !== "repeated";
    if (reply.ack >= pending.seq || isRefused) {
      if (this.#pending === pending) this.#pending = undefined;
      this.#unacknowledged = 0;
    } else {
      this.#unacknowledged++;
    }
    if (isRefused) this.#trouble = `refused: ${reply.refused}`;
    if (reply.bulkAck !== undefined && reply.bulkSeen !== undefined) {
      this.#bulk.heard(collector, reply.bulkAck, reply.bulkSeen);
    }
    // Another count of shards is another home: bulk that is still on its way there goes first.
    if (reply.shards !== this.#shards && this.#bulk.pending === 0) this.#shards = reply.shards;
    const changes = this.#view.adopt(reply.parts, tookMs, now);
    this.#hasNews ||= changes.breaker || changes.replicas || changes.bumps;
    this.#ports.changed(changes, now);
  }

  #failed(called: Called<string>, now: number): void {
    this.#failures++;
    this.#trouble = called.kind === "failed" ? `${called.trouble}: ${called.message}` : "not understood";
    if (called.kind === "failed" && called.trouble === "quota") this.#quotaUntil = now + QUOTA_PAUSE_MS;
    if (this.#failures % MOVE_AFTER_FAILURES === 0) {
      this.#shardOffset++;
      this.#movedAt = now;
    }
  }

  #returnHome(now: number): void {
    if (this.#shardOffset > 0 && this.#failures === 0 && now - this.#movedAt >= RETURN_AFTER_MS) this.#shardOffset = 0;
  }

  #collector(): string {
    const home = hashOf(this.#station.id) % this.#shards;
    const shard = (home + this.#shardOffset) % Math.max(this.#shards, this.#shardOffset > 0 ? 2 : 1);
    return `collector:${this.#station.hint}:${shard}`;
  }

  #isIncident(): boolean {
    return this.#view.breaker?.part.nodes.some(({ state }) => state !== "closed") ?? false;
  }

  async #leaveCopy(): Promise<void> {
    const now = this.#ports.now();
    if (!this.#hasNews && now - this.#putAt < COLO_PUT_MS) return;
    this.#hasNews = false;
    this.#putAt = now;
    await this.#ports.shelf.write(this.#station, this.#view.handOn(now), now + COLO_REFRESH_MS, this.#ports.now);
  }

  /** What a neighbour heard. */
  async #look(): Promise<void> {
    const { now, shelf } = this.#ports;
    this.#lookedAt = now();
    const found = await shelf.read(this.#station, now);
    if (!found) return;
    const changes = this.#view.adopt(found.copy.parts, found.elapsedMs, now(), true);
    this.#refreshAfter = found.copy.refreshAfter;
    this.#ports.changed(changes, now());
  }
}

function endOf(called: Called<string>, reply: Reply | undefined): ExchangeEnd {
  if (called.kind === "failed") return called.trouble;
  if (!reply) return "failed";
  return reply.refused === undefined || reply.refused === "repeated" ? "answered" : "refused";
}

/** Spreads reporters over shards; ids are random already. */
function hashOf(id: string): number {
  let hash = 0;
  for (let index = 0; index < id.length; index++) hash = (Math.imul(hash, 31) + id.charCodeAt(index)) >>> 0;
  return hash;
}

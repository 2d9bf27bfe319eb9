import type { Called } from "../rpc/callObject.ts";
import { EXCHANGE_DEADLINE_MS, MAX_DIGEST_CHARS, WIRE } from "../rpc/constants.ts";
import { readMessage } from "../rpc/readMessage.ts";
import { type Lease, type Reply, replySchema } from "../rpc/reply.ts";
import type { Report, Settlement, Standing } from "../rpc/report.ts";
import type { BulkLane } from "./bulkLane.ts";
import type { ColoCopyShelf } from "./coloCopy.ts";
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
export interface Station {
  readonly id: string;
  readonly colo: string;
  /** `collector:<region>`; shards are told apart by a number after it. */
  readonly collectors: string;
}

/** What the exchange needs of the rest of the isolate. */
export interface ExchangePorts {
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Sends a report to a Collector of that name. Never rejects. */
  readonly call: (
    collector: string,
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
  readonly ended: (outcome: string, tookMs: number) => void;
}

interface Pending {
  readonly seq: number;
  readonly text: string;
  readonly frozenAt: number;
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
  readonly #station: Station;
  readonly #ports: ExchangePorts;
  readonly #ledger: Ledger;
  readonly #view: View;
  readonly #bulk: BulkLane;
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
  #lookedAt = Number.NEGATIVE_INFINITY;
  #putAt = Number.NEGATIVE_INFINITY;

  constructor(station: Station, ports: ExchangePorts, state: { ledger: Ledger; view: View; bulk: BulkLane }) {
    this.#station = station;
    this.#ports = ports;
    this.#ledger = state.ledger;
    this.#view = state.view;
    this.#bulk = state.bulk;
  }

  /** A request was answered: does what is due, behind it. */
  afterResponse(waitUntil: (work: Promise<unknown>) => void): void {
    const now = this.#ports.now();
    const decision = this.#decide(now);
    if (decision.act === "exchange") waitUntil(this.#run(EXCHANGE_DEADLINE_MS));
    else if (this.#mustLinger(decision.ms, now)) waitUntil(this.#linger(decision.ms, now));
    if (decision.act !== "exchange" && now - this.#lookedAt >= COLO_LOOK_MS) waitUntil(this.#look());
  }

  /** One exchange now, for those that may wait for it; false: it failed, or another is under way. */
  async exchangeNow(deadlineMs: number): Promise<boolean> {
    const now = this.#ports.now();
    if (this.#isInFlight(now) || this.#quotaUntil > now) return false;
    return this.#run(deadlineMs, true);
  }

  /** Whether objects answer: while they do not, this isolate looks after itself. */
  get isAlone(): boolean {
    return this.#failures > 0 || this.#lastAt === Number.NEGATIVE_INFINITY;
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
    const retryAt = this.#unacknowledged > 0 ? this.#lastAt + this.#unacknowledgedGapMs() : undefined;
    const urgents = [this.#ledger.urgentAt, retryAt].filter((at) => at !== undefined);
    return decide(
      {
        startedAt: this.#startedAt,
        lastAt: this.#lastAt,
        gapMs: this.#gapMs,
        failures: this.#failures,
        quotaUntil: this.#quotaUntil,
        // Until the owners took the last report, the next has to wait its turn behind it.
        urgentAt: retryAt ?? (urgents.length > 0 ? Math.min(...urgents) : undefined),
        isEmpty: this.#ledger.isEmpty && this.#pending === undefined,
        refreshAfter: this.#refreshAfter,
      },
      now,
    );
  }

  #unacknowledgedGapMs(): number {
    return UNACKNOWLEDGED_GAP_MS * 2 ** Math.min(4, this.#unacknowledged - 1);
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
    if (this.#decide(this.#ports.now()).act === "exchange") await this.#run(EXCHANGE_DEADLINE_MS);
  }

  /** Exchanges, and spends what leases come, until there is no more to tell at once. True when the first one answered. */
  async #run(deadlineMs: number, eager = false): Promise<boolean> {
    let answered = false;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const reply = await this.#once(deadlineMs, eager);
      if (round === 0) answered = reply !== undefined;
      const leases = reply?.leases ?? [];
      if (leases.length === 0) break;
      await Promise.all(leases.map((lease) => this.#spend(lease)));
    }
    return answered;
  }

  async #spend(lease: Lease): Promise<void> {
    const { id, node, epoch } = lease;
    const outcome = await this.#ports.spend(lease);
    this.#ledger.settled({ lease: id, node, epoch, outcome }, this.#ports.now());
  }

  async #once(deadlineMs: number, eager: boolean): Promise<Reply | undefined> {
    const { now, call } = this.#ports;
    const startedAt = now();
    this.#startedAt = startedAt;
    this.#returnHome(startedAt);
    const pending = this.#freeze(startedAt);
    const collector = this.#collector();
    const bulk = this.#bulk.next(collector, startedAt, this.#isIncident(), eager);
    const called = await call(collector, pending.text, startedAt - pending.frozenAt, bulk, deadlineMs);
    const endedAt = now();
    const isMine = this.#startedAt === startedAt;
    if (isMine) this.#startedAt = undefined;
    this.#lastAt = endedAt;
    const reply = called.kind === "answered" ? readMessage(replySchema, called.value, MAX_DIGEST_CHARS) : undefined;
    this.#ports.ended(called.kind === "failed" ? called.trouble : reply ? "answered" : "failed", called.tookMs);
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
    const thawed = this.#pending?.bumps ?? [];
    const entries = this.#ledger.take(now);
    this.#seq++;
    const bumps = [...thawed, ...entries.bumps].slice(0, entries.bumps.length + thawed.length);
    const kept = bumps.slice(0, 32);
    for (const bump of bumps.slice(32)) this.#ledger.bump(bump, now);
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
      bumps: kept,
    };
    this.#pending = { seq: this.#seq, text: JSON.stringify(report), frozenAt: now, bumps: kept };
    return this.#pending;
  }

  #heard(reply: Reply, pending: Pending, collector: string, tookMs: number, now: number): void {
    this.#failures = 0;
    this.#trouble = null;
    this.#gapMs = reply.nextInMs;
    this.#view.softMs = Math.max(10_000, 2 * reply.nextInMs);
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
    this.#ports.changed(changes, now);
    this.#leaveCopy(changes, now);
  }

  #failed(called: Called<string>, now: number): void {
    this.#failures++;
    this.#trouble = called.kind === "failed" ? `${called.trouble}: ${called.message}` : "not understood";
    if (called.kind === "failed" && called.trouble === "quota") this.#quotaUntil = now + 600_000;
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
    return `${this.#station.collectors}:${shard}`;
  }

  #isIncident(): boolean {
    return this.#view.breaker?.part.nodes.some(({ state }) => state !== "closed") ?? false;
  }

  #leaveCopy(changes: Changes, now: number): void {
    const isNews = changes.breaker || changes.replicas || changes.bumps;
    if (!isNews && now - this.#putAt < COLO_PUT_MS) return;
    this.#putAt = now;
    // Behind the exchange, which is itself behind a response; nobody waits for it.
    this.#copying = this.#ports.shelf.write(this.#view.handOn(now), now, now + COLO_REFRESH_MS, this.#ports.now);
  }

  #copying: Promise<void> = Promise.resolve();

  /** What a neighbour heard. */
  async #look(): Promise<void> {
    const { now, shelf } = this.#ports;
    this.#lookedAt = now();
    const found = await shelf.read(now);
    if (!found) return;
    const changes = this.#view.adopt(found.copy.parts, found.elapsedMs, now(), true);
    this.#refreshAfter = found.copy.refreshAfter;
    this.#ports.changed(changes, now());
  }
}

/** Spreads reporters over shards; ids are random already. */
function hashOf(id: string): number {
  let hash = 0;
  for (let index = 0; index < id.length; index++) hash = (Math.imul(hash, 31) + id.charCodeAt(index)) >>> 0;
  return hash;
}

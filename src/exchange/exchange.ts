import { SOFT_HORIZON_MS } from "../breaker/constants.ts";
import { MAX_VIEW_AGE_MS } from "../cache/constants.ts";
import type { Called } from "../rpc/callObject.ts";
import { EXCHANGE_DEADLINE_MS, MAX_DIGEST_CHARS, QUOTA_PAUSE_MS } from "../rpc/constants.ts";
import type { Parts } from "../rpc/parts.ts";
import { readMessage } from "../rpc/readMessage.ts";
import { type Lease, type Reply, replySchema } from "../rpc/reply.ts";
import type { BulkLane } from "./bulkLane.ts";
import {
  BUSY_REQUESTS,
  FIRST_PACE_MS,
  MAX_GAP_MS,
  MAX_ROUNDS,
  MIN_GAP_MS,
  QUIET_PACE_MS,
  URGENT_GAP_MS,
} from "./constants.ts";
import { type Decision, decide, isInFlight } from "./decide.ts";
import type { ExchangeEnd, ExchangePorts, Station } from "./exchangePorts.ts";
import { Home } from "./home.ts";
import type { Ledger } from "./ledger.ts";
import { Linger } from "./linger.ts";
import { Neighbours } from "./neighbours.ts";
import { type Frozen, Outbox } from "./outbox.ts";
import type { View } from "./view.ts";
import type { Sender } from "./writeReport.ts";

/** How the talk goes. */
export interface ExchangeStatus {
  readonly lastAgoMs: number | null;
  readonly gapMs: number;
  readonly failures: number;
  readonly trouble: string | null;
  readonly collector: string;
  /** A report, or a piece of bulk, was not acknowledged yet. */
  readonly isPending: boolean;
  readonly isBulkPending: boolean;
  /** What had to be given up since this isolate began. */
  readonly lostBulk: number;
  readonly droppedBumps: number;
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
  readonly #outbox: Outbox;
  readonly #neighbours: Neighbours;
  readonly #home = new Home();
  readonly #linger = new Linger();
  #isSettled = false;
  #startedAt: number | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #lastTookMs = 0;
  #gapMs = FIRST_PACE_MS;
  #failures = 0;
  #trouble: string | null = null;
  #quotaUntil = 0;

  constructor(station: Station, ports: ExchangePorts, state: { ledger: Ledger; view: View; bulk: BulkLane }) {
    this.#station = station;
    this.#ports = ports;
    this.#ledger = state.ledger;
    this.#view = state.view;
    this.#bulk = state.bulk;
    this.#outbox = new Outbox(state.ledger);
    this.#neighbours = new Neighbours(ports, state.view);
  }

  /** Where this isolate is, once a request told it. Bulk that is owed to another region's Collector goes there first. */
  settleIn(station: Station): void {
    const mayMove = !this.#bulk.isPending || station.hint === this.#station.hint;
    this.#station = mayMove ? station : { ...station, hint: this.#station.hint };
    this.#isSettled = mayMove;
  }

  /** False: `settleIn` is to be called with the next request. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  get station(): Station {
    return this.#station;
  }

  /** Objects do not answer: while that is so, this isolate looks after itself. */
  get hasFailed(): boolean {
    return this.#failures > 0 || this.#quotaUntil > this.#ports.now();
  }

  /**
   * It talked to no object for so long that whatever it holds of the world's words says nothing: it is new, or nobody
   * asked it. Where objects fail it is not: there is nothing to be waited for.
   */
  isOutOfTouch(now: number): boolean {
    return !this.hasFailed && Math.abs(now - this.#lastAt) > MAX_VIEW_AGE_MS;
  }

  /** An exchange began, and may bring an answer yet. */
  isUnderWay(now: number): boolean {
    return isInFlight(this.#startedAt, now);
  }

  /** Takes in what a neighbour left in the colo, without a call. */
  lookAround(): Promise<void> {
    return this.#neighbours.look(this.#station);
  }

  get coloCopyTrouble(): string | undefined {
    return this.#ports.shelf.trouble;
  }

  status(now: number): ExchangeStatus {
    return {
      lastAgoMs: this.#lastAt === Number.NEGATIVE_INFINITY ? null : Math.max(0, now - this.#lastAt),
      gapMs: this.#gapMs,
      failures: this.#failures,
      trouble: this.#trouble,
      collector: this.#home.collector(this.#station),
      isPending: !this.#outbox.isEmpty,
      isBulkPending: this.#bulk.isPending,
      lostBulk: this.#bulk.lost,
      droppedBumps: this.#ledger.droppedBumps,
    };
  }

  /** A request was answered: does what is due, behind it. */
  afterResponse(waitUntil: (work: Promise<unknown>) => void): void {
    const now = this.#ports.now();
    if (this.#neighbours.hasWrites) waitUntil(this.#neighbours.tellWrites(this.#station));
    const decision = this.#decide(now);
    if (decision.act === "exchange") {
      waitUntil(this.#talk(this.#once(false), now));
      return;
    }
    if (this.#hasNews && this.#linger.isWanted(decision.ms, now, now)) waitUntil(this.#stay(now));
    if (this.#neighbours.isLookDue(now)) waitUntil(this.#neighbours.look(this.#station));
  }

  /**
   * One exchange now, for those that may wait for it, at most so long; it and what it brings go on behind them, in a
   * promise that ends with that, and not when traffic does.
   * False: it failed or is not over yet, or another is under way, whose promise is another request's. `eager`: with the
   * counts, however young.
   */
  async exchangeNow(
    deadlineMs: number,
    waitUntil: (work: Promise<unknown>) => void,
    { eager = false }: { eager?: boolean } = {},
  ): Promise<boolean> {
    const { now, sleep } = this.#ports;
    const at = now();
    if (isInFlight(this.#startedAt, at) || this.#quotaUntil > at) return false;
    const answer = this.#once(eager);
    waitUntil(answer.then((reply) => this.#follow(reply)));
    const isAnswered = answer.then(
      (reply) => reply !== undefined,
      () => false, // the event hears of a bug; whoever waits goes on without news
    );
    return Promise.race([isAnswered, sleep(deadlineMs).then(() => false)]);
  }

  /** An owner's word that came by another way: this isolate goes by it at once, and its colo with the next exchange. */
  hear(parts: Parts, elapsedMs: number): void {
    this.#adopt(parts, elapsedMs, this.#ports.now());
  }

  #decide(now: number): Decision {
    return decide(
      {
        startedAt: this.#startedAt,
        lastAt: this.#lastAt,
        lastTookMs: this.#lastTookMs,
        gapMs: this.#paceMs,
        failures: this.#home.doublings(this.#failures),
        quotaUntil: this.#quotaUntil,
        urgentAt: this.#outbox.urgentAt(this.#lastAt),
        isEmpty: this.#ledger.isEmpty && this.#outbox.isEmpty,
        refreshAfter: this.#neighbours.refreshAfter,
      },
      now,
    );
  }

  /** What the Collector asked for; a quiet site's pace only as long as it is one. Each isolate's first report is quiet. */
  get #paceMs(): number {
    const isBusy = this.#gapMs >= QUIET_PACE_MS && this.#ledger.requests >= BUSY_REQUESTS;
    return isBusy ? FIRST_PACE_MS : this.#gapMs;
  }

  /** An exchange and all that follows from it; `since`: when the event began that does it. */
  async #talk(answer: Promise<Reply | undefined>, since: number): Promise<void> {
    await this.#follow(await answer);
    await this.#stay(since);
  }

  /** What an answer asks for: its leases are spent and settled, as long as more of them come; then the colo is told. */
  async #follow(first: Reply | undefined): Promise<void> {
    let leases = first?.leases ?? [];
    for (let round = 1; round < MAX_ROUNDS; round++) {
      await Promise.all(leases.map((lease) => this.#spend(lease)));
      if (!this.#ledger.hasSettlements) break;
      leases = [];
      if (isInFlight(this.#startedAt, this.#ports.now())) {
        await this.#ports.sleep(URGENT_GAP_MS);
        continue;
      }
      const reply = await this.#once(false);
      if (!reply || !this.#outbox.isEmpty) break; // comes again at its own pace
      leases = reply.leases ?? [];
    }
    if (first && !isRefusal(first)) await this.#neighbours.leave(this.#station);
  }

  /** A check's outcome goes up with the next report, at once if it is bad; only a probe has to be settled. */
  async #spend({ id, kind, node, epoch, expiresInMs }: Lease): Promise<void> {
    const { spend, now } = this.#ports;
    const outcome = await spend({ id, kind, node, epoch, expiresInMs }).catch(() => "excluded" as const);
    if (kind === "probe") this.#ledger.settled({ lease: id, node, epoch, outcome }, now());
  }

  /** Traffic may end with this event: what it told is sent as soon as it is due. */
  async #stay(since: number): Promise<void> {
    const { now, sleep } = this.#ports;
    while (this.#hasNews) {
      const at = now();
      const decision = this.#decide(at);
      const waitMs = decision.act === "exchange" ? 0 : decision.ms;
      if (!this.#linger.isWanted(waitMs, at, since)) return;
      if (decision.act === "exchange") await this.#follow(await this.#once(false));
      else await this.#linger.stay(waitMs, at, sleep);
    }
  }

  get #hasNews(): boolean {
    return !this.#ledger.isEmpty || !this.#outbox.isEmpty || this.#ledger.urgentAt !== undefined;
  }

  async #once(eager: boolean): Promise<Reply | undefined> {
    const { now, call, ended } = this.#ports;
    const startedAt = now();
    this.#startedAt = startedAt;
    this.#home.returnIfDue(startedAt);
    if (this.#ledger.isEmpty && this.#outbox.isEmpty) await this.#neighbours.pushOut(this.#station);
    const report = this.#outbox.freeze(startedAt, () => this.#sender(startedAt));
    const collector = this.#home.collector(this.#station);
    const isIncident = this.#isIncident();
    const bulk = this.#bulk.next(collector, { now: startedAt, isIncident, eager, mayBegin: this.#home.isSteady });
    const heldMs = Math.max(0, startedAt - report.frozenAt);
    const called = await call(collector, this.#station, report.text, heldMs, bulk, EXCHANGE_DEADLINE_MS);
    const endedAt = now();
    // Another one began meanwhile where this one took too long: an answer still counts then, a failure says nothing.
    const isLate = this.#startedAt !== startedAt;
    if (!isLate) this.#startedAt = undefined;
    this.#lastAt = endedAt;
    this.#lastTookMs = endedAt - startedAt;
    const reply = called.kind === "answered" ? readMessage(replySchema, called.value, MAX_DIGEST_CHARS) : undefined;
    ended(endOf(called, reply), called.tookMs);
    if (reply) this.#heard(reply, report, collector, called.tookMs, endedAt);
    else if (!isLate) this.#failed(called, endedAt);
    return reply;
  }

  #sender(now: number): Sender {
    const { id, colo } = this.#station;
    const { standing, checksWanted } = this.#ports;
    const have = this.#view.have();
    return { id, colo, shards: this.#home.shards, have, standing: standing(now), checks: checksWanted(now) };
  }

  #heard(reply: Reply, report: Frozen, collector: string, tookMs: number, now: number): void {
    const isRefused = isRefusal(reply);
    this.#failures = 0;
    this.#trouble = isRefused ? `refused: ${reply.refused}` : null;
    this.#gapMs = Math.min(MAX_GAP_MS, Math.max(MIN_GAP_MS, reply.nextInMs));
    this.#view.softMs = Math.max(SOFT_HORIZON_MS, 2 * this.#gapMs);
    this.#outbox.heard(reply, report, isRefused);
    if (reply.bulkAck !== undefined && reply.bulkSeen !== undefined) {
      this.#bulk.heard(collector, reply.bulkAck, reply.bulkSeen);
    }
    // Who refused a report does not know its sender, nor how many shards that has to know of.
    if (!isRefused) this.#home.heard(reply, this.#bulk.isPending);
    this.#adopt(reply.parts, tookMs, now);
  }

  #adopt(parts: Parts, elapsedMs: number, now: number): void {
    const changes = this.#view.adopt(parts, elapsedMs, now);
    this.#neighbours.heard(changes);
    this.#ports.changed(changes, now);
  }

  #failed(called: Called<string>, now: number): void {
    this.#failures++;
    this.#trouble = called.kind === "failed" ? `${called.trouble}: ${called.message}` : "not understood";
    if (called.kind === "failed" && called.trouble === "quota") this.#quotaUntil = now + QUOTA_PAUSE_MS;
    this.#home.failed(this.#failures, now);
  }

  #isIncident(): boolean {
    const nodes = this.#view.breaker?.part.nodes ?? [];
    return nodes.some(({ state }) => state !== "closed" && state !== "forced-closed");
  }
}

/** The report was not taken. One that was taken before was. */
function isRefusal({ refused }: Reply): boolean {
  return refused !== undefined && refused !== "repeated";
}

function endOf(called: Called<string>, reply: Reply | undefined): ExchangeEnd {
  if (called.kind === "failed") return called.trouble;
  if (!reply) return "failed";
  return isRefusal(reply) ? "refused" : "answered";
}

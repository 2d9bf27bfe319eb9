import type { Ask } from "../../src/breaker/admission/admission.ts";
import { MAX_LEASES } from "../../src/breaker/constants.ts";
import { readCandidates } from "../../src/database/candidates.ts";
import {
  CHECK_PAUSE_MS,
  CHECK_TRIES,
  CHECK_TRY_MS,
  MAX_RETRIES,
  REQUEST_DEADLINE_MS,
} from "../../src/database/constants.ts";
import { DatabaseState } from "../../src/database/databaseState.ts";
import { attemptMs } from "../../src/database/deadline.ts";
import { BulkLane } from "../../src/exchange/bulkLane.ts";
import { ColoCopyShelf, type CopyStore, coloCopyKey } from "../../src/exchange/coloCopy.ts";
import { Exchange } from "../../src/exchange/exchange.ts";
import { nodesToCheck } from "../../src/health/checks.ts";
import { CHECK_AFTER_MS, LOOK_EVERY_MS, RECHECK_AFTER_MS, URGENT_CHECK_AGE_MS } from "../../src/health/constants.ts";
import { lastSeenAt } from "../../src/health/verdict.ts";
import { EXCHANGE_DEADLINE_MS } from "../../src/rpc/constants.ts";
import type { Lease } from "../../src/rpc/reply.ts";
import type { OutcomeKind, Settlement } from "../../src/rpc/report.ts";
import { Instruments } from "../../src/telemetry/instruments.ts";
import type { Random } from "../seed/random.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Answer, SimulatedDatabase } from "./simulatedDatabase.ts";

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
  /** It alone cannot reach the nodes. */
  isCutOff = false;
  /** The epoch of some node's breaker fell as this isolate saw it. */
  epochFalls = 0;
  readonly #way: IsolateWay;
  readonly #instruments = new Instruments();
  readonly #bulk: BulkLane;
  readonly #epochs = new Map<string, number>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;
  #bumps = 0;

  constructor(way: IsolateWay, station: Station) {
    this.#way = way;
    const { scheduler, database, copies, call } = way;
    const nodes = database.nodes.map((name) => ({ name, maySleep: false, open: nothingToOpen }));
    this.state = new DatabaseState(nodes, { instruments: this.#instruments });
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
      spend: (lease) => this.#spend(lease),
      changed: (_changes, now) => this.#heard(now),
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

  /** One visitor's request: a read, answered by a node that this isolate admits, or refused. */
  async request(): Promise<void> {
    const { now } = this.#way.scheduler;
    const startedAt = now();
    const isAnswered = await this.#read(startedAt + REQUEST_DEADLINE_MS);
    this.counts.requests++;
    this.requestsEver++;
    if (!isAnswered) this.counts.failed++;
    this.#instruments.request("/simulated", isAnswered ? 200 : 503, (now() - startedAt) / 1_000);
    this.state.ledger.request(now());
    this.#after();
  }

  /** A visitor's write: the primary is asked, and the tags are told to the world. */
  async write(): Promise<void> {
    const primary = this.state.nodes[0]?.name ?? "";
    if ((await this.#ask(primary, REQUEST_DEADLINE_MS, "write", "first")) !== "ok") return;
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

  async #read(deadlineAt: number): Promise<boolean> {
    const { scheduler, random } = this.#way;
    const admitted = this.state
      .candidates(scheduler.now())
      .filter(({ name }) => this.state.gates.admission(this.#asker, name, "first").kind === "admitted");
    const choices = readCandidates(admitted, this.state.preferred, scheduler.now(), random.next());
    this.state.gates.countTry(scheduler.now());
    let hasFailed = false;
    for (let attempt = 0; attempt <= MAX_RETRIES; attempt++) {
      const choice = choices[attempt % choices.length];
      const ms = attemptMs({ at: deadlineAt }, scheduler.now(), attempt, attempt === MAX_RETRIES);
      if (!choice || ms === 0) return false;
      const answer = await this.#ask(choice.node, ms, "read", hasFailed ? "retry" : "first");
      if (answer === undefined) continue;
      hasFailed = true;
      if (answer === "ok") {
        if (choice.reason === "any") this.state.preferred = choice.node;
        return true;
      }
      if (this.state.preferred === choice.node) this.state.preferred = undefined;
    }
    return false;
  }

  get #asker() {
    const { scheduler, random } = this.#way;
    return { breakerMode: "on", now: scheduler.now, random: () => random.next() } as const;
  }

  /** One attempt on one node, as `RequestScope` makes it; undefined: not admitted. */
  async #ask(node: string, ms: number, kind: "read" | "write", ask: Ask): Promise<Answer | undefined> {
    const { scheduler } = this.#way;
    const permit = this.state.gates.enter(this.#asker, node, ask);
    if (permit.kind === "refused") return undefined;
    const answer = await this.#sent(node, ms, kind);
    this.state.gates.leave(permit, answer === "ok" ? undefined : answer, scheduler.now());
    return answer;
  }

  async #sent(node: string, ms: number, kind: OutcomeKind): Promise<Answer> {
    const { scheduler, random, database } = this.#way;
    const startedAt = scheduler.now();
    this.state.silence.began(node, startedAt);
    const answer = await database.ask(node, ms, this.isCutOff);
    const now = scheduler.now();
    this.state.silence.ended(node, startedAt, answer !== "slow", now);
    const outcome = answer === "infrastructure" ? "failed" : answer;
    this.#instruments.attempt(node, kind, outcome, (now - startedAt) / 1_000);
    this.state.observe(
      node,
      { failure: answer === "ok" ? undefined : answer, kind, now, sentAt: startedAt },
      random.next(),
    );
    return answer;
  }

  /** As `AfterEvents`. */
  #after(): void {
    const now = this.#way.scheduler.now();
    if (now - this.#lookedAt >= LOOK_EVERY_MS) this.#look(now);
    this.exchange.afterResponse(this.#waitUntil);
  }

  #look(now: number): void {
    this.#lookedAt = now;
    const { breakers } = this.state;
    const random = () => this.#way.random.next();
    breakers.inherit(now, random());
    for (const node of breakers.probesDue(now, random, MAX_LEASES)) this.#waitUntil(this.#probe(node));
    const due = nodesToCheck(this.state, now);
    if (due.length === 0) return;
    if (this.exchange.hasFailed) for (const { name } of due) this.#waitUntil(this.#check(name));
    else if (this.#mayAsk(due, now) && due.some(({ name }) => this.#isUrgent(name, now))) {
      this.#askedAt = now;
      this.state.ledger.urgent(now);
    }
  }

  #mayAsk(due: readonly { readonly name: string }[], now: number): boolean {
    const everyMs = due.some(({ name }) => this.#hasFailed(name, now)) ? RECHECK_AFTER_MS : CHECK_AFTER_MS;
    return now - this.#askedAt >= everyMs;
  }

  #isUrgent(node: string, now: number): boolean {
    const seenAt = lastSeenAt(this.state.joinedEvidence(node, now));
    return seenAt === undefined || this.#hasFailed(node, now) || now - seenAt > URGENT_CHECK_AGE_MS;
  }

  #hasFailed(node: string, now: number): boolean {
    const { lastFailureAt, lastSuccessAt } = this.state.joinedEvidence(node, now);
    return (lastFailureAt ?? 0) > (lastSuccessAt ?? 0);
  }

  /** As `spendLease`. */
  async #spend({ kind, node }: Lease): Promise<Settlement["outcome"]> {
    return kind === "probe" ? this.#probe(node) : this.#check(node);
  }

  async #probe(node: string): Promise<Settlement["outcome"]> {
    const { scheduler, random } = this.#way;
    const answer = await this.#question(node);
    this.state.breakers.probed(node, answer === "ok", scheduler.now(), random.next());
    return answer === "infrastructure" ? "failed" : answer;
  }

  /** Asks until it answers, at most five times. */
  async #check(node: string): Promise<Settlement["outcome"]> {
    for (let attempt = 0; attempt < CHECK_TRIES; attempt++) {
      if (attempt > 0) await this.#way.scheduler.sleep(CHECK_PAUSE_MS);
      if ((await this.#question(node)) === "ok") return "ok";
    }
    return "failed";
  }

  async #question(node: string): Promise<Answer> {
    const { scheduler, database } = this.#way;
    const startedAt = scheduler.now();
    const answer = await this.#sent(node, CHECK_TRY_MS, "check");
    if (answer !== "ok") return answer;
    const { ageMs: _, ...sample } = database.sampleOf(node, scheduler.now() - startedAt);
    this.state.ledger.sample({ ...sample, at: scheduler.now() });
    return answer;
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

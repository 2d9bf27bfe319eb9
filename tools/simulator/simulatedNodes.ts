import type { Ask } from "../../src/breaker/admission/admission.ts";
import { MAX_LEASES } from "../../src/breaker/constants.ts";
import { type Choice, readCandidates } from "../../src/database/candidates.ts";
import {
  CHECK_PAUSE_MS,
  CHECK_TRIES,
  CHECK_TRY_MS,
  MAX_RETRIES,
  REQUEST_DEADLINE_MS,
} from "../../src/database/constants.ts";
import type { DatabaseState } from "../../src/database/databaseState.ts";
import { attemptMs } from "../../src/database/deadline.ts";
import { nodesToCheck } from "../../src/health/checks.ts";
import { CHECK_AFTER_MS, RECHECK_AFTER_MS, URGENT_CHECK_AGE_MS } from "../../src/health/constants.ts";
import { lastSeenAt } from "../../src/health/nodeHealth.ts";
import type { Lease } from "../../src/rpc/reply.ts";
import type { OutcomeKind, Settlement } from "../../src/rpc/report.ts";
import type { Instruments } from "../../src/telemetry/instruments.ts";
import type { Random } from "../seed/random.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Answer, Purpose, SimulatedDatabase } from "./simulatedDatabase.ts";

export interface NodesWay {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly database: SimulatedDatabase;
  /** Undefined: nobody reads them. */
  readonly instruments: Instruments | undefined;
}

/** `refused`: nothing was sent to any node. `failed`: something was. */
export type ReadEnd = "answered" | "failed" | "refused";

/** One visitor's read. */
export interface Visit {
  readonly deadlineMs: number;
  readonly maxRetries: number;
  /** What becomes of it at the node, in [0, 1) each; undefined: drawn there. */
  readonly luck?: readonly [failure: number, duration: number];
}

const VISIT: Visit = { deadlineMs: REQUEST_DEADLINE_MS, maxRetries: MAX_RETRIES };

function askOf({ spills }: Choice, hasFailed: boolean): Ask {
  if (spills) return "spill";
  return hasFailed ? "retry" : "first";
}

/** What `read`, `RequestScope`, `AfterEvents` and `spendLease` do with the nodes, on production's state of an isolate. */
export class SimulatedNodes {
  /** This isolate alone cannot reach them. */
  isCutOff = false;
  readonly #state: DatabaseState;
  readonly #way: NodesWay;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(state: DatabaseState, way: NodesWay) {
    this.#state = state;
    this.#way = way;
  }

  async read(visit: Visit = VISIT): Promise<ReadEnd> {
    const { scheduler } = this.#way;
    const deadlineAt = scheduler.now() + visit.deadlineMs;
    const choices = this.choices();
    if (choices.length === 0) return "refused";
    this.#state.gates.countTry(scheduler.now());
    let hasFailed = false;
    const end = () => (hasFailed ? "failed" : "refused");
    for (let attempt = 0; attempt <= visit.maxRetries; attempt++) {
      const choice = choices[attempt % choices.length];
      const ms = attemptMs({ at: deadlineAt }, scheduler.now(), attempt, attempt === visit.maxRetries);
      if (!choice || ms === 0) return end();
      const answer = await this.ask(choice.node, ms, "read", askOf(choice, hasFailed), visit.luck);
      if (answer === undefined) continue;
      hasFailed = true;
      if (answer === "ok") return "answered";
    }
    return end();
  }

  /** Where a read would be sent now, in this order. */
  choices() {
    const { scheduler } = this.#way;
    const now = scheduler.now();
    const admitted = this.#state
      .candidates(now)
      .filter(({ name }) => this.#state.gates.admission(this.asker, name, "first").kind === "admitted");
    return readCandidates(admitted, { now, random: this.asker.random, spills: this.#state.nodes.length > 1 });
  }

  get asker() {
    const { scheduler, random } = this.#way;
    return { breakerMode: "on", now: scheduler.now, random: () => random.next() } as const;
  }

  /** One attempt on one node, as `RequestScope` makes it; undefined: not admitted. */
  async ask(
    node: string,
    ms: number,
    kind: "read" | "write",
    ask: Ask,
    luck?: Visit["luck"],
  ): Promise<Answer | undefined> {
    const { scheduler } = this.#way;
    const permit = this.#state.gates.enter(this.asker, node, ask);
    if (permit.kind === "refused") return undefined;
    const answer = await this.#sent(node, ms, kind, "request", luck);
    this.#state.gates.leave(permit, answer === "ok" ? undefined : answer, scheduler.now());
    return answer;
  }

  /** What is due behind an event: probes and checks of its own, and whether somebody should be asked to look, urgently. */
  look(hasExchangeFailed: boolean, waitUntil: (work: Promise<unknown>) => void): void {
    const now = this.#way.scheduler.now();
    const { breakers } = this.#state;
    const random = () => this.#way.random.next();
    breakers.inherit(now, random());
    for (const node of breakers.probesDue(now, random, MAX_LEASES)) waitUntil(this.#probe(node));
    const due = nodesToCheck(this.#state, now);
    if (due.length === 0) return;
    if (hasExchangeFailed) for (const { name } of due) waitUntil(this.#check(name));
    else if (this.#mayAsk(due, now) && due.some(({ name }) => this.#isUrgent(name, now))) {
      this.#askedAt = now;
      this.#state.ledger.urgent(now);
    }
  }

  /** As `spendLease`. */
  async spend({ kind, node }: Pick<Lease, "kind" | "node">): Promise<Settlement["outcome"]> {
    return kind === "probe" ? this.#probe(node) : this.#check(node);
  }

  async #sent(node: string, ms: number, kind: OutcomeKind, purpose: Purpose, luck?: Visit["luck"]): Promise<Answer> {
    const { scheduler, random, database, instruments } = this.#way;
    const startedAt = scheduler.now();
    this.#state.silence.began(node, startedAt);
    const answer = await database.ask(node, ms, this.isCutOff, { purpose, luck });
    const now = scheduler.now();
    this.#state.silence.ended(node, startedAt, answer !== "slow", now);
    const outcome = answer === "infrastructure" ? "failed" : answer;
    instruments?.attempt(node, kind, outcome, (now - startedAt) / 1_000);
    this.#state.observe(
      node,
      { failure: answer === "ok" ? undefined : answer, kind, now, sentAt: startedAt },
      random.next(),
    );
    return answer;
  }

  async #probe(node: string): Promise<Settlement["outcome"]> {
    const { scheduler, random } = this.#way;
    const answer = await this.#question(node, "probe");
    this.#state.breakers.probed(node, answer === "ok", scheduler.now(), random.next());
    return answer === "infrastructure" ? "failed" : answer;
  }

  /** Asks until it answers, at most five times. */
  async #check(node: string): Promise<Settlement["outcome"]> {
    for (let attempt = 0; attempt < CHECK_TRIES; attempt++) {
      if (attempt > 0) await this.#way.scheduler.sleep(CHECK_PAUSE_MS);
      if ((await this.#question(node, "check")) === "ok") return "ok";
    }
    return "failed";
  }

  async #question(node: string, purpose: Purpose): Promise<Answer> {
    const { scheduler, database } = this.#way;
    const startedAt = scheduler.now();
    const answer = await this.#sent(node, CHECK_TRY_MS, "check", purpose);
    if (answer !== "ok") return answer;
    const { ageMs: _, ...sample } = database.sampleOf(node, scheduler.now() - startedAt);
    this.#state.ledger.sample({ ...sample, at: scheduler.now() });
    return answer;
  }

  #mayAsk(due: readonly { readonly name: string }[], now: number): boolean {
    const everyMs = due.some(({ name }) => this.#hasFailed(name, now)) ? RECHECK_AFTER_MS : CHECK_AFTER_MS;
    return now - this.#askedAt >= everyMs;
  }

  #isUrgent(node: string, now: number): boolean {
    const seenAt = lastSeenAt(this.#state.joinedEvidence(node, now));
    return seenAt === undefined || this.#hasFailed(node, now) || now - seenAt > URGENT_CHECK_AGE_MS;
  }

  #hasFailed(node: string, now: number): boolean {
    const { lastFailureAt, lastSuccessAt } = this.#state.joinedEvidence(node, now);
    return (lastFailureAt ?? 0) > (lastSuccessAt ?? 0);
  }
}

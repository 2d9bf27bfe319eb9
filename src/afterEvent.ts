import { MAX_LEASES } from "./breaker/constants.ts";
import type { EventContext } from "./eventContext.ts";
import { checkWhatIsDue } from "./health/answerHealth.ts";
import { nodesToCheck } from "./health/checks.ts";
import { CHECK_AFTER_MS, LOOK_EVERY_MS, RECHECK_AFTER_MS, URGENT_CHECK_AGE_MS } from "./health/constants.ts";
import { lastSeenAt } from "./health/nodeHealth.ts";
import { probe } from "./health/probes.ts";
import type { IsolateState } from "./isolate.ts";

/** `traffic`: a visitor's request. `question`: somebody asks how things are (health, admin, cron). */
export type EventKind = "traffic" | "question";

/**
 * What every event brings along, behind its answer: the exchange where it is due, probes and checks of this isolate's
 * own where nobody else does them. Costs a request a few comparisons.
 */
export class AfterEvents {
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** When it last asked, urgently, for somebody to look. */
  #askedAt = Number.NEGATIVE_INFINITY;

  afterEvent(state: IsolateState, ctx: EventContext, kind: EventKind): void {
    const now = Date.now();
    const { database, exchange } = state;
    const isLookDue = Math.abs(now - this.#lookedAt) >= LOOK_EVERY_MS;
    if (isLookDue) this.#lookedAt = now;
    if (state.config.mode === "off") {
      // Attempts open a node also then, and only a probe closes it: `/health` would call it open for ever.
      if (isLookDue) this.#probeAlone(state, ctx, now);
      return;
    }
    if (kind === "traffic") database.ledger.request(now);
    if (isLookDue) this.#look(state, ctx, now, kind);
    exchange?.afterResponse((work) => ctx.waitUntil(work));
  }

  #look(state: IsolateState, ctx: EventContext, now: number, kind: EventKind): void {
    const { database, exchange } = state;
    database.breakers.inherit(now, Math.random());
    this.#probeAlone(state, ctx, now);
    const due = nodesToCheck(database, now);
    if (due.length === 0) return;
    if (!exchange || exchange.hasFailed) {
      ctx.waitUntil(checkWhatIsDue(state, ctx));
      return;
    }
    // The world grants a check each 10 s, each 2 s where a node fails: asking more often would bring nothing.
    const everyMs = due.some(({ name }) => hasFailed(state, name, now)) ? RECHECK_AFTER_MS : CHECK_AFTER_MS;
    if (Math.abs(now - this.#askedAt) < everyMs) return;
    if (kind !== "question" && !due.some(({ name }) => isUrgent(state, name, now))) return;
    this.#askedAt = now;
    database.ledger.urgent(now);
  }

  #probeAlone(state: IsolateState, ctx: EventContext, now: number): void {
    const due = state.database.breakers.probesDue(now, Math.random, MAX_LEASES);
    for (const node of due) ctx.waitUntil(probe(state, node));
  }
}

/** Behind a visitor's request old evidence waits for the next exchange; none, bad, or nearly too old does not. */
function isUrgent(state: IsolateState, node: string, now: number): boolean {
  const seenAt = lastSeenAt(state.database.joinedEvidence(node, now));
  return seenAt === undefined || hasFailed(state, node, now) || now - seenAt > URGENT_CHECK_AGE_MS;
}

/** Whether the node's last word, to anybody, was a failure. */
function hasFailed({ database }: IsolateState, node: string, now: number): boolean {
  const { lastFailureAt, lastSuccessAt } = database.joinedEvidence(node, now);
  return (lastFailureAt ?? 0) > (lastSuccessAt ?? 0);
}

import type { HoldOrder, OrderOutcome, ReincarnateOrder, ReleaseOrder } from "../rpc/breakerOrder.ts";
import type { BreakerAnswer, BreakerDigest } from "../rpc/digest.ts";
import type { BreakerPart } from "../rpc/parts.ts";
import type { Lease } from "../rpc/reply.ts";
import type { Settlement } from "../rpc/report.ts";
import { breakerPart } from "./breakerPart.ts";
import { MAX_HOLD_MS, VISITORS_TURN_MS } from "./constants.ts";
import { leftMs } from "./leftMs.ts";
import { isHeld, type Phase } from "./phase.ts";
import { holdEndsAt, mayAskAgainAt, ringAt } from "./ringAt.ts";
import { type PhaseEvent, step } from "./step.ts";
import { endedBy, evidenceOf, stateText } from "./transitionText.ts";
import { hearCalm, hearReport } from "./worldEvidence.ts";
import { takeLease, WorldLeases, wantsSecondOpinion } from "./worldLeases.ts";
import { WorldMemory } from "./worldMemory.ts";
import type { Transition } from "./worldMeta.ts";
import { WorldNode } from "./worldNode.ts";

/** What was dropped, for the metrics. */
export interface Dropped {
  /** Reports, digests and orders that came before. */
  repeated: number;
  /** Ends of leases that had expired, or were of another epoch. */
  lateSettlements: number;
  /** Reports' words on a node that were of another epoch of its breaker. */
  oldEpochs: number;
}

/** Why a phase moves: the evidence in words, and who ordered it. */
interface Cause {
  readonly evidence: string;
  readonly by?: string;
}

/**
 * The world's breaker: all nodes, the leases, the health cache. Deterministic: the clock and chance are arguments, and
 * what it remembers goes out as rows and comes back from them, so that its object may vanish between any two messages.
 */
export class WorldBreaker {
  readonly dropped: Dropped = { repeated: 0, lateSettlements: 0, oldEpochs: 0 };
  readonly #nodes = new Map<string, WorldNode>();
  readonly #memory: WorldMemory;
  readonly #leases = new WorldLeases(() => this.#memory.newLeaseId());

  /** `rows`: what `toRows` gave; none for a new owner, whose incarnation is then `now`. Nodes are the configured ones. */
  constructor(nodes: readonly string[], rows: ReadonlyMap<string, string>, now: number) {
    this.#memory = new WorldMemory(rows.get("meta"), now);
    for (const name of nodes) {
      const row = rows.get(`node:${name}`);
      const known = row === undefined ? undefined : WorldNode.fromRow(name, row, now);
      // A node that begins anew falls back to its first epoch: only an owner that begins anew may say so.
      if (row !== undefined && !known) this.#memory.reincarnate(now);
      this.#nodes.set(name, known ?? new WorldNode(name, now));
    }
  }

  /** What must be durable before anything is answered. */
  toRows(now: number): Map<string, string> {
    const rows = new Map([["meta", this.#memory.toRow()]]);
    for (const node of this.#nodes.values()) rows.set(`node:${node.name}`, node.toRow(now));
    return rows;
  }

  /** One Collector's digest: evidence in, verdicts and leases out. */
  digest(sent: BreakerDigest, now: number, random: () => number): BreakerAnswer {
    const digest = this.#hearOf(sent, now) ? sent : { ...sent, reports: [], calm: [], checks: [], wantsLeases: 0 };
    for (const calm of digest.calm) {
      const node = this.#nodes.get(calm.node);
      if (node) hearCalm(node, calm, now);
    }
    for (const report of digest.reports) this.#hearReport(report, now, random);
    for (const node of this.#nodes.values()) this.#decide(node, now, random());
    return { part: this.part(now), leases: this.#leases.grant(this.#nodes, digest, now) };
  }

  /** The verdicts and the health cache, as of now. */
  part(now: number): BreakerPart {
    return breakerPart(this.#memory.stamp, this.nodes(), this.reporters(now), now);
  }

  /** A probe or check ended, in this colo. A lease that expired, or is of another epoch, proves nothing any more. */
  settle(settlement: Settlement, now: number, random: number, colo = ""): void {
    const node = this.#nodes.get(settlement.node);
    const held = node && takeLease(node, settlement, now);
    if (!node || !held) {
      this.dropped.lateSettlements++;
      return;
    }
    const { outcome } = settlement;
    if (outcome === "ok") node.see({ successAt: now });
    if (outcome === "failed" || outcome === "slow") node.see({ failureAt: now });
    if (held.kind !== "probe") return;
    if (outcome === "excluded") {
      node.unprovenAt = now;
      return;
    }
    const good = outcome === "ok";
    node.unprovenAt = 0;
    if (!good) {
      const isFirst = wantsSecondOpinion(node, colo, now);
      node.failedColo = colo;
      node.failedEpoch = node.phase.epoch;
      if (isFirst) return;
    }
    this.#move(node, { type: "probe", good }, now, random, { evidence: `probe ${outcome}` });
  }

  /** Leases that nobody took and whose time has come, for the owner's own alarm. */
  ownProbes(now: number, random: () => number): Lease[] {
    for (const node of this.#nodes.values()) this.#decide(node, now, random());
    if (this.#memory.isResting(now)) return [];
    const isProbing = (node: WorldNode) => node.leasesOfPhase(now).length > 0;
    const due = this.nodes().filter((node) => mayAskAgainAt(node, now) <= now && !isProbing(node));
    return due.flatMap((node) => {
      const leases = this.#leases.probe(node, "alarm", now);
      // Until it is settled it proved nothing: with the Prober gone, visitors' probes must get their turn.
      if (leases.length > 0) node.unprovenAt = now + VISITORS_TURN_MS;
      return leases;
    });
  }

  /** When the owner's alarm shall ring, or undefined while all is closed or nobody is there; a hold ends in any case. */
  alarmAt(now: number): number | undefined {
    const endOf = this.#memory.isResting(now) ? holdEndsAt : ringAt;
    const times = this.nodes().flatMap((node) => endOf(node, now) ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Holds a node in a state, whatever the evidence, until the order ends. */
  hold(order: HoldOrder, now: number): OrderOutcome {
    const hold = { owner: order.owner, reason: order.reason, until: now + Math.min(MAX_HOLD_MS, order.expiresInMs) };
    return this.#order(order, { type: "hold", state: order.state, hold }, now);
  }

  /** Ends an order before its time: the node is what the evidence says. */
  release(order: ReleaseOrder, now: number): OrderOutcome {
    return this.#order(order, { type: "release" }, now);
  }

  /** After a restore of its storage: what this owner says from now on is believed, whatever was said before. */
  reincarnate({ id, owner, reason }: ReincarnateOrder, now: number): OrderOutcome {
    const from = this.#memory.stamp.incarnation;
    if (this.#isNew(id, 0)) {
      this.#memory.reincarnate(now);
      const to = this.#memory.stamp.incarnation;
      this.#memory.note({ node: "", from: String(from), to: String(to), at: now, evidence: reason, by: owner });
    }
    return { kind: "done", incarnation: this.#memory.stamp.incarnation };
  }

  /** Isolates in the whole world, as far as is known. */
  reporters(now: number): number {
    return this.#memory.reporters(now);
  }

  /** The Collectors heard of in the last 24 hours. */
  collectors(): string[] {
    return this.#memory.collectors.names();
  }

  node(name: string): WorldNode | undefined {
    return this.#nodes.get(name);
  }

  get transitions(): readonly Transition[] {
    return this.#memory.transitions;
  }

  /** Every node's own account. */
  nodes(): WorldNode[] {
    return [...this.#nodes.values()];
  }

  /** False: it came before, and tells nothing. */
  #hearOf(digest: BreakerDigest, now: number): boolean {
    const isNew = this.#memory.collectors.hear(digest, now);
    if (!isNew) this.dropped.repeated++;
    this.#memory.digested(now);
    if (digest.have) this.#memory.heardOf(digest.have, now);
    return isNew;
  }

  #order(order: ReleaseOrder, event: PhaseEvent, now: number): OrderOutcome {
    const { incarnation } = this.#memory.stamp;
    const node = this.#nodes.get(order.node);
    if (!node) return { kind: "unknown-node", incarnation };
    this.#end(node, now);
    const isStale = order.expectedEpoch !== node.phase.epoch && !this.#memory.isKnown(order.id, 0);
    if (!isStale && this.#isNew(order.id, 0)) {
      this.#memory.ordered(now);
      this.#move(node, event, now, 0, { evidence: order.reason, by: order.owner });
    }
    const { state, epoch } = node.phase;
    const stands = { name: node.name, state, epoch, forMs: leftMs(node.phase, now) };
    return { kind: isStale ? "stale-epoch" : "done", incarnation, node: stands };
  }

  #hearReport(report: BreakerDigest["reports"][number], now: number, random: () => number): void {
    if (!this.#isNew(report.id, report.seq)) return;
    for (const word of report.standing) {
      const node = this.#nodes.get(word.node);
      if (node && !hearReport(node, report, word, now)) this.dropped.oldEpochs++;
    }
    for (const settlement of report.settle) this.settle(settlement, now, random(), report.colo);
  }

  /** Whether it did not come before; remembered from now on. */
  #isNew(id: string, seq: number): boolean {
    const isKnown = this.#memory.isKnown(id, seq);
    if (isKnown) this.dropped.repeated++;
    else this.#memory.remember(id, seq);
    return !isKnown;
  }

  #decide(node: WorldNode, now: number, random: number): void {
    this.#end(node, now);
    const reason = node.reasonToOpen(now);
    if (reason) this.#move(node, { type: "trip" }, now, random, { evidence: evidenceOf(node, reason, now) });
    this.#move(node, { type: "time" }, now, random, { evidence: endedBy(node.phase) });
  }

  /** An order that is over ends before anything else is decided. */
  #end(node: WorldNode, now: number): void {
    if (isHeld(node.phase) && leftMs(node.phase, now) === 0) {
      this.#move(node, { type: "time" }, now, 0, { evidence: "the hold is over", by: node.phase.hold.owner });
    }
  }

  #move(node: WorldNode, event: PhaseEvent, now: number, random: number, { evidence, by = "" }: Cause): void {
    const from = node.phase;
    const phase = step(from, event, now, random);
    node.phase = phase;
    if (from.epoch === phase.epoch) return;
    node.unprovenAt = 0;
    if (!keepsEvidence(from, phase)) node.forgetEvidence();
    if (phase.state === "closed") node.failedColo = "";
    this.#memory.moved({ node: node.name, from: stateText(from), to: stateText(phase), at: now, evidence, by });
  }
}

/**
 * Below a shadow evidence goes on as before, also at its beginning and its end; and what visitors met at a node that was
 * forced closed decides what follows.
 */
function keepsEvidence(from: Phase, to: Phase): boolean {
  const isOrder = isHeld(from) !== isHeld(to) || (isHeld(from) && isHeld(to) && from.hold !== to.hold);
  return isOrder && from.state !== "forced-open" && (to.state === "shadow" || isHeld(from));
}

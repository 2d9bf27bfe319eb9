import type { BreakerAnswer, BreakerDigest } from "../rpc/digest.ts";
import type { BreakerPart } from "../rpc/parts.ts";
import type { Lease } from "../rpc/reply.ts";
import type { Settlement } from "../rpc/report.ts";
import { compareStamps, type Stamp } from "../rpc/stamp.ts";
import { breakerPart } from "./breakerPart.ts";
import { CollectorRegister } from "./collectorRegister.ts";
import { ALARM_GRACE_MS, LEASE_MS, MAX_RECENT, MAX_TRANSITIONS, REST_AFTER_MS, VISITORS_TURN_MS } from "./constants.ts";
import { type Phase, step, waitLeftMs } from "./phase.ts";
import type { TripReason } from "./tripRule.ts";
import { hearCalm, hearReport } from "./worldEvidence.ts";
import { takeLease, WorldLeases } from "./worldLeases.ts";
import { type Transition, type WorldMeta, worldMeta } from "./worldMeta.ts";
import { WorldNode } from "./worldNode.ts";

/** What was dropped, for the metrics. */
export interface Dropped {
  repeated: number;
  lateSettlements: number;
}

/**
 * The world's breaker: all nodes, the leases, the health cache. Deterministic: the clock and chance are arguments, and
 * what it remembers goes out as rows and comes back from them, so that its object may vanish between any two messages.
 */
export class WorldBreaker {
  readonly dropped: Dropped = { repeated: 0, lateSettlements: 0 };
  readonly #nodes = new Map<string, WorldNode>();
  readonly #meta: WorldMeta;
  readonly #collectors: CollectorRegister;
  readonly #leases = new WorldLeases(() => this.#newLeaseId());

  /** `rows`: what `toRows` gave; none for a new owner, whose incarnation is then `now`. Nodes are the configured ones. */
  constructor(nodes: readonly string[], rows: ReadonlyMap<string, string>, now: number) {
    this.#meta = worldMeta(rows.get("meta"), now);
    this.#collectors = new CollectorRegister(this.#meta.collectors);
    for (const name of nodes) {
      const row = rows.get(`node:${name}`);
      const known = row === undefined ? undefined : WorldNode.fromRow(name, row, now);
      // A node that begins anew falls back to its first epoch: only an owner that begins anew may say so.
      if (row !== undefined && !known) this.#meta.incarnation = Math.max(now, this.#meta.incarnation + 1);
      this.#nodes.set(name, known ?? new WorldNode(name, now));
    }
  }

  /** What must be durable before anything is answered. */
  toRows(now: number): Map<string, string> {
    const collectors = this.#collectors.toRow();
    const lastDigestAt = coarse(this.#meta.lastDigestAt);
    const rows = new Map([["meta", JSON.stringify({ ...this.#meta, collectors, lastDigestAt })]]);
    for (const node of this.#nodes.values()) rows.set(`node:${node.name}`, node.toRow(now));
    return rows;
  }

  /** One Collector's digest: evidence in, verdicts and leases out. */
  digest(digest: BreakerDigest, now: number, random: () => number): BreakerAnswer {
    this.#hearOf(digest, now);
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
    return breakerPart(this.#stamp(), this.nodes(), this.reporters(now), now);
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
    if (!good) node.failedColo = colo;
    this.#move(node, step(node.phase, { type: "probe", good }, now, random), now, `probe ${outcome}`);
  }

  /** Leases that nobody took and whose time has come, for the owner's own alarm. */
  ownProbes(now: number, random: () => number): Lease[] {
    if (this.#isResting(now)) return [];
    for (const node of this.#nodes.values()) this.#decide(node, now, random());
    const due = this.nodes().filter((node) => mayAskAgainAt(node, now) <= now);
    return due.flatMap((node) => {
      const leases = this.#leases.probe(node, "alarm", now);
      // Until it is settled it proved nothing: with the Prober gone, visitors' probes must get their turn.
      if (leases.length > 0) node.unprovenAt = now + VISITORS_TURN_MS;
      return leases;
    });
  }

  /** When the owner's alarm shall ring, or undefined while all is closed or nobody is there. */
  alarmAt(now: number): number | undefined {
    if (this.#isResting(now)) return undefined;
    const times = this.nodes().flatMap((node) => ringAt(node, now) ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Isolates that reported in the last minute, in the whole world. */
  reporters(now: number): number {
    return this.#collectors.reporters(now);
  }

  /** The Collectors heard of in the last 24 hours. */
  collectors(): string[] {
    return this.#collectors.names();
  }

  node(name: string): WorldNode | undefined {
    return this.#nodes.get(name);
  }

  get transitions(): readonly Transition[] {
    return this.#meta.transitions;
  }

  /** Every node's own account. */
  nodes(): WorldNode[] {
    return [...this.#nodes.values()];
  }

  #stamp(): Stamp {
    const { incarnation, epoch } = this.#meta;
    return { incarnation, epoch, version: 0 };
  }

  #hearOf({ collector, reporters, have }: BreakerDigest, now: number): void {
    this.#meta.lastDigestAt = now;
    this.#collectors.hear(collector, reporters, now);
    // Somebody holds a later word of ours than we know of: this storage was restored. Only a new incarnation is believed.
    if (have && compareStamps(have, this.#stamp()) > 0) {
      this.#meta.incarnation = Math.max(now, have.incarnation + 1);
    }
  }

  #hearReport(report: BreakerDigest["reports"][number], now: number, random: () => number): void {
    if (this.#isRepeat(report.id, report.seq)) {
      this.dropped.repeated++;
      return;
    }
    for (const word of report.standing) {
      const node = this.#nodes.get(word.node);
      if (node) hearReport(node, report, word, now);
    }
    for (const settlement of report.settle) this.settle(settlement, now, random(), report.colo);
  }

  #isRepeat(id: string, seq: number): boolean {
    const { recent } = this.#meta;
    const known = recent.find(([reporter]) => reporter === id);
    if (known && known[1] >= seq) return true;
    const others = recent.filter(([reporter]) => reporter !== id);
    this.#meta.recent = [...others, [id, seq] as [string, number]].slice(-MAX_RECENT);
    return false;
  }

  #decide(node: WorldNode, now: number, random: number): void {
    const reason = node.phase.state === "closed" ? node.reasonToOpen(now) : undefined;
    if (reason) this.#move(node, step(node.phase, { type: "trip" }, now, random), now, evidenceOf(node, reason, now));
    this.#move(node, step(node.phase, { type: "time" }, now, random), now, "the wait is over");
  }

  #move(node: WorldNode, phase: Phase, now: number, evidence: string): void {
    const from = node.phase;
    node.phase = phase;
    if (from.state === phase.state && from.epoch === phase.epoch) return;
    node.forgetEvidence();
    if (phase.state === "closed") node.failedColo = "";
    this.#meta.epoch++;
    this.#meta.transitions = [
      { node: node.name, from: from.state, to: phase.state, at: now, evidence },
      ...this.#meta.transitions,
    ].slice(0, MAX_TRANSITIONS);
  }

  #newLeaseId(): string {
    this.#meta.leases++;
    return `${this.#meta.incarnation.toString(36)}.${this.#meta.leases.toString(36)}`;
  }

  #isResting(now: number): boolean {
    return now - this.#meta.lastDigestAt > REST_AFTER_MS;
  }
}

/** When the alarm has something to do for the node: once visitors had their chance, and no probe is under way. */
function ringAt(node: WorldNode, now: number): number | undefined {
  const { phase } = node;
  if (phase.state === "closed") return undefined;
  if (phase.state === "open")
    return (waitLeftMs(phase, now) > 0 ? phase.until : Math.min(phase.until, now)) + ALARM_GRACE_MS;
  const ends = node.liveLeases(now).map(({ expiresAt }) => expiresAt);
  return ends.length > 0 ? Math.min(...ends) : Math.max(now, phase.since + ALARM_GRACE_MS, mayAskAgainAt(node, now));
}

/** A probe that proved nothing, because nobody could ask, is not tried again at once: that would go on without end. */
function mayAskAgainAt({ unprovenAt }: WorldNode, now: number): number {
  return unprovenAt === 0 ? now : Math.min(unprovenAt, now + VISITORS_TURN_MS) + LEASE_MS;
}

function evidenceOf(node: WorldNode, reason: TripReason, now: number): string {
  const { ok, failed, slow } = node.window.totals(now);
  const { reporters, colos } = node.quorum(now);
  const told = `${node.failing(now).length} of ${reporters} reporters needed${colos > 1 ? `, in ${colos} colos` : ""}`;
  return `${reason}: ${failed} failed, ${slow} slow, ${ok} answered in 10 s, told by ${told}`;
}

/** Rest begins after ten minutes: a minute more or less is no reason to write a row with each digest. */
function coarse(at: number): number {
  return Math.floor(at / 60_000) * 60_000;
}

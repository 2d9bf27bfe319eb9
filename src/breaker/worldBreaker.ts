import * as z from "zod/mini";
import type { BreakerAnswer, BreakerDigest } from "../rpc/digest.ts";
import type { BreakerPart } from "../rpc/parts.ts";
import type { Lease } from "../rpc/reply.ts";
import type { Settlement, Standing } from "../rpc/report.ts";
import { compareStamps, type Stamp } from "../rpc/stamp.ts";
import {
  CHECK_EVERY_MS,
  LEASE_MS,
  MAX_LEASES,
  MAX_TRANSITIONS,
  QUORUM_WINDOW_MS,
  RECHECK_EVERY_MS,
  REST_AFTER_MS,
} from "./constants.ts";
import { type Phase, step } from "./phase.ts";
import type { TripReason } from "./tripRule.ts";
import { hasTrouble, WorldNode } from "./worldNode.ts";

/** One change of one node's breaker, and why. */
const transitionSchema = z.object({
  node: z.string(),
  from: z.string(),
  to: z.string(),
  at: z.number(),
  evidence: z.string(),
});
export type Transition = z.infer<typeof transitionSchema>;

const collectorSchema = z.object({ name: z.string(), at: z.number(), reporters: z.number() });

const metaSchema = z.object({
  incarnation: z.number(),
  epoch: z.number(),
  leases: z.number(),
  lastDigestAt: z.number(),
  transitions: z.array(transitionSchema),
  collectors: z.array(collectorSchema),
  /** The last reports that told of trouble, so that a repeat is known: `[reporter, seq]`. */
  recent: z.array(z.tuple([z.string(), z.number()])),
});
type Meta = z.infer<typeof metaSchema>;

/** What was dropped, for the metrics. */
export interface Dropped {
  repeated: number;
  lateSettlements: number;
}

const MAX_RECENT = 256;
const MAX_COLLECTORS = 512;
const COLLECTOR_KEPT_MS = 86_400_000;
/** A Collector's row is written again after this long, or when it is new. */
const COLLECTOR_GRAIN_MS = 600_000;
/** Visitors' isolates get this long to take a lease before the owner's alarm does. */
const ALARM_GRACE_MS = 500;

/**
 * The world's breaker: all nodes, the leases, the health cache. Deterministic: the clock and chance are arguments, and
 * what it remembers goes out as rows and comes back from them, so that its object may vanish between any two messages.
 */
export class WorldBreaker {
  readonly dropped: Dropped = { repeated: 0, lateSettlements: 0 };
  readonly #nodes = new Map<string, WorldNode>();
  #meta: Meta;
  /** As the last digest told it, to the second; rows hold it coarser. */
  readonly #collectors = new Map<string, { at: number; reporters: number }>();

  /** `rows`: what `toRows` gave; none for a new owner, whose incarnation is then `now`. Nodes are the configured ones. */
  constructor(nodes: readonly string[], rows: ReadonlyMap<string, string>, now: number) {
    const meta = metaSchema.safeParse(JSON.parse(rows.get("meta") ?? "null"));
    this.#meta = meta.success
      ? meta.data
      : { incarnation: now, epoch: 0, leases: 0, lastDigestAt: 0, transitions: [], collectors: [], recent: [] };
    for (const { name, at, reporters } of this.#meta.collectors) this.#collectors.set(name, { at, reporters });
    for (const name of nodes) {
      const row = rows.get(`node:${name}`);
      this.#nodes.set(name, (row && WorldNode.fromRow(name, row, now)) || new WorldNode(name, now));
    }
  }

  /** What must be durable before anything is answered. */
  toRows(now: number): Map<string, string> {
    const collectors = Array.from(this.#collectors, ([name, { at, reporters }]) => ({
      name,
      at: Math.floor(at / COLLECTOR_GRAIN_MS) * COLLECTOR_GRAIN_MS,
      reporters: reporters > 0 ? 1 : 0,
    }));
    const rows = new Map([
      ["meta", JSON.stringify({ ...this.#meta, collectors, lastDigestAt: coarse(this.#meta.lastDigestAt) })],
    ]);
    for (const node of this.#nodes.values()) rows.set(`node:${node.name}`, node.toRow(now));
    return rows;
  }

  /** One Collector's digest: evidence in, verdicts and leases out. */
  digest(digest: BreakerDigest, now: number, random: () => number): BreakerAnswer {
    this.#hearOf(digest, now);
    for (const calm of digest.calm) this.#hearCalm(calm, now);
    for (const report of digest.reports) {
      if (this.#isRepeat(report.id, report.seq)) {
        this.dropped.repeated++;
        continue;
      }
      this.#hearReport(report, now);
      for (const settlement of report.settle) this.settle(settlement, now, random());
    }
    for (const node of this.#nodes.values()) this.#decide(node, now, random());
    return { part: this.part(now), leases: this.#grant(digest.wantsLeases, digest.checks, digest.collector, now) };
  }

  /** The verdicts and the health cache, as of now. */
  part(now: number): BreakerPart {
    return {
      ...this.#stamp(),
      ageMs: 0,
      reporters: this.reporters(now),
      nodes: Array.from(this.#nodes.values(), ({ name, phase }) => ({
        node: name,
        state: phase.state,
        epoch: phase.epoch,
        sinceMs: Math.max(0, now - phase.since),
        forMs: phase.state === "open" ? Math.max(0, phase.until - now) : 0,
      })),
      health: Array.from(this.#nodes.values(), ({ name, successAt, failureAt, queryAt }) => ({
        node: name,
        successAgeMs: ageOf(successAt, now),
        failureAgeMs: ageOf(failureAt, now),
        queryAgeMs: ageOf(queryAt, now),
      })),
    };
  }

  /** A probe or check ended. A lease that expired, or is of another epoch, proves nothing any more. */
  settle({ lease, node, epoch, outcome }: Settlement, now: number, random: number): void {
    const known = this.#nodes.get(node);
    const held = known?.leases.find(({ id }) => id === lease);
    if (!known || !held || held.expiresAt <= now || epoch !== known.phase.epoch) {
      this.dropped.lateSettlements++;
      return;
    }
    known.leases = known.leases.filter(({ id }) => id !== lease);
    if (outcome === "ok") known.see({ successAt: now });
    if (outcome === "failed" || outcome === "slow") known.see({ failureAt: now });
    if (held.kind !== "probe" || outcome === "excluded") return;
    this.#move(
      known,
      step(known.phase, { type: "probe", good: outcome === "ok" }, now, random),
      now,
      `probe ${outcome}`,
    );
  }

  /** Leases that nobody took and whose time has come, for the owner's own alarm. */
  ownProbes(now: number, random: () => number): Lease[] {
    if (this.#isResting(now)) return [];
    for (const node of this.#nodes.values()) this.#decide(node, now, random());
    return Array.from(this.#nodes.values()).flatMap((node) => this.#probeLease(node, "alarm", now));
  }

  /** When the owner's alarm shall ring, or undefined while all is closed or nobody is there. */
  alarmAt(now: number): number | undefined {
    if (this.#isResting(now)) return undefined;
    const times = Array.from(this.#nodes.values()).flatMap(({ phase, leases }) => {
      if (phase.state === "open") return [phase.until + ALARM_GRACE_MS];
      if (phase.state !== "half-open") return [];
      const live = leases.filter(({ expiresAt }) => expiresAt > now).map(({ expiresAt }) => expiresAt);
      return [live.length > 0 ? Math.min(...live) : Math.max(now, phase.since + ALARM_GRACE_MS)];
    });
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Isolates that reported in the last minute, in the whole world. */
  reporters(now: number): number {
    return Array.from(this.#collectors.values())
      .filter(({ at }) => now - at < QUORUM_WINDOW_MS)
      .reduce((sum, { reporters }) => sum + reporters, 0);
  }

  /** The Collectors heard of in the last 24 hours. */
  collectors(): string[] {
    return [...this.#collectors.keys()];
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
    this.#collectors.set(collector, { at: now, reporters });
    for (const [name, { at }] of this.#collectors) {
      if (now - at > COLLECTOR_KEPT_MS) this.#collectors.delete(name);
    }
    if (this.#collectors.size > MAX_COLLECTORS) {
      const [oldest] = [...this.#collectors].sort(([, a], [, b]) => a.at - b.at);
      if (oldest) this.#collectors.delete(oldest[0]);
    }
    // Somebody holds a later word of ours than we know of: this storage was restored. Only a new incarnation is believed.
    if (have && compareStamps(have, this.#stamp()) > 0) {
      this.#meta.incarnation = Math.max(now, have.incarnation + 1);
    }
  }

  #hearCalm(
    { node, ok, excluded, successAgeMs, queryAgeMs, reporters }: BreakerDigest["calm"][number],
    now: number,
  ): void {
    const known = this.#nodes.get(node);
    if (!known) return;
    known.window.addAll({ ok, excluded, failed: 0, slow: 0 }, now);
    if (ok > 0) {
      known.failedRun = 0;
      known.slowRun = 0;
    }
    known.see({ ...at("successAt", successAgeMs, now), ...at("queryAt", queryAgeMs, now) });
    for (const id of reporters) known.hear(id, { askedAt: now, failingAt: 0, failedRun: 0, slowRun: 0 });
  }

  #hearReport({ id, outcomes, standing }: BreakerDigest["reports"][number], now: number): void {
    const runs = new Map<string, Standing>();
    for (const word of standing) {
      const known = this.#nodes.get(word.node);
      if (!known) continue;
      known.see({
        ...at("successAt", word.successAgeMs, now),
        ...at("failureAt", word.failureAgeMs, now),
        ...at("queryAt", word.queryAgeMs, now),
      });
      const isOfNow = word.epoch === known.phase.epoch || isYounger(word.failureAgeMs, known.phase, now);
      if (!isOfNow) continue;
      runs.set(word.node, word);
      const failingAt = hasTrouble(word) ? { failingAt: now } : {};
      known.hear(id, { askedAt: now, failedRun: word.failedRun, slowRun: word.slowRun, ...failingAt });
    }
    for (const { node, ok, failed, slow, excluded } of outcomes) {
      const known = this.#nodes.get(node);
      if (!known) continue;
      // Evidence from before the last transition says nothing about now, and must not undo it.
      const word = runs.get(node);
      if (!word) {
        known.window.addAll({ ok: 0, failed: 0, slow: 0, excluded: ok + failed + slow + excluded }, now);
        continue;
      }
      known.window.addAll({ ok, failed, slow, excluded }, now);
      known.failedRun = ok > 0 ? word.failedRun : known.failedRun + failed;
      known.slowRun = ok > 0 ? word.slowRun : known.slowRun + slow;
      if (failed + slow > 0) known.hear(id, { failingAt: now });
    }
  }

  #isRepeat(id: string, seq: number): boolean {
    const known = this.#meta.recent.find(([reporter]) => reporter === id);
    if (known && known[1] >= seq) return true;
    this.#meta.recent = [
      ...this.#meta.recent.filter(([reporter]) => reporter !== id),
      [id, seq] as [string, number],
    ].slice(-MAX_RECENT);
    return false;
  }

  #decide(node: WorldNode, now: number, random: number): void {
    node.leases = node.liveLeases(now);
    const reason = node.phase.state === "closed" ? node.reasonToOpen(now) : undefined;
    if (reason) this.#move(node, step(node.phase, { type: "trip" }, now, random), now, evidenceOf(node, reason, now));
    this.#move(node, step(node.phase, { type: "time" }, now, random), now, "the wait is over");
  }

  #move(node: WorldNode, phase: Phase, now: number, evidence: string): void {
    const from = node.phase;
    node.phase = phase;
    if (from.state === phase.state && from.epoch === phase.epoch) return;
    node.forgetEvidence();
    this.#meta.epoch++;
    this.#meta.transitions = [
      { node: node.name, from: from.state, to: phase.state, at: now, evidence },
      ...this.#meta.transitions,
    ].slice(0, MAX_TRANSITIONS);
  }

  #grant(wanted: number, checks: readonly string[], holder: string, now: number): Lease[] {
    const leases: Lease[] = [];
    for (const node of this.#nodes.values()) {
      if (leases.length < wanted) leases.push(...this.#probeLease(node, holder, now));
    }
    for (const name of checks) {
      const node = this.#nodes.get(name);
      if (node && leases.length < wanted && isCheckDue(node, now)) {
        node.checkGrantedAt = now;
        leases.push(this.#lease(node, "check", holder, now));
      }
    }
    return leases;
  }

  #probeLease(node: WorldNode, holder: string, now: number): Lease[] {
    if (node.phase.state !== "half-open") return [];
    const live = node.liveLeases(now).filter(({ kind }) => kind === "probe").length;
    return live < MAX_LEASES ? [this.#lease(node, "probe", holder, now)] : [];
  }

  #lease(node: WorldNode, kind: Lease["kind"], holder: string, now: number): Lease {
    this.#meta.leases++;
    const id = `${this.#meta.incarnation.toString(36)}.${this.#meta.leases.toString(36)}`;
    const lease: Lease = { id, kind, node: node.name, epoch: node.phase.epoch, expiresInMs: LEASE_MS };
    node.leases = [...node.leases, { ...lease, expiresAt: now + LEASE_MS, holder }];
    return lease;
  }

  #isResting(now: number): boolean {
    return now - this.#meta.lastDigestAt > REST_AFTER_MS;
  }
}

function isCheckDue({ successAt, failureAt, checkGrantedAt, phase }: WorldNode, now: number): boolean {
  if (phase.state !== "closed") return false; // its own probes tell
  const hasFailed = (failureAt ?? 0) > (successAt ?? 0);
  const everyMs = hasFailed ? RECHECK_EVERY_MS : CHECK_EVERY_MS;
  const seenAt = Math.max(successAt ?? 0, failureAt ?? 0);
  return now - seenAt >= everyMs && now - checkGrantedAt >= everyMs;
}

function isYounger(failureAgeMs: number | null, phase: Phase, now: number): boolean {
  return failureAgeMs !== null && failureAgeMs < now - phase.since;
}

function evidenceOf(node: WorldNode, reason: TripReason, now: number): string {
  const { ok, failed, slow } = node.window.totals(now);
  const reporters = `${node.failing(now)} of ${node.quorum(now)} reporters needed`;
  return `${reason}: ${failed} failed, ${slow} slow, ${ok} answered in 10 s, told by ${reporters}`;
}

function ageOf(at: number | null, now: number): number | null {
  return at === null ? null : Math.max(0, now - at);
}

function at<K extends string>(key: K, ageMs: number | null, now: number): { [P in K]?: number } {
  return (ageMs === null ? {} : { [key]: now - ageMs }) as { [P in K]?: number };
}

/** Rest begins after ten minutes: a minute more or less is no reason to write a row with each digest. */
function coarse(at: number): number {
  return Math.floor(at / 60_000) * 60_000;
}

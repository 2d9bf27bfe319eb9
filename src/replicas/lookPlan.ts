import type { ReplicasDigest } from "../rpc/digest.ts";
import {
  AWAKE_KNOWN_MS,
  BOUNDED_ASKED_MS,
  CALM_SAMPLE_EVERY_MS,
  LOST_LATELY_MS,
  LOST_SAMPLE_EVERY_MS,
  REST_AFTER_MS,
  SAMPLE_EVERY_MS,
} from "./constants.ts";

/** A node that is configured. */
export interface ReplicaNode {
  readonly name: string;
  readonly maySleep: boolean;
}

/** Questions under way: whom, and since when. */
interface Round {
  readonly asked: readonly string[];
  readonly startedAt: number;
}

/** What of the map makes it look more often. */
interface MapTrouble {
  readonly hasPrimary: boolean;
  /** Nobody takes writes, somebody claims to, or an epoch is about to begin. */
  readonly isSearched: boolean;
  /** Replicas that are out of rotation until they have caught up. */
  readonly behind: readonly string[];
}

/** When the ReplicaCoordinator looks at the nodes, and at which: those that sleep only where they are needed. */
export class LookPlan {
  readonly #nodes: readonly ReplicaNode[];
  /** Nodes whose breaker was not closed. */
  readonly #unhealthy: Set<string>;
  /** When each node was last known to be awake. */
  readonly #awakeAt = new Map<string, number>();
  #lastDigestAt: number;
  #round: Round | undefined;
  #boundedAt = Number.NEGATIVE_INFINITY;
  /** When somebody last met another role than the map says; undefined: looked at since. */
  #contradictedAt: number | undefined;
  /** Since when nobody takes writes; undefined: somebody does, or nobody ever did. */
  #lostAt: number | undefined;
  /** A replica may have caught up, or a primary gone back, which one more look would tell. */
  #isDoubted = false;

  constructor(
    nodes: readonly ReplicaNode[],
    { lastDigestAt, unhealthy }: { readonly lastDigestAt: number; readonly unhealthy: readonly string[] },
  ) {
    this.#nodes = nodes;
    this.#lastDigestAt = lastDigestAt;
    this.#unhealthy = new Set(unhealthy.filter((node) => this.#isKnown(node)));
  }

  get lastDigestAt(): number {
    return this.#lastDigestAt;
  }

  get unhealthy(): string[] {
    return [...this.#unhealthy].sort();
  }

  /** The questions under way, or the last ones. */
  get round(): Round | undefined {
    return this.#round;
  }

  get isContradicted(): boolean {
    return this.#contradictedAt !== undefined;
  }

  digested({ sample, verdicts, bounded, awake }: ReplicasDigest, now: number): void {
    this.#lastDigestAt = now;
    if (bounded) this.#boundedAt = now;
    for (const node of awake) if (this.#isKnown(node)) this.isAwake(node, now);
    // A Collector that has not heard of the breaker says nothing of it, and not that all is well.
    for (const { node, state } of verdicts) {
      const isWell = state === "closed" || state === "forced-closed" || state === "shadow";
      if (this.#isKnown(node) && !isWell) this.#unhealthy.add(node);
      else this.#unhealthy.delete(node);
    }
    if (sample) this.contradicted(now);
  }

  /** The node answered somebody: to ask it wakes nobody. */
  isAwake(node: string, now: number): void {
    this.#awakeAt.set(node, now);
  }

  /** Somebody met another role than the map says. */
  contradicted(now: number): void {
    this.#contradictedAt = now;
  }

  /** The round is over. What was met later than now was before the clock was set back, and the round came after it. */
  looked({ startedAt }: Round, now: number): void {
    const metAt = this.#contradictedAt;
    if (metAt !== undefined && (metAt <= startedAt || metAt > now)) this.#contradictedAt = undefined;
  }

  /** Whether the primary is lost, by the map that was drawn from it. */
  found(isLost: boolean, now: number): void {
    this.#lostAt = isLost ? (this.#lostAt ?? now) : undefined;
  }

  /** Whether one more look would tell what this one left open. */
  doubted(isDoubted: boolean): void {
    this.#isDoubted = isDoubted;
  }

  /** It was tried: the next try waits from now on. */
  unanswered(now: number): void {
    if (this.#round) this.#round = { ...this.#round, startedAt: now };
  }

  /** The nodes to look at now, with which a round begins; empty: not yet. */
  due(map: MapTrouble, now: number): string[] {
    const isUrgent = this.isContradicted || this.#isBusy(map, now);
    const sinceMs = now - (this.#round?.startedAt ?? Number.NEGATIVE_INFINITY);
    if (sinceMs >= 0 && sinceMs < (isUrgent ? this.#urgentEveryMs(now) : CALM_SAMPLE_EVERY_MS)) return [];
    const asked = this.#askable(map, now);
    if (asked.length > 0) this.begin(asked, now);
    return asked;
  }

  /** A round begins that nobody had to wait for. */
  begin(asked: readonly string[], now: number): void {
    this.#round = { asked, startedAt: now };
  }

  /** When to look without a digest; undefined: not at all. */
  alarmAt(map: MapTrouble, now: number): number | undefined {
    const isDue = this.#isBusy(map, now) || this.isContradicted;
    if (now - this.#lastDigestAt > REST_AFTER_MS || !isDue || this.#askable(map, now).length === 0) return undefined;
    return Math.max(now, Math.min(now, this.#round?.startedAt ?? 0) + this.#urgentEveryMs(now));
  }

  isLostLately(now: number): boolean {
    return this.#lostAt !== undefined && Math.abs(now - this.#lostAt) < LOST_LATELY_MS;
  }

  #askable({ hasPrimary, behind }: MapTrouble, now: number): string[] {
    // Somebody claims another role: before anybody is called his successor, the primary himself is asked, asleep or not.
    const isLost = !hasPrimary || this.isContradicted;
    const isKnownAwake = (name: string) => Math.abs(now - (this.#awakeAt.get(name) ?? Number.NaN)) < AWAKE_KNOWN_MS;
    // One that is out is asked by nobody else. In rotation it would be, where others are.
    const isMissed = (name: string) => behind.includes(name) && this.#nodes.some((other) => isKnownAwake(other.name));
    const mayAsk = ({ name, maySleep }: ReplicaNode) => !maySleep || isLost || isKnownAwake(name) || isMissed(name);
    return this.#nodes.filter(mayAsk).map(({ name }) => name);
  }

  /** A node is not well or may be back, none is the primary, or bounds are asked for: seconds count. */
  #isBusy({ isSearched }: MapTrouble, now: number): boolean {
    const isTroubled = this.#unhealthy.size > 0 || this.#isDoubted || isSearched;
    return isTroubled || Math.abs(now - this.#boundedAt) < BOUNDED_ASKED_MS;
  }

  #urgentEveryMs(now: number): number {
    return this.isLostLately(now) ? LOST_SAMPLE_EVERY_MS : SAMPLE_EVERY_MS;
  }

  #isKnown(node: string): boolean {
    return this.#nodes.some(({ name }) => name === node);
  }
}

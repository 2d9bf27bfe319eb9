import { AWAKE_KNOWN_MS } from "../../replicas/constants.ts";
import { compareEpochs } from "../../replicas/topology.ts";
import type { CacheDigest } from "../../rpc/digest.ts";
import {
  COVER_GAPS_MS,
  CROWDED_BUMPS,
  CROWDED_LOOK_MS,
  LOOK_AFTER_MS,
  LOOK_GAPS_MS,
  LOOK_REST_MS,
  OUTBOX_EVERY_MS,
} from "../constants.ts";
import type { Flood, LiveBump } from "./bumpRow.ts";
import type { Cover } from "./cover.ts";

/** A node that is configured. */
export interface CacheNode {
  readonly name: string;
  /** It stops by itself when nobody asks it, and must not be woken for a look. */
  readonly maySleep: boolean;
}

/** What there is to look after. */
interface Open {
  readonly live: readonly LiveBump[];
  readonly flood: Flood | null;
  readonly cover: Cover;
}

/**
 * When nodes are looked at, and which: by an alarm while a bump is live; as digests come, while the cover is not whole; and
 * the primary alone, seldom, as digests come.
 */
export class Looks {
  readonly #nodes: readonly CacheNode[];
  readonly #awakeAt = new Map<string, number>();
  /** What a Collector last said of the map. */
  #map: CacheDigest["map"];
  #startedAt = Number.NEGATIVE_INFINITY;
  /** When the primary was asked last, alone or with all. */
  #primaryAt = Number.NEGATIVE_INFINITY;
  /** What was open at the last look, and how many looks found the same before. */
  #was = "";
  #same = 0;

  constructor(nodes: readonly CacheNode[]) {
    this.#nodes = nodes;
  }

  /** Nobody can ever be asked. */
  get isBlind(): boolean {
    return this.#nodes.length === 0;
  }

  digested({ awake = [], map }: CacheDigest, now: number): void {
    for (const { name } of this.#nodes) if (awake.includes(name)) this.#awakeAt.set(name, now);
    if (map) this.#map = map;
  }

  /** Nodes that may prove anything, and may be asked: configured, in rotation, and awake. */
  eligible(now: number): string[] {
    const isAwake = (name: string) => Math.abs(now - (this.#awakeAt.get(name) ?? Number.NaN)) < AWAKE_KNOWN_MS;
    const isOut = (name: string) => this.#map?.nodes.some(({ node, isOut }) => node === name && isOut) === true;
    return this.#nodes
      .filter(({ name, maySleep }) => !isOut(name) && (!maySleep || isAwake(name)))
      .map(({ name }) => name);
  }

  /** Whom to ask now; empty: not yet. With that a look begins. */
  begin(open: Open, now: number): string[] {
    const eligible = this.eligible(now);
    if (eligible.length === 0) return [];
    if (now < this.#dueAt(open, eligible, now)) return this.#beginAlone(open, eligible, now);
    const is = this.#signature(open, eligible);
    this.#same = is === this.#was ? this.#same + 1 : 0;
    this.#was = is;
    this.#startedAt = now;
    this.#primaryAt = now;
    return eligible;
  }

  /**
   * With a bump that is live all are asked in a moment. Else it counts for nothing: a node that is away is not asked more
   * often by it, nor less.
   */
  #beginAlone({ live, flood, cover }: Open, eligible: readonly string[], now: number): string[] {
    const isDue = Math.abs(now - this.#primaryAt) >= OUTBOX_EVERY_MS;
    const { primary } = cover;
    if (!isDue || live.length > 0 || flood || primary === null || !eligible.includes(primary)) return [];
    this.#primaryAt = now;
    return [primary];
  }

  /** When to look though nobody comes; undefined: not at all. */
  alarmAt(open: Open, now: number): number | undefined {
    const { live, flood, cover } = open;
    const eligible = this.eligible(now);
    const isAsleep = cover.primary !== null && !eligible.includes(cover.primary);
    const isOfLate = [...live, ...(flood ? [flood] : [])].some(({ at }) => now - at < LOOK_REST_MS);
    if (eligible.length === 0 || isAsleep || !isOfLate) return undefined;
    return Math.max(now, this.#dueAt(open, eligible, now));
  }

  #dueAt(open: Open, eligible: readonly string[], now: number): number {
    const { live, flood } = open;
    const startedAt = Math.min(now, this.#startedAt);
    const step = <T>(gaps: readonly [T, ...T[]]) => gaps[Math.min(this.#same, gaps.length - 1)] ?? gaps[0];
    const due = [Number.POSITIVE_INFINITY];
    const unseen = live.find(({ at }) => at >= startedAt);
    if (unseen) due.push(Math.max(startedAt + this.#leastGapMs(live), Math.min(now, unseen.at) + LOOK_AFTER_MS));
    if (flood || live.some(({ at }) => at < startedAt)) due.push(startedAt + step(LOOK_GAPS_MS));
    if (this.#missing(open, eligible) !== "") due.push(startedAt + step(COVER_GAPS_MS));
    return Math.min(...due);
  }

  #leastGapMs({ length }: readonly LiveBump[]): number {
    return length > CROWDED_BUMPS ? CROWDED_LOOK_MS : LOOK_GAPS_MS[0];
  }

  #signature(open: Open, eligible: readonly string[]): string {
    const { live, flood } = open;
    return `${live.length} ${live.at(-1)?.seq} ${flood?.seq} ${this.#missing(open, eligible)}`;
  }

  /** Who might prove something and does not: not in the cover, or there as another process; all, where the epoch is another. */
  #missing({ cover }: Open, eligible: readonly string[]): string {
    const isOther = compareEpochs(this.#map?.epoch ?? null, cover.epoch) > 0;
    const generationOf = (name: string) => this.#map?.nodes.find(({ node }) => node === name)?.generation ?? null;
    const isMissing = (name: string) => {
      const covered = cover.generationOf(name);
      const known = generationOf(name);
      return isOther || covered === undefined || (known !== null && known !== covered);
    };
    return eligible.filter(isMissing).join(" ");
  }
}

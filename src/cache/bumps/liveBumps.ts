import type { ProbeSample } from "../../rpc/probing.ts";
import type { Bump } from "../../rpc/report.ts";
import { processOf } from "../bumpKnowledge.ts";
import { BUMP_LIVE_MS, MAX_LIVE_BUMPS } from "../constants.ts";
import type { Flood, LiveBump } from "./bumpRow.ts";
import { type Cover, hasReached, type Round } from "./cover.ts";

/** What the flood is called: no mark has this id, so no load ever proves that it saw it. */
const FLOOD_ID = "00000000-0000-0000-0000-000000000000";
/** The last place is the flood's. */
const ROOM = MAX_LIVE_BUMPS - 1;

/** Bumps that some process in the cover was not yet seen to hold. In order of number. */
export class LiveBumps {
  #live: readonly LiveBump[];
  #flood: Flood | null;
  /** Processes that were seen to hold each. Memory: an instance that begins anew asks them again. */
  readonly #seen = new Map<string, Set<string>>();
  /** The primary as he last answered. */
  #primary: ProbeSample | undefined;
  /** When a look last found the primary of the epoch that is known. Memory, as above. */
  #sameEpochAt = Number.NEGATIVE_INFINITY;

  constructor(live: readonly LiveBump[], flood: Flood | null) {
    this.#live = live;
    this.#flood = flood;
  }

  get bumps(): readonly LiveBump[] {
    return this.#live;
  }

  get flood(): Flood | null {
    return this.#flood;
  }

  get isEmpty(): boolean {
    return this.#live.length === 0 && this.#flood === null;
  }

  /** As they are told: a flood is one bump that nobody holds. */
  get told(): { id: string; seq: number; buckets: number[] }[] {
    const all = this.#live.map(({ id, seq, buckets }) => ({ id, seq, buckets }));
    const flood = this.#flood;
    return flood ? [{ id: FLOOD_ID, seq: flood.seq, buckets: flood.buckets }, ...all] : all;
  }

  add({ id, buckets }: Bump, seq: number, now: number): void {
    this.#live = [...this.#live, { id, seq, buckets, at: now }];
  }

  /** Where nobody can be asked nobody proves anything, and bumps are told for as long as somebody may be loading. */
  expire(now: number): void {
    this.#keep((bump) => now - bump.at < BUMP_LIVE_MS);
    if (this.#flood && now - this.#flood.at >= BUMP_LIVE_MS) this.#flood = null;
  }

  /** Too many: those leave the cover that lack the oldest of them; what is still too many becomes one with the flood. */
  makeRoom(cover: Cover): void {
    if (this.#live.length <= ROOM) return;
    const oldest = this.#live.slice(0, this.#live.length - ROOM);
    for (const bump of oldest) this.#dismissWhoLacks(bump, cover);
    this.#forgetHeld(cover);
    const excess = this.#live.slice(0, Math.max(0, this.#live.length - ROOM));
    for (const { seq, buckets, at } of excess) {
      const all = new Set([...(this.#flood?.buckets ?? []), ...buckets]);
      this.#flood = { seq, buckets: [...all], at, barrier: null };
    }
    this.#live = this.#live.slice(excess.length);
  }

  /** The primary is that of another epoch: what came under the old one and is not on the new one's line never will be. */
  newEpoch({ held }: ProbeSample): void {
    this.#seen.clear();
    const before = this.#sameEpochAt;
    this.#sameEpochAt = Number.NEGATIVE_INFINITY;
    if (this.#flood) this.#flood = { ...this.#flood, barrier: null };
    if (held) this.#keep(({ id, at }) => at >= before || held.includes(id));
  }

  /** What a look says of them. Nothing is concluded without the primary's word. */
  heard({ samples, startedAt }: Round, primary: ProbeSample | undefined, cover: Cover): void {
    for (const { node, generation, held } of samples) {
      if (generation === null) continue;
      for (const id of held ?? []) this.#noteSeen(id, processOf(node, generation));
    }
    if (!primary?.held || primary.generation === null) return;
    this.#primary = primary;
    this.#sameEpochAt = startedAt;
    for (const bump of this.#live) if (startedAt - bump.at >= BUMP_LIVE_MS) this.#dismissWhoLacks(bump, cover);
    this.#forgetHeld(cover);
    this.#keep(({ id, at }) => startedAt - at < BUMP_LIVE_MS || samples.some(({ held }) => held?.includes(id)));
    this.#settleFlood(samples, startedAt, primary, cover);
  }

  /** Of what the primary holds. */
  #dismissWhoLacks({ id }: LiveBump, cover: Cover): void {
    if (!this.#isOnPrimary(id)) return;
    const seen = this.#seen.get(id);
    for (const [node, generation] of cover.processes) if (!seen?.has(processOf(node, generation))) cover.leave(node);
  }

  #forgetHeld(cover: Cover): void {
    const primary = this.#primary;
    if (!primary) return;
    const isHeld = ({ id }: LiveBump) => this.#isOnPrimary(id) && cover.isWithin(this.#seen.get(id) ?? new Set());
    if (!this.#live.some(isHeld)) return;
    this.#keep((bump) => !isHeld(bump));
    cover.forgot(primary);
  }

  #isOnPrimary(id: string): boolean {
    return this.#primary?.held?.includes(id) === true;
  }

  /** A minute after the last of it came all of it is in the primary's log, or never will be: then whoever has that log holds it. */
  #settleFlood(samples: readonly ProbeSample[], startedAt: number, primary: ProbeSample, cover: Cover): void {
    const flood = this.#flood;
    if (!flood || startedAt - flood.at < BUMP_LIVE_MS || primary.position === null) return;
    const barrier = flood.barrier ?? { position: primary.position, at: startedAt };
    const isPast = (node: string) =>
      hasReached(samples.find((sample) => sample.node === node)?.position ?? null, barrier.position);
    const behind = cover.processes.filter(([node]) => !isPast(node));
    if (startedAt - barrier.at >= BUMP_LIVE_MS) for (const [node] of behind.splice(0)) cover.leave(node);
    this.#flood = behind.length === 0 ? null : { ...flood, barrier };
    if (behind.length === 0) cover.forgot({ ...primary, position: barrier.position });
  }

  #noteSeen(id: string, process: string): void {
    if (!this.#live.some((bump) => bump.id === id)) return;
    const seen = this.#seen.get(id) ?? new Set();
    this.#seen.set(id, seen.add(process));
  }

  #keep(isKept: (bump: LiveBump) => boolean): void {
    if (this.#live.every(isKept)) return;
    this.#live = this.#live.filter(isKept);
    const ids = new Set(this.#live.map(({ id }) => id));
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id);
  }
}

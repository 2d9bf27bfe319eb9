import { compareStamps, type Stamp } from "../rpc/stamp.ts";
import { CollectorRegister } from "./collectorRegister.ts";
import { CROWD_KEPT_MS, MAX_RECENT, MAX_TRANSITIONS, REST_AFTER_MS } from "./constants.ts";
import { type Transition, type WorldMeta, worldMeta } from "./worldMeta.ts";

/** What the owner of the breaker remembers beside its nodes, as one row: who it is, what it said, whom it heard of. */
export class WorldMemory {
  readonly #meta: WorldMeta;
  readonly collectors: CollectorRegister;

  /** `row`: what `toRow` gave; none for a new owner, whose incarnation is then `now`. */
  constructor(row: string | undefined, now: number) {
    this.#meta = worldMeta(row, now);
    this.collectors = new CollectorRegister(this.#meta.collectors);
  }

  toRow(): string {
    const lastDigestAt = coarse(this.#meta.lastDigestAt);
    return JSON.stringify({ ...this.#meta, collectors: this.collectors.toRow(), lastDigestAt });
  }

  get stamp(): Stamp {
    const { incarnation, epoch } = this.#meta;
    return { incarnation, epoch, version: 0 };
  }

  get transitions(): readonly Transition[] {
    return this.#meta.transitions;
  }

  /** What is said from now on is believed, whatever was said before. `beyond`: an incarnation that somebody holds. */
  reincarnate(now: number, beyond = this.#meta.incarnation): void {
    this.#meta.incarnation = Math.max(now, beyond + 1);
  }

  /** Somebody holds this stamp of ours. A later word than we know of: this storage was restored. */
  heardOf(stamp: Stamp, now: number): void {
    if (compareStamps(stamp, this.stamp) > 0) this.reincarnate(now, stamp.incarnation);
  }

  /** A node's breaker moved: another statement, and a line of history. */
  moved(transition: Transition): void {
    this.#meta.epoch++;
    this.note(transition);
  }

  note(transition: Transition): void {
    this.#meta.transitions = [transition, ...this.#meta.transitions].slice(0, MAX_TRANSITIONS);
  }

  isKnown(id: string, seq: number): boolean {
    return this.#meta.recent.some(([known, last]) => known === id && last >= seq);
  }

  /** It came: a repeat of it, or of what its sender said before it, is known from now on. */
  remember(id: string, seq: number): void {
    const others = this.#meta.recent.filter(([known]) => known !== id);
    this.#meta.recent = [...others, [id, seq] as [string, number]].slice(-MAX_RECENT);
  }

  newLeaseId(): string {
    this.#meta.leases++;
    return `${this.#meta.incarnation.toString(36)}.${this.#meta.leases.toString(36)}`;
  }

  /** A digest came, and the register of Collectors knows of it. */
  digested(now: number): void {
    this.#meta.lastDigestAt = now;
    const count = 2 ** Math.floor(Math.log2(Math.max(1, this.collectors.reporters(now))));
    if (count >= this.#crowd(now)) this.#meta.crowd = { count, until: coarse(now) + CROWD_KEPT_MS };
  }

  /** An order came: whoever gave it is there, and waits to see what becomes of the node. */
  ordered(now: number): void {
    this.#meta.lastDigestAt = now;
  }

  /** Nobody came for so long that nobody is there to tell. */
  isResting(now: number): boolean {
    return now - this.#meta.lastDigestAt > REST_AFTER_MS;
  }

  /**
   * Isolates that reported in the last minute, in the whole world. Collectors and this owner may just have forgotten them:
   * a ramp's rate is shared out by their number, so it does not fall at once.
   */
  reporters(now: number): number {
    return Math.max(this.collectors.reporters(now), this.#crowd(now));
  }

  #crowd(now: number): number {
    const { count, until } = this.#meta.crowd;
    return until > now && until <= now + CROWD_KEPT_MS ? count : 0;
  }
}

/** Rest begins after ten minutes: a minute more or less is no reason to write a row with each digest. */
function coarse(at: number): number {
  return Math.floor(at / 60_000) * 60_000;
}

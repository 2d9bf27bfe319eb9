import { MAX_POSITIONS } from "./constants.ts";
import { type Behind, behindMs, lagBoundMs, type PrimaryPosition } from "./lagBound.ts";

/** How far a node is in the log, and of which epoch it knows. */
interface Replayed {
  readonly position: string | null;
  readonly epoch: string | null;
}

/**
 * Where the primary's log was and when, as the coordinator saw it. Kept while the primary is silent, so that bounds
 * grow; begun anew with another primary or epoch, since positions of two logs cannot be compared.
 */
export class PrimaryLog {
  #primary: string | undefined;
  #epoch: string | null = null;
  #positions: PrimaryPosition[] = [];

  /** This node is the primary now, of this epoch. */
  follow(primary: string, epoch: string | null): void {
    if (primary === this.#primary && epoch === this.#epoch) return;
    this.#primary = primary;
    this.#epoch = epoch;
    this.#positions = [];
  }

  /** The log was at `position` at `at` or later. One that went back, in time or in place, is not the log it was. */
  note(at: number, position: bigint): void {
    const newest = this.#positions.at(-1);
    const isAhead = newest !== undefined && newest.at <= at && newest.position <= position;
    this.#positions = [...(isAhead ? this.#positions : []), { at, position }].slice(-MAX_POSITIONS);
  }

  /**
   * The most that a replica which says this is behind; null: nothing proves any. One that does not know of the
   * primary's epoch may follow another log, where the same position means something else.
   */
  lagMs({ position, epoch }: Replayed, now: number): number | null {
    if (position === null || epoch !== this.#epoch) return null;
    return lagBoundMs(this.#positions, BigInt(position), now);
  }

  /** How far a replica that said this at `at` was behind then, and may be by now; null: nothing of it can be compared. */
  behind({ position, epoch }: Replayed, at: number, now: number): Behind | null {
    if (position === null || epoch !== this.#epoch) return null;
    const replayed = BigInt(position);
    return {
      atLeastMs: behindMs(this.#positions, replayed, at),
      atMostMs: lagBoundMs(this.#positions, replayed, now),
    };
  }
}

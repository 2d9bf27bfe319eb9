import { MAX_RECOVERING_KEYS, RECOVERY_PATIENCE_MS } from "../constants.ts";

/** Whose turn it may be doubles so many times within the patience: then it is anybody's. */
const DOUBLINGS = Math.log2(MAX_RECOVERING_KEYS);

/**
 * Who is loaded anew first when the database comes back: of the keys that were given old since it went, the one that was
 * asked for most. A turn comes at the isolate's rate, and is taken by a request for its own key: nobody's work is done in
 * another's name, and nothing waits. It is the hottest key's at first; where no request for that comes it is soon one of
 * the two hottest's, the four hottest's, and within half a second whoever asks may take it. Begins at a random part of a
 * turn, so that isolates which hear of the return at one moment do not load at one moment. Reads no clock, tosses no coin.
 */
export class RecoveryTurns {
  /** How often each was asked for that still waits. */
  readonly #wanted = new Map<string, number>();
  #turns = 0;
  #at: number | undefined;

  /** Keys that wait. */
  get waiting(): number {
    return this.#wanted.size;
  }

  /** An old copy of this key was given. The least wanted makes room for another. */
  wanted(key: string): void {
    const times = this.#wanted.get(key);
    if (times === undefined && this.#wanted.size >= MAX_RECOVERING_KEYS) this.#forgetOne();
    this.#wanted.set(key, (times ?? 0) + 1);
  }

  /** Whether this key is loaded now: it takes a turn, and waits no more. `random` is in [0, 1). */
  take(key: string, ratePerS: number, now: number, random: number): boolean {
    const saved = (ratePerS * RECOVERY_PATIENCE_MS) / 1_000;
    const come = this.#at === undefined ? random : (ratePerS * Math.max(0, now - this.#at)) / 1_000;
    this.#turns = Math.min(1 + saved, this.#turns + come);
    this.#at = now;
    if (this.#turns < 1 || !this.#isAmong(key, this.#places(saved))) return false;
    this.#turns--;
    this.#wanted.delete(key);
    return true;
  }

  /** What took a turn asked the database for nothing. */
  giveBack(): void {
    if (this.#at !== undefined) this.#turns++;
  }

  /** It is new, whoever loaded it. */
  settled(key: string): void {
    if (this.#wanted.size > 0) this.#wanted.delete(key);
  }

  /** The database is away (again): turns begin anew with its return. */
  away(): void {
    this.#turns = 0;
    this.#at = undefined;
  }

  /** All is as always. */
  over(): void {
    this.away();
    this.#wanted.clear();
  }

  /** Of how many keys the hottest may take the turn: `saved` turns come within the patience. */
  #places(saved: number): number {
    return 2 ** Math.floor(DOUBLINGS * ((this.#turns - 1) / saved));
  }

  /** Whether fewer than so many keys are hotter. */
  #isAmong(key: string, places: number): boolean {
    if (places >= this.#wanted.size) return true;
    const own = this.#wanted.get(key) ?? 0;
    let hotter = 0;
    for (const times of this.#wanted.values()) if (times > own && ++hotter >= places) return false;
    return true;
  }

  #forgetOne(): void {
    let [least, fewest] = ["", Number.POSITIVE_INFINITY];
    for (const [key, times] of this.#wanted) if (times < fewest) [least, fewest] = [key, times];
    this.#wanted.delete(least);
  }
}

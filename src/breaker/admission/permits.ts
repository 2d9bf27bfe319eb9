import { PERMIT_MS } from "./constants.ts";

/** Permits are counted by the quarter second they were taken in, so that nothing is kept for each of them. */
const SLOT_MS = 250;
const SLOTS = PERMIT_MS / SLOT_MS;

/** A slot's place in the ring. There are 16; a remainder of numbers as large as these costs ten times as much. */
const PLACE = SLOTS - 1;

/**
 * How many attempts are under way. Each is to be given back; one that is not returns by itself after some seconds: the
 * runtime cancels the work of a client that left, and no `finally` runs after that.
 */
export class Permits {
  readonly #counts = new Array<number>(SLOTS).fill(0);
  /** The newest slot, in slots since 1970. */
  #newest = 0;
  #total = 0;

  /** Those under way when one was last asked for, taken or given back. */
  get total(): number {
    return this.#total;
  }

  /** Those under way. */
  count(now: number): number {
    this.#advance(now);
    return this.#total;
  }

  /** Takes one; returns what gives it back. */
  take(now: number): number {
    this.#advance(now);
    const slot = this.#newest;
    const index = slot & PLACE;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#total++;
    return slot;
  }

  /** Gives one back. One that returned by itself meanwhile is not given back a second time. */
  giveBack(permit: number, now: number): void {
    this.#advance(now);
    const isKnown = permit <= this.#newest && permit > this.#newest - SLOTS;
    const index = permit & PLACE;
    const taken = this.#counts[index] ?? 0;
    if (!isKnown || taken === 0) return;
    this.#counts[index] = taken - 1;
    this.#total--;
  }

  /** A clock that went back a little changes nothing; by more than a permit's life, and none of them would ever end. */
  #advance(now: number): void {
    const slot = Math.floor(now / SLOT_MS);
    const passed = slot - this.#newest;
    if (passed === 0 || (passed < 0 && passed > -SLOTS)) return;
    if (passed >= SLOTS || passed < 0) {
      this.#counts.fill(0);
      this.#total = 0;
    } else {
      for (let step = 1; step <= passed; step++) this.#forget((this.#newest + step) & PLACE);
    }
    this.#newest = slot;
  }

  #forget(index: number): void {
    this.#total -= this.#counts[index] ?? 0;
    this.#counts[index] = 0;
  }
}

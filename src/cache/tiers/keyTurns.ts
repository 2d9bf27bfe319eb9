import { KV_KEY_GAP_MS, KV_MAX_WAITS, KV_WRITE_MS, MAX_SEEN_KEYS } from "./constants.ts";

export interface Clock {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

interface Slot {
  nextAt: number;
  /** Who waits for it. */
  waiting: object | undefined;
}

/** Lets one isolate's writes of a key through one at a time, a gap apart; of those that wait only the last to come. */
export class KeyTurns {
  readonly #clock: Clock;
  readonly #slots = new Map<string, Slot>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Waits for this key's turn; false: another came meanwhile and waits in its place, or the turn never came. Who was
   * let in says when it is done; one that never does (its request ended under it) holds the key for as long as a write may take.
   */
  async take(key: string): Promise<boolean> {
    const { now, sleep } = this.#clock;
    const slot = this.#slotOf(key);
    const ticket = {};
    const isTurn = () => {
      const leftMs = slot.nextAt - now();
      return leftMs <= 0 || leftMs > KV_WRITE_MS + KV_KEY_GAP_MS; // the clock was put back
    };
    if (!isTurn()) slot.waiting = ticket;
    for (let waits = 0; !isTurn(); waits++) {
      if (waits === KV_MAX_WAITS) return false;
      await sleep(Math.min(KV_KEY_GAP_MS, slot.nextAt - now()));
      if (slot.waiting !== ticket) return false;
    }
    slot.waiting = undefined;
    slot.nextAt = now() + KV_WRITE_MS;
    return true;
  }

  /** `gapMs`: so long nobody else has the turn. */
  done(key: string, gapMs = KV_KEY_GAP_MS): void {
    this.#slotOf(key).nextAt = this.#clock.now() + gapMs;
  }

  #slotOf(key: string): Slot {
    const known = this.#slots.get(key);
    if (known) return known;
    const slot: Slot = { nextAt: 0, waiting: undefined };
    this.#slots.set(key, slot);
    if (this.#slots.size > MAX_SEEN_KEYS) this.#forgetOldest();
    return slot;
  }

  #forgetOldest(): void {
    for (const oldest of this.#slots.keys()) {
      this.#slots.delete(oldest);
      return;
    }
  }
}

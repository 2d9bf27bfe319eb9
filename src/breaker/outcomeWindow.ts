import { SLOT_MS, WINDOW_MS } from "./constants.ts";

/** How attempts ended. `excluded`: they say nothing about the node (the caller's mistake, a client that left). */
export interface Counts {
  ok: number;
  failed: number;
  slow: number;
  excluded: number;
}

export type Outcome = keyof Counts;

interface Slot extends Counts {
  /** Its time in slots since 1970. */
  at: number;
}

const SLOTS = WINDOW_MS / SLOT_MS;

/** Outcomes of the last ten seconds, in slots of one. Changed in place: it stands on the path of every request. */
export class OutcomeWindow {
  #slots: Slot[] = [];

  /** One outcome, or many of one kind. */
  add(outcome: Outcome, now: number, count = 1): void {
    this.#slotAt(now)[outcome] += count;
  }

  addAll({ ok, failed, slow, excluded }: Counts, now: number): void {
    const slot = this.#slotAt(now);
    slot.ok += ok;
    slot.failed += failed;
    slot.slow += slow;
    slot.excluded += excluded;
  }

  /** What is still within the window. */
  totals(now: number): Counts {
    const oldest = slotOf(now) - SLOTS;
    const sum: Counts = { ok: 0, failed: 0, slow: 0, excluded: 0 };
    for (const slot of this.#slots) {
      if (slot.at <= oldest) continue;
      sum.ok += slot.ok;
      sum.failed += slot.failed;
      sum.slow += slot.slow;
      sum.excluded += slot.excluded;
    }
    return sum;
  }

  clear(): void {
    this.#slots = [];
  }

  toJSON(): unknown {
    return this.#slots;
  }

  static from(slots: readonly (Counts & { readonly at: number })[]): OutcomeWindow {
    const window = new OutcomeWindow();
    window.#slots = slots.slice(-SLOTS).map((slot) => ({ ...slot }));
    return window;
  }

  /** The newest slot where the clock went back: nothing is lost then, and nothing lands in the future. */
  #slotAt(now: number): Slot {
    const at = slotOf(now);
    const newest = this.#slots.at(-1);
    if (newest && newest.at >= at) return newest;
    const slot = { at, ok: 0, failed: 0, slow: 0, excluded: 0 };
    this.#slots.push(slot);
    if (this.#slots.length > SLOTS) this.#slots.shift();
    return slot;
  }
}

function slotOf(now: number): number {
  return Math.floor(now / SLOT_MS);
}

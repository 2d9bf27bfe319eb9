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
    const at = slotOf(now);
    const sum: Counts = { ok: 0, failed: 0, slow: 0, excluded: 0 };
    for (const slot of this.#slots) {
      if (!isWithin(slot, at)) continue;
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

  toJSON(): Slot[] {
    return this.#slots;
  }

  static from(slots: readonly (Counts & { readonly at: number })[]): OutcomeWindow {
    const window = new OutcomeWindow();
    window.#slots = slots.slice(-SLOTS).map((slot) => ({ ...slot }));
    return window;
  }

  /** The newest slot where the clock went back a little: nothing is lost then, and nothing lands in the future. */
  #slotAt(now: number): Slot {
    const at = slotOf(now);
    let newest = this.#slots.at(-1);
    if (newest && !isWithin(newest, at)) {
      this.#slots = [];
      newest = undefined;
    }
    if (newest && newest.at >= at) return newest;
    const slot = { at, ok: 0, failed: 0, slow: 0, excluded: 0 };
    this.#slots.push(slot);
    if (this.#slots.length > SLOTS) this.#slots.shift();
    return slot;
  }
}

/** Slots from a future beyond the window are of a clock that was set back since: they would never grow old. */
function isWithin(slot: Slot, at: number): boolean {
  return Math.abs(at - slot.at) < SLOTS;
}

function slotOf(now: number): number {
  return Math.floor(now / SLOT_MS);
}

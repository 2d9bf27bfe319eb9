import type { BreakableClass, ObjectFault } from "../bedFaults.ts";

/** A fault that was ordered; calls that hang by it look whether it was lifted. */
export interface OrderedFault {
  readonly fault: ObjectFault;
  left: number;
  isLifted: boolean;
}

/** All methods of a class. */
const EVERY = "*";

/** The faults of this process's objects. Module scope is shared by all objects of one Worker, so there is one table. */
class FaultTable {
  readonly #faults = new Map<string, OrderedFault>();
  #met = 0;

  order(cls: BreakableClass, method: string, fault: ObjectFault): void {
    const key = `${cls}.${method}`;
    this.#lift(key);
    this.#faults.set(key, { fault, left: fault.times ?? Number.POSITIVE_INFINITY, isLifted: false });
  }

  /** Lifts all; tells how many calls met one since the last time. */
  clear(): number {
    for (const key of this.#faults.keys()) this.#lift(key);
    const met = this.#met;
    this.#met = 0;
    return met;
  }

  /** The fault that this call meets; undefined: none. */
  meet(cls: BreakableClass, method: string): OrderedFault | undefined {
    const met = this.#faults.get(`${cls}.${method}`) ?? this.#faults.get(`${cls}.${EVERY}`);
    if (!met || met.left <= 0) return undefined;
    met.left--;
    this.#met++;
    return met;
  }

  #lift(key: string): void {
    const ordered = this.#faults.get(key);
    if (ordered) ordered.isLifted = true;
    this.#faults.delete(key);
  }
}

export const faultTable = new FaultTable();

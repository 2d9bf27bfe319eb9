import { bytesOf } from "./bytesOf.ts";
import type { CounterEntry } from "./telemetryData.ts";

/** A series that counts. */
export interface Counter {
  /** Adds a whole number (1 by default). Anything else is dropped, and counted as that. */
  add(n?: number): void;
}

/** A counter of the ledger: what was counted since it was last taken. */
export class LedgerCounter implements Counter {
  readonly kind = "counter";
  readonly #values: string[];
  readonly #onInvalid: () => void;
  #count = 0;

  constructor(values: readonly string[], onInvalid: () => void) {
    this.#values = [...values];
    this.#onInvalid = onInvalid;
  }

  add(n = 1): void {
    if (n >= 0 && Number.isSafeInteger(this.#count + n)) this.#count += n;
    else this.#onInvalid();
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Takes all of it out, unless that is longer as JSON than `roomBytes`. */
  take(roomBytes: number): CounterEntry | undefined {
    const entry: CounterEntry = [this.#values, this.#count];
    if (bytesOf(entry) > roomBytes) return undefined;
    this.#count = 0;
    return entry;
  }
}

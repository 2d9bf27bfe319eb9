import type { KvStore } from "../../src/cache/tiers/kvTier.ts";
import { SLOW_MS, type StoreFault } from "./storeFault.ts";

/** A namespace of KV with faults to order. */
export class BreakableKv implements KvStore {
  readonly #real: () => KvStore;
  #fault: StoreFault | null = null;
  #met = 0;

  /** `real`: asked at each use, since a binding comes with an event. */
  constructor(real: () => KvStore) {
    this.#real = real;
  }

  /** From now on; tells how many uses met the fault before. */
  order(fault: StoreFault | null): number {
    const met = this.#met;
    this.#fault = fault;
    this.#met = 0;
    return met;
  }

  async get(...question: Parameters<KvStore["get"]>): Promise<string | null> {
    if (this.#fault) this.#met++;
    switch (this.#fault) {
      case null:
      case "stale":
        return this.#real().get(...question);
      case "slow":
        await late();
        return this.#real().get(...question);
      case "throwing":
        throw new Error("KV GET failed: 500 Internal Server Error");
      case "unreadable":
        return '{"schema": 1, "key": "/api';
      case "swallowing":
        return null;
      case "hanging":
        return never();
      default:
        return this.#fault satisfies never;
    }
  }

  async put(...order: Parameters<KvStore["put"]>): Promise<void> {
    if (this.#fault) this.#met++;
    switch (this.#fault) {
      case null:
      case "unreadable":
        return this.#real().put(...order);
      case "slow":
        await late();
        return this.#real().put(...order);
      case "throwing":
        throw new Error("KV PUT failed: 500 Internal Server Error");
      case "swallowing":
      case "stale":
        return;
      case "hanging":
        return never();
      default:
        return this.#fault satisfies never;
    }
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}

function late(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SLOW_MS));
}

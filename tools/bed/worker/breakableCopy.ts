import type { CopyStore } from "../../../src/cache/tiers/cacheApi.ts";
import { SLOW_MS } from "../../cache/storeFault.ts";
import type { CopyFault } from "../bedFaults.ts";

/** The colo's Cache API with faults to order. */
export class BreakableCopy implements CopyStore {
  readonly #real: () => CopyStore;
  #fault: CopyFault | null = null;
  #met = 0;

  /** `real`: asked at each use, since module scope knows no event. */
  constructor(real: () => CopyStore) {
    this.#real = real;
  }

  /** From now on; tells how many uses met the fault before. */
  order(fault: CopyFault | null): number {
    const met = this.#met;
    this.#fault = fault;
    this.#met = 0;
    return met;
  }

  async match(key: string): Promise<Response | undefined> {
    if (this.#fault) this.#met++;
    switch (this.#fault) {
      case null:
      case "stale":
        return this.#real().match(key);
      case "slow":
        await late();
        return this.#real().match(key);
      case "throwing":
        throw new Error("The cache fails: the bed ordered it.");
      case "unreadable":
        return new Response('{"wire": 1, "parts": {"breaker": {');
      case "swallowing":
        return undefined;
      case "hanging":
        return never();
      default:
        return this.#fault satisfies never;
    }
  }

  async put(key: string, response: Response): Promise<void> {
    if (this.#fault) this.#met++;
    switch (this.#fault) {
      case null:
      case "unreadable":
        return this.#real().put(key, response);
      case "throwing":
        throw new Error("The cache fails: the bed ordered it.");
      case "slow":
        await late();
        return this.#real().put(key, response);
      case "swallowing":
      case "stale":
        return response.body?.cancel();
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

import type { CacheEntry } from "../../src/cache/entry.ts";
import type { Tier, TierRead, TierWrite } from "../../src/cache/tiers/tier.ts";

/**
 * What becomes of a tier's answers. `failed`: it cannot be asked; `corrupt`: what it holds is no entry; `forgetful`: it holds
 * nothing; `stale`: it holds what it held before, and takes nothing; `throwing`: it breaks its word and rejects.
 */
export type TierFault = "failed" | "corrupt" | "forgetful" | "stale" | "throwing";

/** A tier with faults to order, for who asks tiers. Between a store and its tier, `BreakableKv` and `BreakableCopy` stand. */
export class FaultyTier implements Tier {
  readonly #real: Tier;
  #fault: TierFault | null = null;

  constructor(real: Tier) {
    this.#real = real;
  }

  get name() {
    return this.#real.name;
  }

  get trouble(): string | undefined {
    return this.#fault === "failed" ? ORDERED : this.#real.trouble;
  }

  order(fault: TierFault | null): void {
    this.#fault = fault;
  }

  async get(key: string, now: number): Promise<TierRead> {
    switch (this.#fault) {
      case null:
      case "stale":
        return this.#real.get(key, now);
      case "failed":
        return { kind: "failed", trouble: ORDERED };
      case "corrupt":
        return { kind: "corrupt" };
      case "forgetful":
        return { kind: "absent" };
      case "throwing":
        throw new Error(ORDERED);
      default:
        return this.#fault satisfies never;
    }
  }

  async put(entry: CacheEntry, now: number): Promise<TierWrite> {
    switch (this.#fault) {
      case null:
      case "corrupt":
        return this.#real.put(entry, now);
      case "failed":
        return { kind: "failed", trouble: ORDERED };
      case "forgetful":
      case "stale":
        return { kind: "stored" };
      case "throwing":
        throw new Error(ORDERED);
      default:
        return this.#fault satisfies never;
    }
  }
}

const ORDERED = "The tier fails: it was ordered.";

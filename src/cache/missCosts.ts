/** What visitors waited for a key's loads. */
export interface MissCost {
  readonly key: string;
  readonly misses: number;
  readonly waitedMs: number;
}

const MAX_KEYS = 64;

/** The keys whose misses cost visitors most, as one isolate saw it: bounded, the cheapest forgotten first. */
export class MissCosts {
  readonly #costs = new Map<string, MissCost>();

  missed(key: string, waitedMs: number): void {
    const { misses = 0, waitedMs: before = 0 } = this.#costs.get(key) ?? {};
    this.#costs.set(key, { key, misses: misses + 1, waitedMs: before + waitedMs });
    if (this.#costs.size <= MAX_KEYS) return;
    const others = [...this.#costs.values()].filter((each) => each.key !== key);
    const [cheapest] = others.sort((a, b) => a.waitedMs - b.waitedMs);
    if (cheapest) this.#costs.delete(cheapest.key);
  }

  /** The dearest first. */
  dearest(count: number): MissCost[] {
    return [...this.#costs.values()].sort((a, b) => b.waitedMs - a.waitedMs).slice(0, count);
  }
}

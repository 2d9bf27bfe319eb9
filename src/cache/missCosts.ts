/** What visitors waited for a key's loads. */
export interface MissCost {
  readonly key: string;
  readonly misses: number;
  readonly waitedMs: number;
}

const MAX_KEYS = 64;

/** The keys whose misses cost visitors most, as one isolate saw it: bounded, the cheapest forgotten first. */
export class MissCosts {
  /** Since the isolate began. */
  readonly #costs = new Map<string, MissCost>();
  /** Since the world was told last. */
  #untold = new Map<string, MissCost>();

  missed(key: string, waitedMs: number): void {
    add(this.#costs, key, waitedMs);
    add(this.#untold, key, waitedMs);
  }

  /** The dearest first. */
  dearest(count: number): MissCost[] {
    return sorted(this.#costs).slice(0, count);
  }

  /** `[key, misses, waited]`, those since they were taken last, the dearest first; in whole milliseconds. */
  take(): [key: string, misses: number, waitedMs: number][] {
    const taken = sorted(this.#untold);
    this.#untold = new Map();
    return taken.map(({ key, misses, waitedMs }) => [key, misses, Math.round(waitedMs)]);
  }
}

function add(costs: Map<string, MissCost>, key: string, waitedMs: number): void {
  const { misses = 0, waitedMs: before = 0 } = costs.get(key) ?? {};
  costs.set(key, { key, misses: misses + 1, waitedMs: before + waitedMs });
  if (costs.size <= MAX_KEYS) return;
  const others = [...costs.values()].filter((each) => each.key !== key);
  const [cheapest] = others.sort((a, b) => a.waitedMs - b.waitedMs);
  if (cheapest) costs.delete(cheapest.key);
}

function sorted(costs: ReadonlyMap<string, MissCost>): MissCost[] {
  return [...costs.values()].sort((a, b) => b.waitedMs - a.waitedMs);
}

import type { BreakerDigest } from "../rpc/digest.ts";
import { COLLECTOR_GRAIN_MS, COLLECTOR_KEPT_MS, MAX_COLLECTORS, QUORUM_WINDOW_MS } from "./constants.ts";
import type { WorldMeta } from "./worldMeta.ts";

interface Known {
  readonly at: number;
  readonly reporters: number;
  /** Its last digest. In memory alone: a row each would cost more than a calm digest that counts twice. */
  readonly last?: { readonly life: string; readonly seq: number };
}

/** The Collectors heard of in the last 24 hours: whom `/metrics` asks, and how many isolates there are. */
export class CollectorRegister {
  /** In order of their last digest, the oldest first. */
  readonly #known: Map<string, Known>;

  constructor(rows: WorldMeta["collectors"]) {
    this.#known = new Map(
      rows.toSorted((a, b) => a.at - b.at).map(({ name, at, reporters }) => [name, { at, reporters }]),
    );
  }

  /** A digest came. False where it, or a later one of that life of its Collector, came before. */
  hear({ collector: name, reporters, life, seq }: BreakerDigest, now: number): boolean {
    const last = this.#known.get(name)?.last;
    const isRepeat = last !== undefined && life === last.life && seq !== undefined && seq <= last.seq;
    const next = life === undefined || seq === undefined || isRepeat ? last : { life, seq };
    this.#known.delete(name);
    this.#known.set(name, { at: now, reporters, ...(next && { last: next }) });
    this.#forget(now);
    return !isRepeat;
  }

  #forget(now: number): void {
    for (const [oldest, { at }] of this.#known) {
      if (now - at <= COLLECTOR_KEPT_MS && this.#known.size <= MAX_COLLECTORS) return;
      this.#known.delete(oldest);
    }
  }

  names(): string[] {
    return [...this.#known.keys()];
  }

  /** Isolates that reported in the last minute. After an eviction the next digests tell it again. */
  reporters(now: number): number {
    return Array.from(this.#known.values())
      .filter(({ at }) => now - at < QUORUM_WINDOW_MS)
      .reduce((sum, { reporters }) => sum + reporters, 0);
  }

  /** For the row: names in their order, and times so coarse that the row seldom changes. */
  toRow(): WorldMeta["collectors"] {
    const rows = Array.from(this.#known, ([name, { at }]) => ({
      name,
      at: Math.floor(at / COLLECTOR_GRAIN_MS) * COLLECTOR_GRAIN_MS,
      reporters: 1,
    }));
    return rows.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

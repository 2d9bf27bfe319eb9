import type { CacheEntry } from "../../src/cache/entry.ts";
import { SpaceSaving } from "../../src/cache/heat/spaceSaving.ts";
import { SharedCache } from "../../src/cache/sharedCache.ts";
import type { Served, SharedRequest } from "../../src/cache/sharedRequest.ts";
import { tagBuckets } from "../../src/cache/tagBuckets.ts";
import { MemoryTier } from "../../src/cache/tiers/memoryTier.ts";
import type { Tier } from "../../src/cache/tiers/tier.ts";
import type { Item } from "./catalogue.ts";
import { LOAD_MS, TEXT } from "./constants.ts";
import { entryOf } from "./entryOf.ts";
import { KnownAtOnce, requestOf, SILENT } from "./ports.ts";
import { ColoShelf, KvShelf } from "./shelves.ts";
import type { VirtualClock } from "./virtualClock.ts";
import { WorldLeases } from "./worldLeases.ts";

export interface SiteOptions {
  readonly items: readonly Item[];
  readonly clock: VirtualClock;
  readonly isolates: number;
  readonly colos: number;
}

/** One isolate of a site. */
export interface SiteIsolate {
  readonly heat: SpaceSaving;
  readonly ask: (rank: number) => Promise<Served>;
}

/**
 * Isolates with our read path over a memory each, a colo's Cache API and one KV, who ask one object for leases, and know
 * of every write at once.
 */
export class Site {
  readonly kv = new KvShelf();
  readonly isolates: readonly SiteIsolate[];
  loads = 0;
  readonly #options: SiteOptions;
  readonly #leases: WorldLeases;
  readonly #known = new KnownAtOnce();
  #writes = 0;
  #colos = 0;

  constructor(options: SiteOptions) {
    this.#options = options;
    this.#leases = new WorldLeases(options.clock.now);
    const colos = Array.from({ length: options.colos }, () => this.#colo());
    this.isolates = Array.from({ length: options.isolates }, (_, at) => this.#isolate(colos[at % colos.length] ?? []));
  }

  written(pitch: Item, number: number): void {
    this.#writes = number;
    this.#known.written(pitch, number);
  }

  /** What the database says now, in no time: for what nobody waits for. */
  loadNow(rank: number): CacheEntry {
    const item = this.#options.items[rank];
    if (!item) throw new Error(`nobody asked for ${rank}`);
    this.loads++;
    const loadedAt = this.#options.clock.now();
    const body = TEXT.slice(0, item.bodyBytes);
    return entryOf(item, { rank, loadedAt, writes: this.#writes, body }, tagBuckets(item.tags));
  }

  /** One more isolate, in a colo of its own. */
  addColo(): SiteIsolate {
    return this.#isolate(this.#colo());
  }

  #colo(): readonly Tier[] {
    return [new ColoShelf(), this.kv.at(`colo-${++this.#colos}`)];
  }

  #isolate(farther: readonly Tier[]): SiteIsolate {
    const heat = new SpaceSaving();
    const cache = new SharedCache({
      memory: new MemoryTier(),
      farther,
      known: this.#known.at,
      mayRead: () => true,
      lease: async (question) => this.#leases.ask(question),
      publish: async (publication) => this.#leases.publish(publication),
      isOutage: () => false,
      telemetry: SILENT,
      wanted: (key) => heat.hit(key),
    });
    return { heat, ask: (rank) => cache.answer(this.#request(rank)) };
  }

  #request(rank: number): SharedRequest {
    const { items, clock } = this.#options;
    const item = items[rank];
    if (!item) throw new Error(`nobody asked for ${rank}`);
    const load = async () => {
      const entry = this.loadNow(rank);
      await clock.sleep(LOAD_MS[item.kind]);
      return entry;
    };
    return requestOf(item, { now: clock.now, sleep: clock.sleep, load });
  }
}

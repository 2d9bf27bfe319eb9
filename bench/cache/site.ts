import { DAY_MS, KV_WRITES_A_DAY } from "../../src/cache/constants.ts";
import type { CacheEntry } from "../../src/cache/entry.ts";
import { CopyBook } from "../../src/cache/heat/copyBook.ts";
import { SpaceSaving } from "../../src/cache/heat/spaceSaving.ts";
import { recoveryRatePerS } from "../../src/cache/recovery/recoveryRatePerS.ts";
import { RefreshLeases } from "../../src/cache/refreshLeases.ts";
import { SharedCache } from "../../src/cache/sharedCache.ts";
import type { Served, SharedRequest } from "../../src/cache/sharedRequest.ts";
import { tagBuckets } from "../../src/cache/tagBuckets.ts";
import { MemoryTier } from "../../src/cache/tiers/memoryTier.ts";
import type { Tier } from "../../src/cache/tiers/tier.ts";
import { WIRE } from "../../src/rpc/constants.ts";
import { Random } from "../../tools/seed/random.ts";
import type { Item } from "./catalogue.ts";
import { LOAD_MS, TEXT } from "./constants.ts";
import { entryOf } from "./entryOf.ts";
import { KnownAtOnce, requestOf, SILENT } from "./ports.ts";
import { ColoShelf, KvShelf } from "./shelves.ts";
import type { VirtualClock } from "./virtualClock.ts";

export interface SiteOptions {
  readonly items: readonly Item[];
  readonly clock: VirtualClock;
  readonly isolates: number;
  readonly colos: number;
  /** How long after a write to KV other colos see it. */
  readonly kvSeenAfterMs: number;
  /** Coins of all isolates, in [0, 1). Default: of seed 1. */
  readonly random?: () => number;
}

/** One isolate of a site. */
export interface SiteIsolate {
  readonly heat: SpaceSaving;
  readonly ask: (rank: number) => Promise<Served>;
}

interface Colo {
  readonly name: string;
  readonly tiers: readonly Tier[];
}

/**
 * Isolates with our read path over a memory each, a colo's Cache API and one KV, who ask one object for leases, and know
 * of every write at once.
 */
export class Site {
  readonly kv: KvShelf;
  readonly isolates: readonly SiteIsolate[];
  loads = 0;
  /** When the database was whole again, or will be; undefined: it was never away. Until then nobody may ask it. */
  backAt: number | undefined;
  readonly #options: SiteOptions;
  /** What the CacheCoordinator is made of. */
  readonly #leases = new RefreshLeases(new Map());
  readonly book: CopyBook;
  readonly #known = new KnownAtOnce();
  readonly #random = new Random(1);
  #writes = 0;
  #colos = 0;

  constructor(options: SiteOptions) {
    this.#options = options;
    this.kv = new KvShelf(options.kvSeenAfterMs);
    this.book = new CopyBook(new Map([["kv", spentByNow(options.clock.now())]]), options.clock.now());
    const colos = Array.from({ length: options.colos }, () => this.#colo());
    this.isolates = Array.from({ length: options.isolates }, (_, at) => this.#isolate(colos[at % colos.length]));
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
    return this.#isolate();
  }

  #colo(): Colo {
    const name = `colo-${++this.#colos}`;
    return { name, tiers: [new ColoShelf(), this.kv.at(name)] };
  }

  #isolate(colo = this.#colo()): SiteIsolate {
    const { now } = this.#options.clock;
    const heat = new SpaceSaving();
    const cache = new SharedCache({
      memory: new MemoryTier(),
      farther: colo.tiers,
      known: this.#known.at,
      mayRead: () => this.backAt === undefined || now() >= this.backAt,
      recoveryRatePerS: () => {
        if (this.backAt === undefined) return undefined;
        return recoveryRatePerS({ backForMs: now() - this.backAt, reporters: this.#options.isolates });
      },
      random: this.#options.random ?? (() => this.#random.next()),
      lease: async (question) => this.#leases.ask({ ...question, colo: colo.name }, now()),
      publish: async (publication) => {
        const said = { wire: WIRE, ...publication };
        const willWrite = this.book.isWriteDue(said, now());
        const isLast = this.#leases.publish({ ...publication, willWrite }, now());
        const isChanged = isLast && this.book.published({ ...said, willWrite }, now());
        return { mayWrite: isLast && willWrite, isChanged };
      },
      failureOf: () => "answer",
      telemetry: SILENT,
      wanted: (key) => heat.hit(key),
      waited: () => undefined,
      isAudited: () => false,
      mismatched: () => undefined,
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

/** The day's KV budget is spent as far as it has fallen due: what a site that is as busy all day finds at any moment. */
function spentByNow(now: number): string {
  const day = Math.floor(now / DAY_MS);
  return JSON.stringify({ day, writes: Math.floor((KV_WRITES_A_DAY.paid * (now - day * DAY_MS)) / DAY_MS) });
}

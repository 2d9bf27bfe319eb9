import { type CacheEntry, usableUntil } from "../../../../../src/cache/entry.ts";
import { KnownBumps } from "../../../../../src/cache/knownBumps.ts";
import { SharedCache } from "../../../../../src/cache/sharedCache.ts";
import type { SharedCachePorts } from "../../../../../src/cache/sharedCachePorts.ts";
import type { CopyStore } from "../../../../../src/cache/tiers/cacheApi.ts";
import { ColoTier } from "../../../../../src/cache/tiers/coloTier.ts";
import { type KvStore, KvTier } from "../../../../../src/cache/tiers/kvTier.ts";
import { MemoryTier } from "../../../../../src/cache/tiers/memoryTier.ts";
import { type Held, hold } from "../../../../../src/rpc/held.ts";
import type { BumpsPart } from "../../../../../src/rpc/parts.ts";
import { BreakableCopy } from "../../../../../tools/bed/worker/breakableCopy.ts";
import { BreakableKv } from "../../../../../tools/cache/breakableKv.ts";
import type { BumpWorld, Write } from "./bumpWorld.ts";
import type { VirtualTime } from "./virtualTime.ts";

const PLACE = { environment: "world", version: 1 };
/** Some entries, not all there are. */
const MEMORY_BYTES = 40_000;

export interface IsolateStores {
  readonly copies: CopyStore;
  readonly kv: KvStore;
}

/** What the model decides for an isolate: whatever a coordinator may say, or not say at all. */
export type IsolatePorts = Pick<SharedCachePorts, "lease" | "publish" | "mayRead" | "recoveryRatePerS" | "random">;

/** One isolate with production's cache, tiers and word on bumps, in virtual time. */
export class SharedIsolate {
  readonly copies: BreakableCopy;
  readonly kv: BreakableKv;
  readonly memory = new MemoryTier(MEMORY_BYTES);
  readonly known: KnownBumps;
  readonly cache: SharedCache;
  /** Writes that the held word tells of. */
  told: readonly string[] = [];
  /** When it was heard. */
  heardAt = 0;
  readonly #world: BumpWorld;
  readonly #time: VirtualTime;
  readonly #holder: { bumps: Held<BumpsPart> | undefined } = { bumps: undefined };
  #unreported: Write[] = [];

  constructor(time: VirtualTime, world: BumpWorld, { copies, kv }: IsolateStores, ports: IsolatePorts) {
    this.#time = time;
    this.#world = world;
    this.copies = new BreakableCopy(() => copies);
    this.kv = new BreakableKv(() => kv);
    this.known = new KnownBumps(this.#holder);
    const nothing = () => {};
    this.cache = new SharedCache({
      memory: this.memory,
      farther: [
        new ColoTier(this.copies, PLACE, () => "world.example"),
        new KvTier({ store: this.kv, place: PLACE, clock: time, mayWrite: () => true }),
      ],
      known: (now) => this.known.at(now),
      failureOf: (error) => {
        const { message } = error as Error;
        return message === "outage" ? message : message === "not-found" ? "answer" : "mistake";
      },
      telemetry: {
        shared: nothing,
        sharedMiss: nothing,
        tierRead: nothing,
        refreshed: nothing,
        leaseless: nothing,
        sharedObserved: nothing,
        audited: nothing,
        servedAge: nothing,
        servedBytes: nothing,
      },
      wanted: nothing,
      waited: nothing,
      isAudited: () => false,
      mismatched: () => undefined,
      ...ports,
    });
  }

  write(bucket: number, makes: Write["makes"]): Write {
    const write = this.#world.write(bucket, makes);
    this.known.wrote(write.id, [bucket], this.#time.now());
    this.#unreported.push(write);
    return write;
  }

  /** Reports its writes and takes the world's word. */
  exchange(): void {
    for (const write of this.#unreported) this.#world.tell(write);
    this.#unreported = [];
    const { part, told } = this.#world.word();
    this.#holder.bumps = hold(part, 0, this.#time.now());
    this.told = told;
    this.heardAt = this.#time.now();
  }

  /** What lies in its memory that somebody may be given. */
  usable(key: string): CacheEntry | undefined {
    const now = this.#time.now();
    const entry = this.memory.peek(key, now);
    return entry && now < usableUntil(entry) ? entry : undefined;
  }
}

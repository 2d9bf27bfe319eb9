import type { BumpKnowledge } from "../../../../src/cache/bumpKnowledge.ts";
import type { CacheEntry } from "../../../../src/cache/entry.ts";
import { SharedCache } from "../../../../src/cache/sharedCache.ts";
import type { SharedCachePorts } from "../../../../src/cache/sharedCachePorts.ts";
import type { LoadOptions, SharedRequest } from "../../../../src/cache/sharedRequest.ts";
import { MemoryTier } from "../../../../src/cache/tiers/memoryTier.ts";
import type { Tier, TierName, TierRead } from "../../../../src/cache/tiers/tier.ts";
import { entryOf, NOW } from "./entries.ts";
import { knowledge } from "./knowledge.ts";

/** A tier that is a map, and may be made to fail. */
export class MapTier implements Tier {
  readonly name: TierName;
  readonly trouble = undefined;
  readonly held = new Map<string, CacheEntry>();
  /** What it says instead. */
  says: TierRead | undefined;
  takes = true;
  reads = 0;

  constructor(name: TierName) {
    this.name = name;
  }

  async get(key: string): Promise<TierRead> {
    this.reads++;
    const entry = this.held.get(key);
    return this.says ?? (entry ? { kind: "found", entry } : { kind: "absent" });
  }

  async put(entry: CacheEntry) {
    if (!this.takes) return { kind: "failed", trouble: "broken" } as const;
    this.held.set(entry.key, entry);
    return { kind: "stored" } as const;
  }
}

/** What the cache counted, by name and last word. */
type Counts = Record<string, number>;

interface BedOptions extends Partial<Pick<SharedCachePorts, "known" | "firstWord">> {
  readonly colo?: MapTier;
  readonly kv?: MapTier;
}

/**
 * One isolate's shared answers with a clock that is moved, a database that says `version`, and a world that grants
 * leases. `colo` and `kv` may be given, so that isolates share them.
 */
export function sharedBed({
  colo = new MapTier("colo"),
  kv = new MapTier("kv"),
  known: givenKnown,
  firstWord = () => undefined,
}: BedOptions = {}) {
  let now = NOW;
  const work: Promise<unknown>[] = [];
  const sleeping: { at: number; wake: () => void }[] = [];
  const counts: Counts = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const state = {
    version: 1,
    seq: 5,
    known: undefined as Partial<Parameters<typeof knowledge>[0]> | undefined,
    mayRead: true,
    recoveryRatePerS: undefined as number | undefined,
    /** Of all coins: just below 1, with which nothing is loaded before its end. */
    random: 0.999_999_9,
    isAudited: false,
    /** What a load does: answers, fails, or hangs. */
    database: "answers" as "answers" | "fails" | "hangs",
    /** What a load proves; undefined: all that is known. */
    proves: undefined as number | undefined,
    lease: { kind: "granted", lease: "l", expiresInMs: 5_000 } as Awaited<ReturnType<SharedCachePorts["lease"]>>,
    mayWrite: true,
    loads: [] as LoadOptions[],
    leases: 0,
    published: [] as string[],
  };
  const known = givenKnown ?? ((): BumpKnowledge => knowledge({ seq: state.seq, ...state.known }));
  const memory = new MemoryTier();
  const cache = new SharedCache({
    memory,
    farther: [colo, kv],
    known,
    firstWord,
    mayRead: () => state.mayRead,
    recoveryRatePerS: () => state.recoveryRatePerS,
    random: () => state.random,
    lease: async () => {
      state.leases++;
      return state.lease;
    },
    publish: async ({ hash, isUnwritten = false }) => {
      state.published.push(isUnwritten ? `${hash} unwritten` : hash);
      return { mayWrite: state.mayWrite, isChanged: true };
    },
    failureOf: (error) => {
      const { message } = error as Error;
      return message === "outage" || message === "answer" ? message : "mistake";
    },
    telemetry: {
      shared: (_route, result) => count(`shared ${result}`),
      sharedMiss: (_route, cause) => count(`miss ${cause}`),
      tierRead: (tier, said) => count(`${tier} ${said}`),
      refreshed: (outcome) => count(`refreshed ${outcome}`),
      leaseless: () => count("leaseless"),
      sharedObserved: (result) => count(`observed ${result}`),
      audited: (outcome) => count(`audited ${outcome}`),
      servedAge: (_route, seconds) => count(`age ${seconds}`),
      servedBytes: (route, from, bytes) => count(`bytes ${route} ${from} ${bytes}`),
    },
    wanted: () => count("wanted"),
    waited: (key, ms) => count(`waited ${key} ${ms}`),
    isAudited: () => state.isAudited,
    mismatched: (key) => count(`mismatch ${key}`),
  });
  const load = async (options: LoadOptions): Promise<CacheEntry> => {
    state.loads.push(options);
    await Promise.resolve();
    if (state.database === "hangs") return new Promise(() => {});
    if (state.database === "fails") throw new Error("outage");
    const hash = `v${state.version}`;
    const provenThrough = state.proves ?? state.seq;
    return entryOf({ hash, body: hash, loadedAt: now, proof: { provenThrough, knownThrough: state.seq } });
  };
  const turns = async () => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  };
  return {
    state,
    counts,
    memory,
    colo,
    kv,
    cache,
    /** Moves the clock, and lets what was waiting go on. */
    pass: async (ms: number) => {
      now += ms;
      for (const each of sleeping.splice(0)) each.at <= now ? each.wake() : sleeping.push(each);
      await turns();
    },
    /** All that goes on behind answers. */
    behind: async () => {
      await turns();
      return work.length;
    },
    request: (changes: Partial<SharedRequest> = {}): SharedRequest => ({
      key: "/api/pitches",
      route: "/api/pitches",
      policy: { fresh: { floor: 2, ceiling: 10 }, staleWhileRevalidate: 50, staleIfError: 3_590 },
      buckets: [1],
      owed: [],
      load,
      flight: {
        now: () => now,
        sleep: (ms) => new Promise<void>((wake) => sleeping.push({ at: now + ms, wake })),
        waitUntil: (each) => void work.push(each.catch((error) => count(`reported ${(error as Error).message}`))),
      },
      ...changes,
    }),
  };
}

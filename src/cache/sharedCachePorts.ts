import type { LeaseAnswer, LeaseQuestion, Publication, Published } from "../rpc/refreshLease.ts";
import type { BumpKnowledge } from "./bumpKnowledge.ts";
import type { FlightPorts } from "./coalesce.ts";
import type { CacheEntry } from "./entry.ts";
import type { LoadFailure } from "./failedKeys.ts";
import type { Seen } from "./lookFarther.ts";
import type { MissCause } from "./policy.ts";
import type { ServedAs } from "./sharedRequest.ts";
import type { Tier, TierName } from "./tiers/tier.ts";

/** The isolate's memory, asked without a promise. */
interface NearTier {
  peek(key: string, now: number): CacheEntry | undefined;
  store(entry: CacheEntry, now: number): unknown;
  drop(key: string): void;
  /** Whether it was here lately, and had to make room. */
  wasEvicted(key: string): boolean;
}

/** What the cache counts. */
export interface CacheTelemetry {
  shared(route: string, result: ServedAs | "joined" | "refused"): void;
  sharedMiss(route: string, cause: MissCause): void;
  tierRead(tier: TierName, said: Seen["said"]): void;
  refreshed(outcome: "found" | "loaded" | "unchanged" | "failed" | "left"): void;
  audited(outcome: "same" | "mismatch" | "failed"): void;
  /** Age of a copy that was given. */
  servedAge(route: string, seconds: number): void;
  /** Size of an answer that was given, and where it lay. */
  servedBytes(route: string, from: TierName | "database", bytes: number): void;
  /** A refresh without a lease: no object answered. */
  leaseless(): void;
  sharedObserved(result: ServedAs | "refused"): void;
}

export interface SharedCachePorts {
  readonly memory: NearTier;
  /** Beyond the isolate, from the nearest. */
  readonly farther: readonly Tier[];
  readonly known: (now: number) => BumpKnowledge;
  /**
   * What to wait for before a copy of a farther tier is judged, where this isolate has no word of bumps yet; undefined:
   * nothing. Never rejects, and ends in time. Default: nothing.
   */
  readonly firstWord?: (flight: FlightPorts) => Promise<unknown> | undefined;
  /** Whether any node would be asked now. */
  readonly mayRead: () => boolean;
  /** `recoveryRatePerS`: 0 while the database is away, undefined where it was not lately. */
  readonly recoveryRatePerS: (now: number) => number | undefined;
  /** In [0, 1). */
  readonly random: () => number;
  readonly failureOf: (error: unknown) => LoadFailure;
  /** The right to load a key anew; undefined: nobody answered, and each isolate looks after itself. */
  readonly lease: (question: Omit<LeaseQuestion, "wire" | "colo">, ms: number) => Promise<LeaseAnswer | undefined>;
  readonly publish: (publication: Omit<Publication, "wire">) => Promise<Published | undefined>;
  readonly telemetry: CacheTelemetry;
  /** Somebody wanted this key. */
  readonly wanted: (key: string) => void;
  /** Somebody waited so long for a load of it. */
  readonly waited: (key: string, ms: number) => void;
  /** Whether to compare the copy that was just given with the database: one in so many, by chance. */
  readonly isAudited: () => boolean;
  /** An audit found another answer than the copy, though nobody told of a write. */
  readonly mismatched: (key: string) => void;
}

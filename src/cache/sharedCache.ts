import type { LeaseAnswer, LeaseQuestion, Publication, Published } from "../rpc/refreshLease.ts";
import { auditCopy } from "./auditCopy.ts";
import type { BumpKnowledge } from "./bumpKnowledge.ts";
import { Coalescer } from "./coalesce.ts";
import { FLIGHT_FORGOTTEN_MS, FLIGHT_JOIN_MS, SOFT_LOAD_MS, WORLD_LEASE_MS } from "./constants.ts";
import type { CacheEntry } from "./entry.ts";
import { FailedKeys } from "./failedKeys.ts";
import { isPurged, whyNotCurrent } from "./isCurrent.ts";
import { lookFarther, type Seen } from "./lookFarther.ts";
import { type MissCost, MissCosts } from "./missCosts.ts";
import { showsOwed } from "./owed.ts";
import { OwnRunway } from "./ownRunway.ts";
import { type Decision, decide, type MissCause, type Situation } from "./policy.ts";
import { Refresher } from "./refresher.ts";
import type { LoadOptions, Served, ServedAs, SharedRequest } from "./sharedRequest.ts";
import type { Tier, TierName } from "./tiers/tier.ts";

/** The isolate's memory, asked without a promise. */
interface NearTier {
  peek(key: string, now: number): CacheEntry | undefined;
  store(entry: CacheEntry, now: number): unknown;
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
  servedAge(seconds: number): void;
  /** A refresh without a lease: no object answered. */
  leaseless(): void;
  sharedObserved(result: ServedAs | "refused"): void;
}

export interface SharedCachePorts {
  readonly memory: NearTier;
  /** Beyond the isolate, from the nearest. */
  readonly farther: readonly Tier[];
  readonly known: (now: number) => BumpKnowledge;
  /** Whether any node would be asked now. */
  readonly mayRead: () => boolean;
  /** The right to load a key anew; undefined: nobody answered, and each isolate looks after itself. */
  readonly lease: (question: Omit<LeaseQuestion, "wire" | "colo">, ms: number) => Promise<LeaseAnswer | undefined>;
  readonly publish: (publication: Omit<Publication, "wire">) => Promise<Published | undefined>;
  /** Whether an error says that the database cannot be asked, not that the question is wrong. */
  readonly isOutage: (error: unknown) => boolean;
  readonly telemetry: CacheTelemetry;
  /** Somebody wanted this key. */
  readonly wanted: (key: string) => void;
  /** Whether to compare the copy that was just given with the database: one in so many, by chance. */
  readonly isAudited: () => boolean;
  /** An audit found another answer than the copy, though nobody told of a write. */
  readonly mismatched: (key: string) => void;
}

/** Shared answers of one isolate: from the nearest copy that is good enough, or loaded once for all who wait. */
export class SharedCache {
  readonly #ports: SharedCachePorts;
  readonly #loads = new Coalescer<CacheEntry>(FLIGHT_JOIN_MS, FLIGHT_FORGOTTEN_MS);
  readonly #failed = new FailedKeys();
  readonly #missCosts = new MissCosts();
  readonly #runway = new OwnRunway();
  readonly #refresher: Refresher;

  constructor(ports: SharedCachePorts) {
    this.#ports = ports;
    this.#refresher = new Refresher({
      ...ports,
      load: (request, options) => this.#loadOnce(request, options),
      failed: this.#failed,
    });
  }

  /** The answer. Rejects with what its load rejected with, where there is no copy to give instead. */
  async answer(request: SharedRequest): Promise<Served> {
    const { memory, wanted, telemetry } = this.#ports;
    const { key, route, flight } = request;
    wanted(key);
    const now = flight.now();
    const near = memory.peek(key, now);
    telemetry.tierRead("memory", near ? "found" : "absent");
    const first = this.#decide(request, near, !near && memory.wasEvicted(key) ? "evicted" : "cold", now);
    if (first.do === "serve") return this.#give(request, { ...first, from: "memory", ...AT_ONCE });
    try {
      return this.#give(request, await this.#beyond(request, near, first.cause));
    } catch (error) {
      telemetry.shared(route, "refused");
      throw error;
    }
  }

  /** In mode observe: counts what would be given, loads it all the same, and keeps it as if it acted. */
  async observe(request: SharedRequest): Promise<CacheEntry> {
    const { memory, wanted, telemetry } = this.#ports;
    const { key, owed, flight } = request;
    wanted(key);
    const now = flight.now();
    const near = memory.peek(key, now);
    const would = this.#decide(request, near, "cold", now);
    telemetry.sharedObserved(would.do === "serve" ? would.as : would.do === "load" ? "loaded" : "refused");
    const entry = await request.load({ as: owed.length > 0 ? "owed" : "any", before: near });
    memory.store(entry, flight.now());
    return entry;
  }

  /** As this isolate knows it: `OwnRunway`. */
  runwayMs(now: number): number | undefined {
    return this.#runway.ms(now);
  }

  #give(request: SharedRequest, served: Served): Served {
    this.#runway.gave(served.entry);
    if (served.as === "stale") this.#refresher.refresh(request, served.entry);
    if (served.as === "fresh" && this.#ports.isAudited())
      request.flight.waitUntil(auditCopy(this.#ports, request, served.entry));
    if (served.as !== "loaded") this.#ports.telemetry.servedAge((request.flight.now() - served.entry.loadedAt) / 1_000);
    this.#ports.telemetry.shared(request.route, served.isJoined ? "joined" : served.as);
    return served;
  }

  /** Loads a key anew and keeps it, in every tier; nobody waits for it. For warming. Rejects as its load does. */
  warm(request: SharedRequest, isWorthWriting: (entry: CacheEntry) => boolean): ReturnType<Refresher["warm"]> {
    return this.#refresher.warm(request, isWorthWriting);
  }

  /** The keys whose loads visitors of this isolate waited for longest. */
  dearestMisses(): readonly MissCost[] {
    return this.#missCosts.dearest(SHOWN_MISSES);
  }

  /** Memory had nothing to give: the farther tiers, then the database. */
  async #beyond(request: SharedRequest, near: CacheEntry | undefined, nearCause: MissCause): Promise<Served> {
    const { farther, telemetry, memory, known } = this.#ports;
    const { key, route, flight, owed } = request;
    const isEnough = (entry: CacheEntry) => this.#decide(request, entry, "cold", flight.now()).do === "serve";
    const mayShow = (entry: CacheEntry) => !isPurged(entry, known(flight.now())) && showsOwed(entry, owed);
    const { best, from, seen } = await lookFarther(key, farther, near, isEnough, flight.now, mayShow);
    for (const { tier, said } of seen) telemetry.tierRead(tier, said);
    const now = flight.now();
    if (best && best !== near) memory.store(best, now);
    const isCorrupt = seen.some(({ said }) => said === "corrupt");
    const absent = isCorrupt ? "corrupt" : nearCause === "evicted" ? "evicted" : "cold";
    const decision = this.#decide(request, best, absent, now);
    if (decision.do === "serve") {
      return {
        entry: decision.entry,
        as: decision.as,
        from: from ?? "memory",
        cause: undefined,
        isJoined: false,
        seen,
      };
    }
    telemetry.sharedMiss(route, decision.cause);
    // Where it is refused, the load refuses it: with the reason, and without asking any node.
    return decision.do === "refuse"
      ? this.#loaded(request, best, undefined, decision.cause, seen)
      : this.#loaded(request, best, decision.fallback, decision.cause, seen);
  }

  #decide(request: SharedRequest, entry: CacheEntry | undefined, absent: Situation["absent"], now: number): Decision {
    const { known: knownAt, mayRead } = this.#ports;
    const { key, policy, owed } = request;
    const known = knownAt(now);
    const hasFallback = entry !== undefined && now < entry.errorUntil;
    return decide({
      entry,
      why: entry && whyNotCurrent(entry, known, now, policy.fresh.floor * 1_000),
      isPurged: entry !== undefined && isPurged(entry, known),
      showsOwed: entry === undefined || owed.length === 0 || showsOwed(entry, owed),
      canLoad: mayRead() && !(hasFallback && this.#failed.isPaused(key, now)),
      absent,
      now,
    });
  }

  async #loaded(
    request: SharedRequest,
    before: CacheEntry | undefined,
    fallback: CacheEntry | undefined,
    cause: MissCause,
    seen: readonly Seen[],
  ): Promise<Served> {
    const { isOutage } = this.#ports;
    const { key, owed, flight } = request;
    const as = owed.length > 0 ? "owed" : "any";
    const beganAt = flight.now();
    const load = this.#loadOnce(request, { as, before });
    try {
      const late = Symbol("late");
      const soft = fallback ? flight.sleep(SOFT_LOAD_MS).then(() => late) : undefined;
      const first = await (soft ? Promise.race([load, soft]) : load);
      const came = typeof first === "symbol" && !this.#mayStillGive(fallback, flight.now()) ? await load : first;
      if (typeof came !== "symbol") {
        this.#missCosts.missed(key, flight.now() - beganAt);
        return { entry: came.entry, as: "loaded", from: undefined, cause, isJoined: came.isJoined, seen };
      }
      flight.waitUntil(load.catch(() => undefined)); // what comes late is kept all the same
    } catch (error) {
      if (!this.#mayStillGive(fallback, flight.now()) || !isOutage(error)) throw error;
      this.#failed.failed(key, flight.now());
    }
    if (!fallback) throw new Error("only a load with something to fall back on is left early");
    return { entry: fallback, as: "error", from: "memory", cause, isJoined: false, seen };
  }

  /** Its time may have come, or a purge of it been heard, while a load was waited for. */
  #mayStillGive(fallback: CacheEntry | undefined, now: number): boolean {
    return fallback !== undefined && now < fallback.errorUntil && !isPurged(fallback, this.#ports.known(now));
  }

  /** Loads it, with whoever else wants it now. What somebody loads who is owed writes is nobody else's to wait for. */
  async #loadOnce(request: SharedRequest, options: LoadOptions): Promise<{ entry: CacheEntry; isJoined: boolean }> {
    const { key, flight } = request;
    const load = async () => {
      const { copy, lease } = await this.#worldLease(request, options);
      if (copy) return copy;
      const entry = await request.load(options);
      this.#keepNear(entry, flight);
      // Of a copy that ended the world is told as well, so that it knows how long this one lasts.
      const isTold = lease !== undefined || (options.before !== undefined && options.as === "any");
      if (isTold) flight.waitUntil(this.#refresher.publish(entry, lease ?? "", flight.now()));
      return entry;
    };
    if (options.as === "owed") return { entry: await load(), isJoined: false };
    const { value, role } = await this.#loads.run(key, load, flight);
    return { entry: value, isJoined: role === "joined" };
  }

  /** Of a cold key one isolate in the world loads, where its route asks for that; the others wait for it a moment. */
  async #worldLease(
    request: SharedRequest,
    { as, before }: LoadOptions,
  ): Promise<{ copy?: CacheEntry; lease?: string }> {
    const { key, policy, flight } = request;
    if (policy.coalesce !== "world" || as !== "any" || before) return {};
    const endAt = flight.now() + WORLD_LEASE_MS;
    const answer = await this.#ports.lease({ key, loadedAt: 0 }, WORLD_LEASE_MS);
    if (!answer || answer.kind === "granted") return answer ? { lease: answer.lease } : {};
    const leftMs = endAt - flight.now();
    if (leftMs > 0) await flight.sleep(Math.min(leftMs, answer.afterMs));
    // What lies there may be older than what the other one loads: it is given only as a fresh copy would be.
    const isFresh = (entry: CacheEntry) => {
      const decision = this.#decide(request, entry, "cold", flight.now());
      return decision.do === "serve" && decision.as === "fresh";
    };
    const { best } = await lookFarther(key, this.#ports.farther, undefined, isFresh, flight.now, isFresh);
    return best && isFresh(best) ? { copy: best } : {};
  }

  #keepNear(entry: CacheEntry, { now, waitUntil }: SharedRequest["flight"]): void {
    const { memory, farther } = this.#ports;
    memory.store(entry, now());
    const colo = farther.find(({ name }) => name === "colo");
    if (colo) waitUntil(colo.put(entry, now()));
  }
}

/** Keys shown to an operator. */
const SHOWN_MISSES = 10;

const AT_ONCE = { cause: undefined, isJoined: false, seen: [] } as const;

import { auditCopy } from "./auditCopy.ts";
import { SOFT_LOAD_MS } from "./constants.ts";
import { decideRequest, type Surroundings, showsAll } from "./decideRequest.ts";
import type { CacheEntry } from "./entry.ts";
import { FailedKeys } from "./failedKeys.ts";
import { isPurged } from "./isCurrent.ts";
import { lookFarther, type Seen } from "./lookFarther.ts";
import { OwnRunway } from "./ownRunway.ts";
import type { Decision, MissCause, Situation } from "./policy.ts";
import { Refresher, type RefresherPorts } from "./refresher.ts";
import type { SharedCachePorts } from "./sharedCachePorts.ts";
import { SharedLoads } from "./sharedLoads.ts";
import type { Served, SharedRequest } from "./sharedRequest.ts";
import type { TierName } from "./tiers/tier.ts";

/** What a load is made after: the best copy of all tiers and where it lay, which may be given yet, and why it did not do. */
interface Missing {
  readonly before: CacheEntry | undefined;
  readonly fallback: CacheEntry | undefined;
  readonly from: TierName | undefined;
  readonly nearCause: MissCause;
  readonly cause: MissCause;
  readonly seen: readonly Seen[];
}

/** Shared answers of one isolate: from the nearest copy that is good enough, or loaded once for all who wait. */
export class SharedCache {
  readonly #ports: SharedCachePorts;
  readonly #failed: FailedKeys;
  readonly #surroundings: Surroundings;
  readonly #loads: SharedLoads;
  readonly #runway = new OwnRunway();
  readonly #refresher: Refresher;

  constructor(ports: SharedCachePorts) {
    this.#ports = ports;
    this.#failed = new FailedKeys(ports.failureOf);
    this.#surroundings = { ...ports, failed: this.#failed };
    const load: RefresherPorts["load"] = (request, options) => this.#loads.once(request, options);
    this.#refresher = new Refresher({ ...ports, load, failed: this.#failed });
    this.#loads = new SharedLoads({ ...ports, failed: this.#failed }, () => this.#refresher);
  }

  /** The answer. Rejects with what its load rejected with, where there is no copy to give instead. */
  async answer(request: SharedRequest): Promise<Served> {
    const { wanted, telemetry } = this.#ports;
    const { key, route, flight } = request;
    wanted(key);
    const now = flight.now();
    this.#refresher.wanted(now);
    const { near, absent } = this.#near(key, now);
    telemetry.tierRead("memory", near ? "found" : "absent");
    const first = this.#decide(request, near, absent, now);
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
    this.#refresher.given(request, served);
    if (served.as === "fresh" && this.#ports.isAudited())
      request.flight.waitUntil(auditCopy(this.#ports, request, served.entry));
    const { telemetry } = this.#ports;
    const { route, flight } = request;
    if (served.as !== "loaded") telemetry.servedAge(route, (flight.now() - served.entry.loadedAt) / 1_000);
    telemetry.servedBytes(route, served.from ?? "database", served.entry.body.length);
    telemetry.shared(route, served.isJoined ? "joined" : served.as);
    return served;
  }

  /** Loads a key anew and keeps it, in every tier; nobody waits for it. For warming. Rejects as its load does. */
  warm(request: SharedRequest, isWorthWriting: (entry: CacheEntry) => boolean): ReturnType<Refresher["warm"]> {
    return this.#refresher.warm(request, isWorthWriting);
  }

  /** What memory holds; what is purged is as none, and makes room for what may be shown. */
  #near(key: string, now: number): { near: CacheEntry | undefined; absent: Situation["absent"] } {
    const { memory, known } = this.#ports;
    const near = memory.peek(key, now);
    if (!near) return { near, absent: memory.wasEvicted(key) ? "evicted" : "cold" };
    if (!isPurged(near, known(now))) return { near, absent: "cold" };
    memory.drop(key);
    return { near: undefined, absent: "purged" };
  }

  #decide(request: SharedRequest, entry: CacheEntry | undefined, absent: Situation["absent"], now: number): Decision {
    return decideRequest(this.#surroundings, request, entry, absent, now);
  }

  /** Memory had nothing to give: the farther tiers, then the database. */
  async #beyond(request: SharedRequest, near: CacheEntry | undefined, nearCause: MissCause): Promise<Served> {
    const { farther, telemetry, memory, known } = this.#ports;
    const { key, route, flight } = request;
    const isEnough = (entry: CacheEntry) => this.#decide(request, entry, "cold", flight.now()).do === "serve";
    const mayShow = (entry: CacheEntry) => !isPurged(entry, known(flight.now())) && showsAll(request, entry);
    const look = (held = near) => lookFarther(key, farther, held, isEnough, flight.now, mayShow);
    // Begun beside the look, whose copies are judged by it; a load needs none.
    const word = this.#ports.firstWord?.(flight);
    let found = await look();
    let isNewsOfPurge = false;
    if (word && found.from && found.best) {
      await word;
      isNewsOfPurge = isPurged(found.best, known(flight.now()));
      // One that lies beyond it may do, or what another request loaded meanwhile.
      if (isNewsOfPurge) found = await look(this.#near(key, flight.now()).near);
    }
    const { best, from, seen } = found;
    for (const { tier, said } of seen) telemetry.tierRead(tier, said);
    const now = flight.now();
    if (best && best !== near) memory.store(best, now);
    const colo = from === "kv" ? farther.find(({ name }) => name === "colo") : undefined;
    if (best && colo) flight.waitUntil(colo.put(best, now)); // its neighbours look there first
    const isCorrupt = seen.some(({ said }) => said === "corrupt");
    const absent = isCorrupt ? "corrupt" : isNewsOfPurge ? "purged" : absentBy(nearCause);
    const decision = this.#decide(request, best, absent, now);
    if (decision.do === "serve") {
      return {
        entry: decision.entry,
        as: decision.as,
        lacksOwed: decision.lacksOwed,
        refresh: decision.refresh,
        from: from ?? "memory",
        nearCause: from && nearCause,
        cause: undefined,
        isJoined: false,
        seen,
      };
    }
    telemetry.sharedMiss(route, decision.cause);
    // Where it is refused, the load refuses it: with the reason, and without asking any node.
    const fallback = decision.do === "refuse" ? undefined : decision.fallback;
    return this.#loaded(request, { before: best, fallback, from, nearCause, cause: decision.cause, seen });
  }

  async #loaded(request: SharedRequest, { before, fallback, from, nearCause, cause, seen }: Missing): Promise<Served> {
    const { failureOf } = this.#ports;
    const { key, owed, flight } = request;
    const as = owed.length > 0 ? "owed" : "any";
    const beganAt = flight.now();
    const load = this.#loads.once(request, { as, before });
    try {
      const late = Symbol("late");
      const soft = fallback ? flight.sleep(SOFT_LOAD_MS).then(() => late) : undefined;
      const first = await (soft ? Promise.race([load, soft]) : load);
      const came = typeof first === "symbol" && !this.#mayStillGive(fallback, flight.now()) ? await load : first;
      if (typeof came !== "symbol") {
        this.#ports.waited(key, flight.now() - beganAt);
        return { entry: came.entry, as: "loaded", from: undefined, nearCause, cause, isJoined: came.isJoined, seen };
      }
      // What comes late is kept all the same.
      flight.waitUntil(load.catch((error: unknown) => this.#failed.failed(key, error, flight)));
    } catch (error) {
      if (!this.#mayStillGive(fallback, flight.now()) || failureOf(error) === "answer") throw error;
      this.#failed.failed(key, error, flight);
    }
    if (!fallback) throw new Error("only a load with something to fall back on is left early");
    return { entry: fallback, as: "error", from: from ?? "memory", nearCause, cause, isJoined: false, seen };
  }

  /** Its time may have come, or a purge of it been heard, while a load was waited for. */
  #mayStillGive(fallback: CacheEntry | undefined, now: number): boolean {
    return fallback !== undefined && now < fallback.errorUntil && !isPurged(fallback, this.#ports.known(now));
  }
}

function absentBy(cause: MissCause): Situation["absent"] {
  return cause === "evicted" || cause === "purged" ? cause : "cold";
}

const AT_ONCE = { nearCause: undefined, cause: undefined, isJoined: false, seen: [] } as const;

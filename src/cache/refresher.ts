import { RateGate } from "../breaker/rateGate.ts";
import { MAX_TOLD_KEY_CHARS } from "../rpc/constants.ts";
import {
  CLAIMED_REST_MS,
  LEASE_DEADLINE_MS,
  MAX_REFRESHING,
  REFRESH_EXPIRES_MS,
  REFRESHES_PER_S,
  UNPROVEN_REST_MS,
} from "./constants.ts";
import { whyNotGood } from "./decideRequest.ts";
import { type CacheEntry, isForAll, isNegative } from "./entry.ts";
import type { FailedKeys } from "./failedKeys.ts";
import { isPurged } from "./isCurrent.ts";
import { LeaseBudget } from "./leaseBudget.ts";
import { lookFarther } from "./lookFarther.ts";
import { RecoveryTurns } from "./recovery/recoveryTurns.ts";
import type { SharedCachePorts } from "./sharedCachePorts.ts";
import type { LoadOptions, Served, SharedRequest } from "./sharedRequest.ts";

/** What the refresher needs beside the cache's own ports. */
export interface RefresherPorts extends SharedCachePorts {
  readonly load: (request: SharedRequest, options: LoadOptions) => Promise<{ entry: CacheEntry }>;
  readonly failed: FailedKeys;
}

/**
 * Loads stale answers anew, behind the answers that were given: a neighbour's copy if there is one, else under a lease
 * that one isolate in the world holds. Without objects each isolate loads by itself, once.
 */
export class Refresher {
  readonly #ports: RefresherPorts;
  /** Until when a key is left alone: a refresh is under way here, or somebody else's is. Times, never promises. */
  readonly #restUntil = new Map<string, number>();
  readonly #leases = new LeaseBudget();
  readonly #rate = new RateGate({ burstMs: 1_000, beginsFull: true });
  readonly #turns = new RecoveryTurns();

  constructor(ports: RefresherPorts) {
    this.#ports = ports;
  }

  /** A request came, of which a share may ask for a lease. */
  wanted(now: number): void {
    this.#leases.earn(now);
  }

  /** Tells the world of a load without a lease, where one of the calls for that is left. */
  async tell(entry: CacheEntry, now: number): Promise<void> {
    if (this.#leases.take()) await this.publish(entry, "", now);
  }

  /** An answer was given: begins a refresh behind it, where it is to be, none is under way and it is time. */
  given(request: SharedRequest, { entry, refresh }: Pick<Served, "entry" | "refresh">): void {
    const { key, flight } = request;
    const now = flight.now();
    if (refresh === undefined) {
      this.#turns.settled(key);
      return;
    }
    const ratePerS = this.#ports.recoveryRatePerS(now);
    if (ratePerS === 0) {
      this.#turns.away();
      this.#turns.wanted(key);
    } else if (!this.#isResting(key, now) && this.#isTime(key, ratePerS, now)) {
      this.#rest(key, now + REFRESH_EXPIRES_MS);
      flight.waitUntil(this.#refresh(request, entry, refresh === "ahead"));
    }
  }

  /** Loads it and keeps it here, whatever is there; and where all the world sees it, if that is worth a write. */
  async warm(
    request: SharedRequest,
    isWorthWriting: (entry: CacheEntry) => boolean,
  ): Promise<{ entry: CacheEntry; isWritten: boolean; isChanged: boolean }> {
    const { memory, farther, load } = this.#ports;
    const { key, flight } = request;
    const near = memory.peek(key, flight.now());
    const { best } = await lookFarther(key, farther, near, () => false, flight.now);
    const { entry } = await load(request, { as: "proven", before: best });
    const isChanged = best?.hash !== entry.hash;
    // That it is gone is written once: no later run has to make that last.
    const isForKv = isForAll(entry) && (!isNegative(entry) || isChanged);
    const isWritten = isForKv && isWorthWriting(entry) && (await this.#writeFarthest(entry, flight.now()));
    return { entry, isChanged, isWritten };
  }

  #isResting(key: string, now: number): boolean {
    const restUntil = this.#restUntil.get(key) ?? 0;
    return (restUntil > now && restUntil - now <= 2 * REFRESH_EXPIRES_MS) || this.#ports.failed.isPaused(key, now);
  }

  /** Whoever is told no leaves it to the next request for it. */
  #isTime(key: string, recoveryRatePerS: number | undefined, now: number): boolean {
    if (recoveryRatePerS !== undefined) {
      this.#turns.wanted(key);
      return this.#ports.mayRead() && this.#turns.take(key, recoveryRatePerS, now, this.#ports.random());
    }
    this.#turns.over();
    if (!this.#rate.hasRoom("refreshes", REFRESHES_PER_S, now, 0)) return false;
    this.#rate.take();
    return true;
  }

  async #refresh(request: SharedRequest, given: CacheEntry, isAhead: boolean): Promise<void> {
    const { telemetry, failed } = this.#ports;
    const { key, flight } = request;
    try {
      const outcome = await this.#refreshed(request, given, isAhead);
      telemetry.refreshed(outcome);
      if (outcome === "found" || outcome === "left") this.#turns.giveBack();
    } catch (error) {
      this.#restUntil.delete(key);
      failed.failed(key, error, flight); // what was given stays as it is, and so does the rest of its life
      telemetry.refreshed("failed");
    }
  }

  /** `isAhead`: what was given is current itself, and another is wanted all the same. */
  async #refreshed(request: SharedRequest, given: CacheEntry, isAhead: boolean) {
    const { memory, farther, known, lease, load, failed } = this.#ports;
    const { key, flight } = request;
    const isCurrent = (entry: CacheEntry) => {
      const now = flight.now();
      return whyNotGood(request, entry, known(now), now) === undefined;
    };
    const mayShow = (entry: CacheEntry) => !isPurged(entry, known(flight.now()));
    const { best } = await lookFarther(key, farther, given, isCurrent, flight.now, mayShow);
    if (best && best !== given) memory.store(best, flight.now());
    if (best && isCurrent(best) && !(isAhead && best === given)) {
      this.#restUntil.delete(key);
      return "found" as const;
    }
    const newest = best ?? given;
    const colo = farther.find(({ name }) => name === "colo");
    if (colo?.claim && !(await colo.claim(key, flight.now()))) {
      this.#rest(key, flight.now() + CLAIMED_REST_MS);
      return "left" as const;
    }
    const mayAsk = key.length <= MAX_TOLD_KEY_CHARS && this.#leases.take();
    const answer = mayAsk ? await lease({ key, loadedAt: newest.loadedAt }, LEASE_DEADLINE_MS) : undefined;
    if (answer && answer.kind !== "granted") {
      this.#rest(key, flight.now() + answer.afterMs);
      return "left" as const;
    }
    if (mayAsk && !answer) this.#ports.telemetry.leaseless();
    const { entry } = await load(request, { as: "proven", before: newest });
    failed.succeeded(key);
    // What proves nothing now (nobody is known to hold all bumps) will hardly do so in the next millisecond.
    if (isCurrent(entry)) this.#restUntil.delete(key);
    else this.#rest(key, flight.now() + UNPROVEN_REST_MS);
    if (answer) await this.publish(entry, answer.lease, flight.now());
    return entry.hash === newest.hash ? ("unchanged" as const) : ("loaded" as const);
  }

  /** Writes what was loaded under a lease where others see it, unless somebody was given the key since. */
  async publish(entry: CacheEntry, lease: string, now: number): Promise<void> {
    if (!isForAll(entry) || entry.key.length > MAX_TOLD_KEY_CHARS) return;
    const { key, hash, loadedAt, freshUntil } = entry;
    const errorUntil = isNegative(entry) ? 0 : entry.errorUntil; // no copy that anybody could count on
    const publication = { lease, key, hash, loadedAt, freshUntil, errorUntil };
    const published = await this.#ports.publish(publication);
    // Of what was loaded without a lease the world's word is needed: many isolates may do so at a time.
    const mayWrite = published ? published.mayWrite : lease !== "";
    if (!mayWrite || (await this.#writeFarthest(entry, now))) return;
    await this.#ports.publish({ ...publication, isUnwritten: true }); // else the runway would stand on it
  }

  async #writeFarthest(entry: CacheEntry, now: number): Promise<boolean> {
    const kv = this.#ports.farther.find(({ name }) => name === "kv");
    return kv !== undefined && (await kv.put(entry, now)).kind === "stored";
  }

  #rest(key: string, until: number): void {
    this.#restUntil.delete(key);
    this.#restUntil.set(key, until);
    const [oldest] = this.#restUntil.keys();
    if (this.#restUntil.size > MAX_REFRESHING && oldest !== undefined) this.#restUntil.delete(oldest);
  }
}

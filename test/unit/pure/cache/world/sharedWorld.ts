import { isDeepStrictEqual } from "node:util";
import { MASK_MS, MAX_VIEW_AGE_MS } from "../../../../../src/cache/constants.ts";
import { CACHE_SCHEMA, type CacheEntry, isNegative, usableUntil } from "../../../../../src/cache/entry.ts";
import { fillProof, fillQuestion } from "../../../../../src/cache/fillProof.ts";
import { isPurged } from "../../../../../src/cache/isCurrent.ts";
import { meets, type Owed, showsOwed, withNumbers, withWrite } from "../../../../../src/cache/owed.ts";
import { replaces } from "../../../../../src/cache/replaces.ts";
import type { LoadOptions, Served } from "../../../../../src/cache/sharedRequest.ts";
import type { CopyStore } from "../../../../../src/cache/tiers/cacheApi.ts";
import { SimulatedCopies } from "../../../../../tools/cache/simulatedCopies.ts";
import { SimulatedKv } from "../../../../../tools/cache/simulatedKv.ts";
import type { StoreFault } from "../../../../../tools/cache/storeFault.ts";
import { Random } from "../../../../../tools/seed/random.ts";
import { NOW } from "../entries.ts";
import { BumpWorld, EPOCH, type Node, type Write } from "./bumpWorld.ts";
import { SharedIsolate } from "./sharedIsolate.ts";
import { VirtualTime } from "./virtualTime.ts";

const COLOS = ["AMS", "SYD"] as const;
const ISOLATES_A_COLO = 2;
const SESSIONS = 2;

/** Routes of all kinds: what an hour's outage may be bridged with, what may be stale only, what must be fresh. */
const ROUTES = [
  {
    key: "/list",
    buckets: [1, 2],
    fresh: 10_000,
    stale: 50_000,
    error: 3_600_000,
    negative: 0,
    floorS: 2,
    coalesce: "isolate",
  },
  {
    key: "/item",
    buckets: [2],
    fresh: 60_000,
    stale: 0,
    error: 600_000,
    negative: 5_000,
    floorS: 5,
    coalesce: "world",
  },
  {
    key: "/search?q=x",
    buckets: [3],
    fresh: 5_000,
    stale: 120_000,
    error: 0,
    negative: 2_000,
    floorS: 1,
    coalesce: "isolate",
  },
] as const;
type Route = (typeof ROUTES)[number];

/** An isolate heard of a removal, and a load of its own proved it. */
interface Found {
  readonly isolate: SharedIsolate;
  readonly removal: string;
  readonly entry: CacheEntry;
  readonly at: number;
}

interface Asked {
  readonly owed: readonly Owed[];
  readonly askedAt: number;
}

/** No such entry was ever loaded, or may not be given: what a model test is for. */
export class Violation extends Error {}

/**
 * Isolates in two colos over one KV, a database with replicas that are behind, and a reference of what may be served: it
 * knows what each answer shows, which nobody else does.
 */
export class SharedWorld {
  readonly time = new VirtualTime(NOW);
  readonly random: Random;
  readonly bumps: BumpWorld;
  readonly kv: SimulatedKv;
  readonly isolates: SharedIsolate[];
  readonly counts = { fresh: 0, stale: 0, error: 0, loaded: 0, refused: 0, asked: 0, gone: 0 };
  readonly #copies: readonly CopyStore[];
  /** Each load by its hash: the entry as it was made, and the writes that it shows. */
  readonly #loads = new Map<
    string,
    { readonly entry: CacheEntry; readonly shows: readonly string[]; readonly endedAt: number }
  >();
  readonly #sessions: (readonly Owed[])[] = Array.from({ length: SESSIONS }, () => []);
  readonly #purgedAt = new Map<number, number>();
  readonly #found: Found[] = [];
  #violation: Violation | undefined;
  #leases = new Map<string, number>();

  constructor(seed: number) {
    this.random = new Random(seed);
    this.bumps = new BumpWorld(this.time.now);
    this.kv = new SimulatedKv({ now: this.time.now, visibleAfterMs: () => this.random.below(60_001) });
    this.#copies = COLOS.map(() => this.#heldCopies());
    this.isolates = COLOS.flatMap((_, colo) => Array.from({ length: ISOLATES_A_COLO }, () => this.#isolate(colo)));
  }

  /** Throws what went wrong so far. */
  check(): void {
    if (this.#violation) throw this.#violation;
    if (this.kv.invalid > 0) throw new Violation("KV was asked for what it refuses");
  }

  /** Somebody asks; a session's visitor is owed what it wrote. Judged when it is answered. */
  request(isolate: SharedIsolate, route: Route, session: number | undefined): void {
    const known = isolate.known.at(this.time.now());
    const all = withNumbers(session === undefined ? [] : (this.#sessions[session] ?? []), known);
    if (session !== undefined) this.#sessions[session] = all;
    const owed = all.filter((each) => meets(each, route.buckets));
    this.counts.asked++;
    const flight = {
      now: this.time.now,
      sleep: this.time.sleep,
      waitUntil: (work: Promise<unknown>) => {
        work.catch((error: unknown) => this.#broken(`work after an answer failed: ${error}`));
      },
    };
    const load = (options: LoadOptions) => this.#load(isolate, route, owed, options);
    const policy = {
      fresh: { floor: route.floorS, ceiling: route.fresh / 1_000 },
      staleWhileRevalidate: route.stale / 1_000,
      staleIfError: route.error / 1_000,
      coalesce: route.coalesce,
    };
    const { key, buckets } = route;
    const had = isolate.usable(key);
    const askedAt = this.time.now();
    isolate.cache.answer({ key, route: key, policy, buckets, owed, load, flight }).then(
      (served) => this.#judge(isolate, { owed, askedAt }, served),
      (error: unknown) => this.#judgeRefusal(isolate, had, owed, error),
    );
  }

  write(isolate: SharedIsolate, bucket: number, session: number | undefined): void {
    const { id } = isolate.write(bucket, this.makes());
    if (session !== undefined)
      this.#sessions[session] = withWrite(
        this.#sessions[session] ?? [],
        { id, epoch: EPOCH },
        [bucket],
        this.time.now(),
      );
  }

  makes(): Write["makes"] {
    return this.random.pick([undefined, "gone", "gone", "there"]);
  }

  purge(bucket: number): void {
    this.bumps.purge(bucket);
    this.#purgedAt.set(bucket, this.time.now());
  }

  restart(at: number): void {
    this.isolates[at] = this.#isolate(Math.floor(at / ISOLATES_A_COLO));
  }

  order(isolate: SharedIsolate, store: "copies" | "kv", fault: StoreFault | null): void {
    isolate[store].order(fault);
  }

  route(): Route {
    return this.random.pick(ROUTES as unknown as [Route, ...Route[]]);
  }

  #isolate(colo: number): SharedIsolate {
    const [copies, location] = [this.#copies[colo], COLOS[colo]];
    if (!copies || !location) throw new Error("no such colo");
    return new SharedIsolate(
      this.time,
      this.bumps,
      { copies, kv: this.kv.at(location) },
      {
        mayRead: () => !this.bumps.isDown,
        recoveryRatePerS: () => (this.bumps.isDown ? 0 : this.random.next() < 0.3 ? 2 : undefined),
        random: () => this.random.next(),
        lease: async ({ key }) => this.#lease(key),
        publish: async () => (this.random.next() < 0.1 ? undefined : { mayWrite: true, isChanged: true }),
      },
    );
  }

  /** Whatever a coordinator may say, or nothing. */
  #lease(key: string) {
    const now = this.time.now();
    if (this.random.next() < 0.1) return undefined;
    if ((this.#leases.get(key) ?? 0) > now) return { kind: "taken" as const, afterMs: 500 };
    this.#leases.set(key, now + 3_000);
    return { kind: "granted" as const, lease: `${key}-${now}`, expiresInMs: 3_000 };
  }

  async #load(
    isolate: SharedIsolate,
    route: Route,
    owed: readonly Owed[],
    { as, before }: LoadOptions,
  ): Promise<CacheEntry> {
    const { key, buckets, negative } = route;
    const { told } = isolate;
    const loadedAt = this.time.now();
    const known = isolate.known.at(loadedAt);
    const debts = owed.flatMap(({ id }) => (id === "" ? [] : [id]));
    const question = fillQuestion(known, buckets, as === "owed" ? debts : []);
    await this.time.sleep(this.random.below(400));
    // Down, or this statement alone had no luck.
    if (this.bumps.isDown || this.random.next() < 0.1) throw new Error("outage");
    const [primary, ...replicas] = this.bumps.nodes;
    const node = this.random.pick([primary, ...replicas]);
    // Who is owed writes is answered by who shows them, and a refresh by who holds most: as the database handle does.
    const read = (at: Node) => ({
      removal: this.bumps.removal(at, buckets[0]),
      shows: this.bumps.shown(at, buckets),
      proof: fillProof(known, question, [{ node: at.name, facts: this.bumps.facts(at, question) }]),
    });
    let made = read(as === "any" ? node : primary);
    const isDoubtful = before !== undefined && isNegative(before) && !made.removal && made.proof.provenThrough < 0;
    if (isDoubtful) made = read(primary);
    const { removal, shows, proof } = made;
    if (removal && negative === 0 && !before) throw new Error("not-found");
    const freshUntil = loadedAt + (removal ? negative : route.fresh);
    const entry: CacheEntry = {
      schema: CACHE_SCHEMA,
      key,
      status: removal ? 404 : 200,
      body: `"${shows.length}"`,
      hash: `h${this.#loads.size}`,
      buckets: [...buckets],
      loadedAt,
      freshUntil,
      staleUntil: freshUntil + (removal ? 0 : route.stale),
      errorUntil: freshUntil + (removal ? 0 : route.error),
      ...(removal && { maskUntil: Math.max(loadedAt + MASK_MS, before ? usableUntil(before) : 0) }),
      freshMs: freshUntil - loadedAt,
      loadMs: this.time.now() - loadedAt,
      proof,
    };
    this.#loads.set(entry.hash, { entry, shows, endedAt: this.time.now() });
    if (removal && proof.provenThrough >= 0 && told.includes(removal)) {
      this.#found.push({ isolate, removal, entry, at: this.time.now() });
    }
    return entry;
  }

  #judge(isolate: SharedIsolate, asked: Asked, served: Served): void {
    const now = this.time.now();
    this.counts[served.as]++;
    if (isNegative(served.entry)) this.counts.gone++;
    const what = this.#wrongOf(isolate, asked, served, now);
    const { as, from, entry } = served;
    if (what !== undefined) this.#broken(`${what}: ${as} from ${from}, ${JSON.stringify(entry)} at ${now}`);
  }

  #wrongOf(isolate: SharedIsolate, { owed, askedAt }: Asked, served: Served, now: number): string | undefined {
    const { entry } = served;
    const load = this.#loads.get(entry.hash);
    if (!load || !isDeepStrictEqual({ ...entry }, { ...load.entry })) return "it is not what was loaded";
    const { freshUntil, staleUntil, errorUntil, loadedAt, buckets } = load.entry;
    // Loaded before anybody asked: a copy all the same, of a neighbour's.
    const as = served.as === "loaded" && load.endedAt < askedAt ? "fresh" : served.as;
    const until = { fresh: freshUntil, stale: staleUntil, error: errorUntil, loaded: Number.POSITIVE_INFINITY }[as];
    if (now >= until) return "it is over";
    const lacks = (ids: readonly string[]) =>
      this.bumps.writes.some(({ id, bucket }) => {
        return ids.includes(id) && buckets.includes(bucket) && !load.shows.includes(id);
      });
    // Said with it: nobody could be asked, for no node would be, whatever became of somebody's load of this key.
    const isSaid = served.lacksOwed === true && served.as === "error" && this.bumps.isDown;
    if (!isSaid && lacks(owed.map(({ id }) => id))) return "its reader wrote what it lacks";
    const known = isolate.known.at(now);
    if (isPurged(entry, known)) return "it was purged for good";
    if (this.#isGone(isolate, { entry, as, askedAt }, load.shows)) return "it is gone, as was heard and found";
    if (as === "loaded") return undefined;
    const orderedAt = Math.max(0, ...buckets.map((bucket) => this.#purgedAt.get(bucket) ?? 0));
    if (isolate.heardAt > orderedAt && loadedAt < orderedAt) return "it was loaded before it was purged for good";
    if (as !== "fresh") return undefined;
    if (known.ageMs <= MAX_VIEW_AGE_MS && lacks(isolate.told)) return "it lacks a write that the world told of";
    return lacks([...known.own.keys()]) ? "it lacks a write of this isolate" : undefined;
  }

  /**
   * Whether this very isolate had found before it was asked that the thing is gone. Copies of the same life of the log: what
   * was proven in another compares with nothing.
   */
  #isGone(
    isolate: SharedIsolate,
    { entry, as, askedAt }: { readonly entry: CacheEntry; readonly as: Served["as"]; readonly askedAt: number },
    shows: readonly string[],
  ): boolean {
    if (isNegative(entry)) return false;
    const { key, loadedAt, buckets, proof } = entry;
    return this.#found.some((found) => {
      const { entry: gone, removal, at } = found;
      if (found.isolate !== isolate || gone.key !== key || askedAt <= at || shows.includes(removal)) return false;
      if (gone.proof.incarnation !== proof.incarnation || (as === "loaded" && loadedAt <= at)) return false;
      if (buckets.some((bucket) => (this.#purgedAt.get(bucket) ?? 0) >= gone.loadedAt)) return false;
      const masksUntil = loadedAt < gone.loadedAt ? usableUntil(gone) : gone.loadedAt + MASK_MS;
      return this.time.now() < Math.max(masksUntil, gone.loadedAt + MASK_MS);
    });
  }

  /** `had`: what lay in the isolate's memory when it was asked. */
  #judgeRefusal(isolate: SharedIsolate, had: CacheEntry | undefined, owed: readonly Owed[], error: unknown): void {
    this.counts.refused++;
    const now = this.time.now();
    if (error instanceof Error && error.message === "not-found") return;
    const isOutage = error instanceof Error && error.message === "outage";
    if (!isOutage) this.#broken(`refused by ${error}`);
    if (!had || now >= had.errorUntil || isPurged(had, isolate.known.at(now)) || !showsOwed(had, owed)) return;
    const isOver = ({ entry }: { readonly entry: CacheEntry }) =>
      isNegative(entry) && entry.key === had.key && replaces(entry, had, now);
    if ([...this.#loads.values()].some(isOver)) return; // a tier may have told that it was gone
    this.#broken(`refused, though there was ${JSON.stringify(had)} at ${now}`);
  }

  #broken(what: string): void {
    this.#violation ??= new Violation(what);
  }

  /** A colo's Cache API whose bodies the clock waits for. */
  #heldCopies(): CopyStore {
    const copies = new SimulatedCopies(this.time.now);
    return {
      match: async (key) => {
        const found = await copies.match(key);
        return found && ({ text: () => this.time.hold(found.text()), body: null } as unknown as Response);
      },
      put: (key, response) => this.time.hold(copies.put(key, response)),
    };
  }
}

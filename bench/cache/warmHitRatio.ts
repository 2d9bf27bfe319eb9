import { KV_WRITES_A_DAY } from "../../src/cache/constants.ts";
import { surelyHit } from "../../src/cache/heat/surelyHit.ts";
import type { Served } from "../../src/cache/sharedRequest.ts";
import type { TierName } from "../../src/cache/tiers/tier.ts";
import { MAX_RUN_KEYS, SUBREQUESTS_PER_KEY, WARM_MARGIN_MS } from "../../src/cache/warm/constants.ts";
import { kvAllowance } from "../../src/cache/warm/kvAllowance.ts";
import { planKvWrite } from "../../src/cache/warm/planKvWrite.ts";
import { planWarming } from "../../src/cache/warm/planWarming.ts";
import { WIRE } from "../../src/rpc/constants.ts";
import type { Warmed as WarmedRun } from "../../src/rpc/refreshLease.ts";
import { Random } from "../../tools/seed/random.ts";
import { rounded } from "../percentiles.ts";
import { BEGINS_AT, LOAD_MS } from "./constants.ts";
import { Site } from "./site.ts";
import { atMs, type Trace } from "./trace.ts";
import { settled, VirtualClock } from "./virtualClock.ts";

export type Warming = "by-hand" | "cron" | "not";

export interface WarmOptions {
  readonly seed: number;
  readonly isolates: number;
  readonly colos: number;
  readonly kvSeenAfterMs: number;
  /** Keys of one cycle, and how often there is one. */
  readonly keys: number;
  readonly everyMs: number;
  /** How often each isolate reports its heat. */
  readonly reportEveryMs: number;
  /** `by-hand`: so many keys, whatever that costs; `cron`: as our own cron, within the day's budget; `not`: nobody does. */
  readonly warming: Warming;
}

export interface Warmed {
  /** Of requests for lists after two cycles, those that waited for no load, whichever tier had it. */
  readonly warmHitRatio: number;
  /** By where it was found, of all such requests. */
  readonly byTier: Readonly<Record<"memory" | "colo" | "kv", number>>;
  /** Keys that each cycle loaded, and how many of the hottest keys the plan knew, of as many as a cycle has. */
  readonly loaded: readonly number[];
  readonly kvWrites: number;
  /** The same of an isolate in a colo where nobody asked before: what KV alone is worth. */
  readonly newColoHitRatio: number;
}

/**
 * Isolates learn what is hot with 64 counters each and report it; the CacheCoordinator adds it up; a cron plans and
 * writes to KV. Looked at from the second cycle's copies being seen everywhere until the third.
 */
export async function warmHitRatio(trace: Trace, options: WarmOptions): Promise<Warmed> {
  const { isolates, colos, kvSeenAfterMs, everyMs, reportEveryMs, warming } = options;
  const { items, asked, written } = trace;
  const clock = new VirtualClock(BEGINS_AT);
  const site = new Site({ items, clock, isolates, colos, kvSeenAfterMs });
  const random = new Random(options.seed);
  const warmer = new Warmer(site, trace, options);
  const found = { memory: 0, colo: 0, kv: 0 };
  const loaded: number[] = [];
  const stranger = site.addColo();
  let [lists, writes, strangersLists, strangersHits] = [0, 0, 0, 0];
  const until = Math.min(asked.length, (3 * everyMs) / atMs(1));
  const from = (2 * everyMs + Math.min(WARM_MARGIN_MS, everyMs / 4)) / atMs(1);
  for (let request = 0; request < until; request++) {
    const ms = atMs(request);
    await clock.advanceTo(BEGINS_AT + ms);
    if (ms > 0 && ms % reportEveryMs === 0) {
      for (const { heat } of site.isolates) site.book.heated(surelyHit(heat.take()), clock.now());
    }
    if (warming !== "not" && ms > 0 && ms % everyMs === 0) loaded.push(await warmer.run(clock.now()));
    const pitch = written.get(request);
    if (pitch) site.written(pitch, ++writes);
    const rank = asked[request] ?? 0;
    const isolate = site.isolates[random.below(isolates)];
    const answered = tierOf(isolate?.ask(rank));
    const isLooked = request >= from;
    // As busy as one of the others, with the same visitors.
    const isStrangers = isLooked && request % isolates === 0;
    const strangers = tierOf(isStrangers ? stranger.ask(rank) : undefined);
    await settled();
    if (!isLooked || items[rank]?.kind === "pitch") continue;
    lists++;
    if (answered.tier) found[answered.tier]++;
    if (!isStrangers) continue;
    strangersLists++;
    if (strangers.tier) strangersHits++;
  }
  const share = (times: number) => rounded(times / lists);
  return {
    warmHitRatio: share(found.memory + found.colo + found.kv),
    byTier: { memory: share(found.memory), colo: share(found.colo), kv: share(found.kv) },
    loaded,
    kvWrites: site.kv.writes,
    newColoHitRatio: rounded(strangersHits / strangersLists),
  };
}

/** The tier that it came from, as soon as it is answered; undefined: it waits, or was loaded. */
function tierOf(answer: Promise<Served> | undefined): { tier: TierName | undefined } {
  const found: { tier: TierName | undefined } = { tier: undefined };
  answer?.then(({ as, from }) => {
    found.tier = as === "loaded" ? undefined : from;
  });
  return found;
}

/** The cron. */
class Warmer {
  readonly #site: Site;
  readonly #options: WarmOptions;
  readonly #items: Trace["items"];
  readonly #ranks: ReadonlyMap<string, number>;
  /** As KV has them: what is loaded and not written changes none. */
  readonly #copies = new Map<string, { hash: string; loadedAt: number; freshUntil: number; staleUntil: number }>();

  constructor(site: Site, { items }: Trace, options: WarmOptions) {
    this.#site = site;
    this.#options = options;
    this.#items = items;
    this.#ranks = new Map(items.map(({ key }, rank) => [key, rank]));
  }

  /** One cycle; says how many keys it loaded. */
  async run(now: number): Promise<number> {
    const { everyMs, warming } = this.#options;
    const isCron = warming === "cron";
    const keys = isCron ? MAX_RUN_KEYS : this.#options.keys;
    const writesLeft = this.#site.book.kvWritesLeft(now);
    const writesPerDay = KV_WRITES_A_DAY.paid;
    let kvWrites = isCron ? kvAllowance({ now, writesLeft, writesPerDay, nextRunInMs: everyMs }) : keys;
    const next = { inMs: everyMs, marginMs: WARM_MARGIN_MS };
    const hottest = this.#site.book.heat({ wire: WIRE, top: keys }, now).keys;
    const none = { hash: "", loadedAt: 0, freshUntil: 0, staleUntil: 0 };
    const copyOf = (key: string) => ({ ...(this.#copies.get(key) ?? none), errorUntil: Number.MAX_SAFE_INTEGER });
    const kindOf = (key: string) => this.#items[this.#ranks.get(key) ?? -1]?.kind ?? "browse";
    const { load } = planWarming({
      now,
      keys: hottest.map(({ key, heat, hash }) => ({ key, heat, loadMs: LOAD_MS[kindOf(key)], ...copyOf(key), hash })),
      database: { isOpen: false, isAsleep: false, isRecovering: false, lagMs: 0, load: 0 },
      budget: { subrequestsLeft: keys * SUBREQUESTS_PER_KEY, kvWrites, leftMs: everyMs },
      next,
    });
    const cron = this.#site.kv.at("cron");
    const copies: WarmedRun["copies"][number][] = [];
    for (const { key } of load) {
      const entry = this.#site.loadNow(this.#ranks.get(key) ?? 0);
      const copy = { ...copyOf(key), loadMs: LOAD_MS[kindOf(key)] };
      const write = planKvWrite({ now, copy, hash: entry.hash, next, runwayMs: everyMs, kvWrites });
      if (write.kind === "skip") continue;
      const { hash, loadedAt, freshUntil, staleUntil } = entry;
      this.#copies.set(key, { hash, loadedAt, freshUntil, staleUntil });
      kvWrites--;
      copies.push({ key, hash, loadedAt, freshUntil, errorUntil: entry.errorUntil, isWritten: true });
      await cron.put(entry, now);
    }
    this.#site.book.warmed({ wire: WIRE, copies }, now);
    return load.length;
  }
}

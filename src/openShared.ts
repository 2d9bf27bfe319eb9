import { MAX_VIEW_AGE_MS } from "./cache/constants.ts";
import { CACHE_SCHEMA } from "./cache/entry.ts";
import { KvLeft } from "./cache/heat/kvLeft.ts";
import type { SpaceSaving } from "./cache/heat/spaceSaving.ts";
import type { MissCosts } from "./cache/missCosts.ts";
import { recoveryRatePerS } from "./cache/recovery/recoveryRatePerS.ts";
import { SharedCache } from "./cache/sharedCache.ts";
import type { TierPlace } from "./cache/tierKey.ts";
import type { CopyStore } from "./cache/tiers/cacheApi.ts";
import { ColoTier } from "./cache/tiers/coloTier.ts";
import { type KvStore, KvTier } from "./cache/tiers/kvTier.ts";
import { MemoryTier } from "./cache/tiers/memoryTier.ts";
import type { Tier } from "./cache/tiers/tier.ts";
import { backForMs } from "./database/backForMs.ts";
import { firstWord } from "./exchange/firstWord.ts";
import { ObjectAccess } from "./exchange/objectAccess.ts";
import { failureOf } from "./http/failureOf.ts";
import type { SharedDoor } from "./http/sharedDoor.ts";
import type { IsolateState } from "./isolate.ts";
import { MAX_REPORT_CHARS, WIRE } from "./rpc/constants.ts";
import { readMessage } from "./rpc/readMessage.ts";
import { leaseAnswerSchema, publishedSchema } from "./rpc/refreshLease.ts";
import { logLine } from "./telemetry/logLine.ts";

/** Where answers lie beyond this isolate. */
export interface FartherStores {
  /** The colo's Cache API. */
  readonly colo: CopyStore | undefined;
  /** Workers KV. */
  readonly kv: KvStore | undefined;
}

/** What one isolate has of shared answers. */
export interface SharedAnswersOfIsolate {
  readonly door: SharedDoor;
  readonly memory: MemoryTier;
  readonly misses: Pick<MissCosts, "dearest">;
  /** Those that are bound. */
  readonly farther: readonly Tier[];
}

/** Who holds the world's leases has this long to hear what was loaded. */
const PUBLISH_DEADLINE_MS = 2_000;

/** Longer keys are not counted: they are searches of many words, which nobody sends twice. */
const MAX_HEAT_KEY = 200;

/** The Cache API takes URLs of the Worker's own host alone; before the first request none is known. */
const NO_HOST = "breakwater.internal";

/** This isolate's shared answers: its memory and the tiers beyond it on the one side, the world's leases on the other. */
export function openShared(
  state: Pick<IsolateState, "config" | "database" | "instruments" | "objects" | "exchange">,
  stores: FartherStores,
  heat: Pick<SpaceSaving, "hit">,
  misses: MissCosts,
): SharedAnswersOfIsolate | undefined {
  const { config, database, instruments, objects, exchange } = state;
  if (config.modes.cache === "off") return undefined;
  const memory = new MemoryTier();
  const asker = { breakerMode: config.modes.breaker, now: Date.now, random: Math.random };
  const talks = objects instanceof ObjectAccess && exchange !== undefined ? objects : undefined;
  const kvLeft = new KvLeft(config.cacheKvWritesADay);
  const place = { environment: config.environment, version: CACHE_SCHEMA };
  const farther = fartherTiers(
    stores,
    place,
    () => exchange?.station.host ?? NO_HOST,
    () => kvLeft.isAny(Date.now()),
  );
  const kv = farther.find(({ name }) => name === "kv");
  const cache = new SharedCache({
    memory,
    farther,
    known: (now) => database.bumps.at(now),
    firstWord: (flight) => {
      const hasWord = () => database.bumps.at(Date.now()).ageMs <= MAX_VIEW_AGE_MS;
      return exchange && firstWord(exchange, hasWord, flight);
    },
    mayRead: () =>
      database.nodes.some(({ name }) => database.gates.admission(asker, name, "first").kind === "admitted"),
    recoveryRatePerS: (now) => {
      if (config.modes.breaker !== "on") return undefined;
      return recoveryRatePerS({
        backForMs: backForMs(database, now),
        reporters: database.view.breaker?.part.reporters,
      });
    },
    random: Math.random,
    lease: async (question, ms) => {
      const text = JSON.stringify({ wire: WIRE, ...question, colo: exchange?.station.colo ?? "" });
      const called = await talks?.cache((stub) => stub.lease(text), ms);
      if (called?.kind !== "answered") return undefined;
      return readMessage(leaseAnswerSchema, called.value, MAX_REPORT_CHARS);
    },
    publish: async (publication) => {
      const text = JSON.stringify({
        wire: WIRE,
        ...publication,
        willWrite: kv !== undefined && kv.trouble === undefined && kvLeft.isAny(Date.now()),
        kvWritesADay: config.cacheKvWritesADay,
      });
      const called = await talks?.cache((stub) => stub.publish(text), PUBLISH_DEADLINE_MS);
      if (called?.kind !== "answered") return undefined;
      const published = readMessage(publishedSchema, called.value, MAX_REPORT_CHARS);
      if (published?.kvWritesLeft !== undefined) kvLeft.told(published.kvWritesLeft, Date.now());
      return published;
    },
    failureOf,
    telemetry: instruments,
    isAudited: () => config.cacheAuditOneIn > 0 && Math.random() * config.cacheAuditOneIn < 1,
    mismatched: (key) =>
      logLine("error", { message: "A cached answer was not the database's, though no write was told.", key }),
    wanted: (key) => {
      if (key.length <= MAX_HEAT_KEY) heat.hit(key);
    },
    waited: (key, ms) => misses.missed(key, ms),
  });
  const door: SharedDoor = {
    cache,
    known: (now) => database.bumps.at(now),
    acts: config.modes.cache === "on",
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: Math.random,
  };
  return { door, memory, misses, farther };
}

function fartherTiers(
  { colo, kv }: FartherStores,
  place: TierPlace,
  host: () => string,
  mayWrite: () => boolean,
): Tier[] {
  const clock = { now: Date.now, sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) };
  return [
    ...(colo ? [new ColoTier(colo, place, host)] : []),
    ...(kv ? [new KvTier({ store: kv, place, clock, mayWrite })] : []),
  ];
}

import type { BumpKnowledge } from "../../../src/cache/bumpKnowledge.ts";
import { CACHE_SCHEMA, type CacheEntry } from "../../../src/cache/entry.ts";
import { SharedCache } from "../../../src/cache/sharedCache.ts";
import type { SharedRequest } from "../../../src/cache/sharedRequest.ts";
import { ColoTier } from "../../../src/cache/tiers/coloTier.ts";
import { KvTier } from "../../../src/cache/tiers/kvTier.ts";
import { MemoryTier } from "../../../src/cache/tiers/memoryTier.ts";
import { MAX_REPORT_CHARS, WIRE } from "../../../src/rpc/constants.ts";
import { readMessage } from "../../../src/rpc/readMessage.ts";
import { leaseAnswerSchema, publishedSchema } from "../../../src/rpc/refreshLease.ts";
import { OWNER_NAMES } from "../../../src/rpc/stubs.ts";
import { QUIET_PORTS } from "./quietPorts.ts";

export { CacheCoordinator } from "../../../objects/cacheCoordinator.ts";

/**
 * Shared answers of one isolate in front of a source that a test holds. A request says what is wanted of it:
 * `/<key>?query`, whose query goes on to the source, and
 * `leave`: the handler answers as soon as its load has begun, which goes on behind; `unguarded`: without the two guards of a shared
 * load, a timer of one's own and `waitUntil`; `needs`: another key, whose answer its load asks for first; `world`: one
 * load in the world.
 */

interface Env {
  readonly SOURCE: string;
  readonly COLO: string;
  readonly CACHE: KVNamespace;
  /** Undefined: there are no objects. */
  readonly CACHE_COORDINATOR?: DurableObjectNamespace;
}

type Coordinator = Readonly<Record<"lease" | "publish", (text: string) => Promise<string>>>;

const FRESH_MS = 500;
const STALE_IF_ERROR_MS = 60_000;
const PLACE = { environment: "flights", version: 1 };
const NOTHING_KNOWN: BumpKnowledge = {
  incarnation: 0,
  seq: -1,
  ageMs: Number.POSITIVE_INFINITY,
  epoch: undefined,
  latest: () => 0,
  purged: () => 0,
  live: new Map(),
  recent: new Map(),
  cover: new Set(),
  own: new Map(),
};
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const quiet = () => {};
/** Of requests that need each other: how deep one asks for the other. */
const MAX_NEEDS = 2;

let cache: SharedCache | undefined;
let leaseless = 0;

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    cache ??= openCache(env);
    const url = new URL(request.url);
    if (url.pathname === "/leaseless") return Response.json(leaseless);
    const startedAt = Date.now();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const asked = answer(cache, url.pathname, { url, env, ctx, depth: 0, begin });
    if (url.searchParams.has("leave")) {
      asked.catch(quiet);
      await begun;
      return new Response("left");
    }
    try {
      const { entry, as, from, isJoined } = await asked;
      return Response.json({ body: entry.body, as, from, isJoined, ms: Date.now() - startedAt });
    } catch (error) {
      return new Response(String(error), { status: 503 });
    }
  },
};

interface Asking {
  readonly url: URL;
  readonly env: Env;
  readonly ctx: ExecutionContext;
  readonly depth: number;
  /** Called when its load begins. */
  readonly begin: () => void;
}

function answer(shared: SharedCache, key: string, { url, env, ctx, depth, begin }: Asking) {
  const isGuarded = !url.searchParams.has("unguarded");
  const needs = url.searchParams.get("needs");
  const request: SharedRequest = {
    key,
    route: key,
    policy: {
      fresh: { floor: FRESH_MS / 1_000, ceiling: FRESH_MS / 1_000 },
      staleWhileRevalidate: 0,
      staleIfError: STALE_IF_ERROR_MS / 1_000,
      coalesce: url.searchParams.has("world") ? "world" : "isolate",
    },
    buckets: [1],
    owed: [],
    load: async () => {
      const loadedAt = Date.now();
      if (needs !== null && depth < MAX_NEEDS) {
        const back = new URL(url);
        back.searchParams.set("needs", key);
        await answer(shared, needs, { url: back, env, ctx, depth: depth + 1, begin });
      }
      const asked = fetch(env.SOURCE + key + url.search);
      begin();
      const response = await asked;
      const body = await response.text();
      if (!response.ok) throw new Error("outage");
      return entryOf(key, body, loadedAt);
    },
    flight: {
      now: Date.now,
      sleep: isGuarded ? sleep : () => new Promise(quiet),
      waitUntil: isGuarded ? (work) => ctx.waitUntil(work) : quiet,
    },
  };
  return shared.answer(request);
}

function openCache({ COLO, CACHE, CACHE_COORDINATOR }: Env): SharedCache {
  const stub = () => CACHE_COORDINATOR?.getByName(OWNER_NAMES.cache) as unknown as Coordinator | undefined;
  return new SharedCache({
    memory: new MemoryTier(),
    farther: [
      new ColoTier(caches.default, PLACE, () => `${COLO}.example`),
      new KvTier({ store: CACHE, place: PLACE, clock: { now: Date.now, sleep }, mayWrite: () => true }),
    ],
    known: () => NOTHING_KNOWN,
    mayRead: () => true,
    recoveryRatePerS: () => undefined,
    random: () => 0.5,
    lease: async (question, ms) => {
      const told = stub()?.lease(JSON.stringify({ wire: WIRE, colo: COLO, ...question }));
      const text = await Promise.race([told, sleep(ms)]);
      if (text === undefined) leaseless++;
      return readMessage(leaseAnswerSchema, text, MAX_REPORT_CHARS);
    },
    publish: async (publication) => {
      const text = await stub()?.publish(JSON.stringify({ wire: WIRE, ...publication }));
      return readMessage(publishedSchema, text, MAX_REPORT_CHARS);
    },
    failureOf: (error) => (error instanceof Error && error.message === "outage" ? "outage" : "mistake"),
    ...QUIET_PORTS,
  });
}

function entryOf(key: string, body: string, loadedAt: number): CacheEntry {
  const freshUntil = loadedAt + FRESH_MS;
  return {
    schema: CACHE_SCHEMA,
    key,
    status: 200,
    body,
    hash: body,
    buckets: [1],
    loadedAt,
    freshUntil,
    staleUntil: freshUntil,
    errorUntil: freshUntil + STALE_IF_ERROR_MS,
    freshMs: FRESH_MS,
    loadMs: 0,
    proof: { incarnation: 0, provenThrough: -1, knownThrough: -1, epoch: "", saw: [] },
  };
}

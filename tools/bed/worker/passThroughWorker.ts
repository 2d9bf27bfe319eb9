import { CACHE_SCHEMA, type CacheEntry } from "../../../src/cache/entry.ts";
import { meets, type Owed } from "../../../src/cache/owed.ts";
import { SharedCache } from "../../../src/cache/sharedCache.ts";
import type { Served } from "../../../src/cache/sharedRequest.ts";
import { tagBuckets } from "../../../src/cache/tagBuckets.ts";
import { ColoTier } from "../../../src/cache/tiers/coloTier.ts";
import { KvTier } from "../../../src/cache/tiers/kvTier.ts";
import { MemoryTier } from "../../../src/cache/tiers/memoryTier.ts";
import { cacheStatus, isNotModified, sharedHeaders } from "../../../src/http/cacheHeaders.ts";
import { originPolicy } from "./originPolicy.ts";
import { QUIET_PORTS } from "./quietPorts.ts";

/**
 * One shared route that is whatever an origin says: its loader asks the origin, and how long an answer is kept stands in
 * that answer's own headers. So that the shared answers themselves can be held to tests that are made for HTTP caches.
 * An entry's body is the origin's body and headers, as JSON: entries of routes carry no headers.
 */

interface Env {
  readonly SOURCE: string;
  readonly CACHE: KVNamespace;
}

/** The origin's answer, which nobody shares. */
class NotShared extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super("not shared");
    this.response = response;
  }
}

const PLACE = { environment: "pass-through", version: 1 };
/** Made anew for each connection, or by us. */
const OWN_HEADERS = new Set(["connection", "keep-alive", "transfer-encoding", "content-length", "age"]);
/** Routes ask the database the whole question: nothing that a visitor asks of caches reaches it. */
const CONDITIONS = ["If-None-Match", "If-Modified-Since", "If-Match", "If-Range", "Range"];
const FLOOR_MS = 1_000;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** The newest write of each bucket, numbered; and what each visitor wrote, whom his test's name tells from the others. */
const writes = { seq: 0, latest: new Map<number, number>(), byVisitor: new Map<string, Owed[]>() };
let cache: SharedCache | undefined;

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    cache ??= openCache(env);
    const url = new URL(request.url);
    const target = env.SOURCE + url.pathname + url.search;
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (!url.pathname.startsWith("/test/") || !isRead) return pass(request, target);
    // As at the door: who is known is given no copy.
    if (request.headers.has("Authorization")) return pass(request, target);
    try {
      return await answer(cache, request, target, ctx);
    } catch (error) {
      return error instanceof NotShared ? error.response : new Response(null, { status: 502 });
    }
  },
};

async function answer(shared: SharedCache, request: Request, target: string, ctx: ExecutionContext) {
  const key = new URL(target).pathname + new URL(target).search;
  const buckets = tagBuckets([key]);
  const served = await shared.answer({
    key,
    route: "/test",
    policy: { fresh: { floor: FLOOR_MS / 1_000, ceiling: FLOOR_MS / 1_000 }, staleWhileRevalidate: 0, staleIfError: 0 },
    buckets,
    owed: owedTo(request).filter((write) => meets(write, buckets)),
    load: () => load(request, target, key),
    flight: { now: Date.now, sleep, waitUntil: (work) => ctx.waitUntil(work) },
  });
  return responseOf(served, request);
}

async function load(request: Request, target: string, key: string): Promise<CacheEntry> {
  const knownThrough = writes.seq;
  const headers = new Headers(request.headers);
  for (const name of CONDITIONS) headers.delete(name);
  const loadStartedAt = Date.now();
  const response = await fetch(target, { headers, redirect: "manual" });
  if (response.status >= 500) throw new NotShared(response);
  const text = await response.text();
  const told = [...response.headers].filter(([name]) => !OWN_HEADERS.has(name));
  const { times, isShared } = originPolicy(response, loadStartedAt);
  // One client's cookie is nobody else's; of what there is not, only that it is not is shared.
  const isOwn = response.headers.has("Set-Cookie") || (response.status >= 400 && ![404, 410].includes(response.status));
  const hash = response.headers.get("ETag")?.replace(/^W\//, "").replaceAll('"', "") ?? crypto.randomUUID();
  const over = { freshUntil: times.loadedAt, staleUntil: times.loadedAt, errorUntil: times.loadedAt };
  return {
    schema: CACHE_SCHEMA,
    key,
    status: response.status,
    body: JSON.stringify({ text, headers: told }),
    hash: hash.slice(0, 64),
    buckets: tagBuckets([key]),
    ...times,
    ...(isShared && !isOwn ? {} : over),
    freshMs: times.freshUntil - times.loadedAt,
    loadMs: 0,
    proof: { incarnation: 1, provenThrough: knownThrough, knownThrough, epoch: "", saw: [] },
  };
}

function responseOf(served: Served, request: Request): Response {
  const { entry } = served;
  const now = Date.now();
  const { text, headers: told } = JSON.parse(entry.body) as { text: string; headers: [string, string][] };
  const { ETag, Age, "CDN-Cache-Control": front } = sharedHeaders(served, FLOOR_MS, now);
  const headers = new Headers({ ETag, "CDN-Cache-Control": front });
  for (const [name, value] of told) headers.set(name, value);
  headers.set("Age", Age);
  headers.set("Cache-Status", cacheStatus(served, now));
  if (entry.status === 200 && isNotModified(request.headers.get("If-None-Match"), entry)) {
    return new Response(null, { status: 304, headers });
  }
  const isEmpty = request.method === "HEAD" || entry.status === 204 || entry.status === 304;
  return new Response(isEmpty ? null : text, { status: entry.status, headers });
}

/** What is no question passes; one that changed something is a write of that URL. */
async function pass(request: Request, target: string): Promise<Response> {
  const response = await fetch(target, new Request(request, { redirect: "manual" }));
  if (request.method !== "GET" && response.status < 400 && new URL(target).pathname.startsWith("/test/")) {
    const seq = ++writes.seq;
    const { pathname, search } = new URL(target);
    const buckets = tagBuckets([pathname + search]);
    for (const bucket of buckets) writes.latest.set(bucket, seq);
    const write: Owed = { id: crypto.randomUUID(), seq, incarnation: 1, epoch: "", at: Date.now(), buckets };
    writes.byVisitor.set(visitorOf(request), [...owedTo(request), write]);
  }
  return response;
}

/** What its session token would bring. */
function owedTo(request: Request): readonly Owed[] {
  return writes.byVisitor.get(visitorOf(request)) ?? [];
}

function visitorOf(request: Request): string {
  return request.headers.get("Test-ID") ?? "";
}

function openCache({ CACHE }: Env): SharedCache {
  return new SharedCache({
    memory: new MemoryTier(),
    farther: [
      new ColoTier(caches.default, PLACE, () => "pass-through.example"),
      new KvTier({ store: CACHE, place: PLACE, clock: { now: Date.now, sleep }, mayWrite: () => true }),
    ],
    known: () => ({
      incarnation: 1,
      seq: writes.seq,
      ageMs: 0,
      epoch: undefined,
      latest: (bucket) => writes.latest.get(bucket) ?? 0,
      purged: () => 0,
      live: new Map(),
      recent: new Map(),
      cover: new Set(),
      own: new Map(),
    }),
    mayRead: () => true,
    recoveryRatePerS: () => undefined,
    random: () => 0.5,
    lease: async () => undefined,
    publish: async () => undefined,
    failureOf: () => "outage",
    ...QUIET_PORTS,
  });
}

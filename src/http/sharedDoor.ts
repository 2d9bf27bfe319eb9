import type { BumpKnowledge } from "../cache/bumpKnowledge.ts";
import { MASK_MS, PURGED_STRICT_MS } from "../cache/constants.ts";
import { CACHE_SCHEMA, type CacheEntry, NEGATIVE_STATUS, usableUntil } from "../cache/entry.ts";
import { type FillRead, fillProof, fillQuestion } from "../cache/fillProof.ts";
import { nextFreshMs, type Reload, spreadFreshMs } from "../cache/lifetimes.ts";
import { meets, type Owed } from "../cache/owed.ts";
import type { SharedCache } from "../cache/sharedCache.ts";
import type { LoadOptions, SharedRequest } from "../cache/sharedRequest.ts";
import { tagBuckets } from "../cache/tagBuckets.ts";
import type { Database, Freshness } from "../database/database.ts";
import { MAX_TAGS } from "../rpc/constants.ts";
import { sha256Hex } from "../rpc/sha256Hex.ts";
import { ProblemError } from "./problem.ts";
import type { Route, SharedAnswers, SharedContext } from "./route.ts";

/** The isolate's shared answers, as the door uses them. */
export interface SharedDoor {
  readonly cache: SharedCache;
  readonly known: (now: number) => BumpKnowledge;
  /** `observe`: everything is kept and counted, and nobody is given it. */
  readonly acts: boolean;
  readonly sleep: (ms: number) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
}

/** A matched route's shared answer, for one request. */
export interface SharedAsk {
  readonly key: string;
  readonly route: Route;
  readonly shared: SharedAnswers;
  readonly params: unknown;
  readonly query: unknown;
  readonly database: Database;
  readonly now: () => number;
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** How fresh its reads would have to be without a cache. */
  readonly freshness: Freshness;
  /** What the session that asks is owed. */
  readonly owed: readonly Owed[];
}

/** The request as the cache takes it. */
export function sharedRequest(door: SharedDoor, ask: SharedAsk): SharedRequest {
  const { route, shared, params, query, now, waitUntil } = ask;
  const tags = shared.tags({ params, query } as never); // of the route's own schemas
  if (tags.length === 0 || tags.length > MAX_TAGS) {
    throw new Error(`${route.path}: a shared answer has 1 to ${MAX_TAGS} tags, not ${tags.length}.`);
  }
  const buckets = tagBuckets(tags);
  const owed = ask.owed.filter((each) => meets(each, buckets));
  return {
    key: ask.key,
    route: route.path,
    policy: shared,
    buckets,
    owed,
    load: (options) => load(door, { ...ask, owed }, buckets, options),
    flight: { now, sleep: door.sleep, waitUntil },
  };
}

async function load(
  door: SharedDoor,
  ask: SharedAsk,
  buckets: readonly number[],
  { as, before }: LoadOptions,
): Promise<CacheEntry> {
  const loadedAt = ask.now();
  const known = door.known(loadedAt);
  const question = fillQuestion(known, buckets, as === "owed" ? idsOf(ask.owed) : []);
  const make = async (freshness: Freshness) => {
    const reads: FillRead[] = [];
    const answer = await answerOf(ask, before, async (asked) => {
      const { rows, route, fill } = await ask.database.read(asked, { freshness, bumps: question.bumps });
      reads.push({ node: route.node, facts: fill });
      return { rows };
    });
    const isOfPrimary = reads.every(({ facts }) => facts?.isPrimary);
    return { answer, proof: fillProof(known, question, reads), isOfPrimary };
  };
  // A hard purge is for what must not be shown: a replica that is behind may have it yet, and says so in good faith.
  const isPurgedLately = door.acts && buckets.some((bucket) => loadedAt - known.purged(bucket) < PURGED_STRICT_MS);
  // Who only observes reads as fresh as without a cache.
  const freshness = as === "owed" ? "session" : door.acts ? "any" : ask.freshness;
  let made = await make(isPurgedLately ? "strict" : freshness);
  // Who lags lacks what everybody waits for: the primary has it. One load in the world, behind an answer. Where nobody is
  // known to hold all bumps, the primary is not either; and where it said this itself, it says the same again.
  const isWorthMore = as === "proven" && !question.isTooMany && known.cover.size > 0;
  // What was found gone is not shown on the word of a replica that may be behind.
  const isDoubtful = door.acts && before?.status === NEGATIVE_STATUS && made.answer.status !== NEGATIVE_STATUS;
  if (made.proof.provenThrough < 0 && !made.isOfPrimary && !isPurgedLately && (isWorthMore || isDoubtful)) {
    made = await make("strict").catch((error: unknown) => orElse(isDoubtful ? undefined : made, error));
  }
  const { answer, proof } = made;
  const hash = await hashOf(answer);
  const loadMs = ask.now() - loadedAt;
  const reload = before && reloadOf(before, hash, loadedAt, known);
  const times =
    answer.status === NEGATIVE_STATUS
      ? timesOfNothing(ask.shared, loadedAt, before)
      : timesOf(ask.shared, { loadedAt, reload }, door.random());
  return {
    schema: CACHE_SCHEMA,
    key: ask.key,
    ...answer,
    hash,
    buckets: [...buckets],
    loadedAt,
    loadMs,
    ...times,
    proof,
  };
}

/** What a replica said is kept, as unproven, where the primary cannot be asked; what that says of the question counts. */
function orElse<T>(made: T | undefined, error: unknown): T {
  if (made === undefined || error instanceof ProblemError) throw error;
  return made;
}

/**
 * The answer as it is kept: its status, and JSON; of nothing found the problem's name, where the route keeps that, or
 * where it is to end a copy of what was there.
 */
async function answerOf(
  { shared, params, query }: SharedAsk,
  before: CacheEntry | undefined,
  read: SharedContext<never, never>["database"]["read"],
): Promise<{ status: number; body: string }> {
  try {
    const { status, body } = await shared.answer({ params, query, database: { read } } as SharedContext<never, never>);
    return { status, body: JSON.stringify(body) };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.slug !== "not-found") throw error;
    if (!shared.negative && !before) throw error;
    return { status: NEGATIVE_STATUS, body: error.slug };
  }
}

/** What this load says of the copy before it. A negative one says nothing: it had a lifetime of its own. */
function reloadOf(before: CacheEntry, hash: string, loadedAt: number, known: BumpKnowledge): Reload | undefined {
  if (before.status === NEGATIVE_STATUS) return undefined;
  const wasBumped = before.buckets.some((bucket) => known.latest(bucket) > before.proof.knownThrough);
  const found = before.hash === hash ? "same" : wasBumped ? "bumped" : "changed";
  return { freshMs: before.freshMs, heldMs: Math.max(0, loadedAt - before.loadedAt), found };
}

function timesOf(
  { fresh, staleWhileRevalidate, staleIfError }: SharedAnswers,
  { loadedAt, reload }: { readonly loadedAt: number; readonly reload: Reload | undefined },
  random: number,
) {
  const range = { floorMs: fresh.floor * 1_000, ceilingMs: fresh.ceiling * 1_000 };
  const freshMs = nextFreshMs(reload, range);
  const freshUntil = loadedAt + spreadFreshMs(freshMs, range, random);
  return {
    freshMs,
    freshUntil,
    staleUntil: freshUntil + staleWhileRevalidate * 1_000,
    errorUntil: freshUntil + Math.max(staleWhileRevalidate, staleIfError) * 1_000,
  };
}

/** It is given for its route's short time, and lies there for as long as what it follows could have been given. */
function timesOfNothing({ negative = 0 }: SharedAnswers, loadedAt: number, before: CacheEntry | undefined) {
  const until = loadedAt + negative * 1_000;
  const maskUntil = Math.max(loadedAt + MASK_MS, before ? usableUntil(before) : 0);
  return { freshMs: negative * 1_000, freshUntil: until, staleUntil: until, errorUntil: until, maskUntil };
}

/** Of status and body: 144 bits, in which two answers that differ do not meet. */
async function hashOf({ status, body }: { status: number; body: string }): Promise<string> {
  return (await sha256Hex(`${status} ${body}`)).slice(0, 36);
}

function idsOf(owed: readonly Owed[]): string[] {
  return owed.flatMap(({ id }) => (id === "" ? [] : [id]));
}

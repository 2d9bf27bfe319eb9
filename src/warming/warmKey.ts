import type { CacheEntry } from "../cache/entry.ts";
import { planKvWrite } from "../cache/warm/planKvWrite.ts";
import type { HotKey, NextRun } from "../cache/warm/warmFacts.ts";
import type { WarmReport } from "../cache/warm/warmReport.ts";
import { openDatabase } from "../database/openDatabase.ts";
import type { EventContext } from "../eventContext.ts";
import { sharedRequest } from "../http/sharedDoor.ts";
import type { SharedTarget } from "../http/sharedTarget.ts";
import { type IsolateState, requestOptions } from "../isolate.ts";
import type { Warmed } from "../rpc/refreshLease.ts";

/** A key that is to be loaded. */
export interface ToWarm {
  readonly path: string;
  readonly target: SharedTarget;
  readonly hot: HotKey;
}

/** What all keys of a run share: how long copies have to last, and what is left of the KV writes it may make. */
export interface WarmRun {
  readonly next: NextRun;
  readonly kv: { left: number };
}

/** How a key's turn ended. */
export interface Warming {
  readonly done?: WarmReport["done"][number];
  readonly failed?: WarmReport["failed"][number];
  readonly copy?: Warmed["copies"][number];
}

/** How long a copy shall last if the database went away now: an hour, or half of what its route allows. */
const WANTED_RUNWAY_MS = 3_600_000;

/** Loads one key over connections of its own, and writes it where all the world sees it if that is worth a write. */
export async function warmKey(
  state: IsolateState,
  ctx: EventContext,
  { path, target, hot }: ToWarm,
  run: WarmRun,
): Promise<Warming> {
  const door = state.shared?.door;
  if (!door) return { failed: { path, why: "the cache is off" } };
  const startedAt = Date.now();
  const database = openDatabase(state.database, requestOptions(state, ctx));
  const works: Promise<unknown>[] = [];
  try {
    const waitUntil = (work: Promise<unknown>) => void works.push(work);
    const request = sharedRequest(door, { ...target, database, now: Date.now, waitUntil, owed: [] });
    const { entry, isWritten, isChanged } = await door.cache.warm(request, (loaded) =>
      isWorthWriting(target, hot, loaded, run),
    );
    if (isWritten) run.kv.left--;
    const { key, hash, loadedAt, freshUntil, errorUntil } = entry;
    return {
      done: { path, isChanged, isWritten, ms: Date.now() - startedAt },
      copy: { key, hash, loadedAt, freshUntil, errorUntil, isWritten },
    };
  } catch (error) {
    // Nothing that lay there is worse for it; the next run tries again.
    return { failed: { path, why: error instanceof Error ? error.message : String(error) } };
  } finally {
    await Promise.allSettled(works);
    await database.close();
  }
}

function isWorthWriting({ shared }: SharedTarget, hot: HotKey, { hash }: CacheEntry, { next, kv }: WarmRun): boolean {
  const copy = { ...hot, staleUntil: hot.freshUntil + shared.staleWhileRevalidate * 1_000 };
  const runwayMs = Math.min(WANTED_RUNWAY_MS, (shared.staleIfError * 1_000) / 2);
  return planKvWrite({ now: Date.now(), copy, hash, next, runwayMs, kvWrites: kv.left }).kind === "write";
}

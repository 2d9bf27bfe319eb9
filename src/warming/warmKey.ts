import { type CacheEntry, isNegative } from "../cache/entry.ts";
import type { KvWrites } from "../cache/warm/kvWrites.ts";
import type { HotKey } from "../cache/warm/warmFacts.ts";
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

/** How a key's turn ended. */
export interface Warming {
  readonly done?: WarmReport["done"][number];
  readonly skipped?: WarmReport["skipped"][number];
  readonly failed?: WarmReport["failed"][number];
  readonly copy?: Warmed["copies"][number];
}

/** Loads one key over connections of its own, and writes it where all the world sees it if that is worth a write. */
export async function warmKey(
  state: IsolateState,
  ctx: EventContext,
  { path, target, hot }: ToWarm,
  kv: KvWrites,
): Promise<Warming> {
  const door = state.shared?.door;
  if (!door) return { failed: { path, why: "the cache is off" } };
  const startedAt = Date.now();
  const { staleWhileRevalidate, staleIfError } = target.shared;
  const copy = { hot, staleWhileRevalidateMs: staleWhileRevalidate * 1_000, staleIfErrorMs: staleIfError * 1_000 };
  const database = openDatabase(state.database, requestOptions(state, ctx));
  const works: Promise<unknown>[] = [];
  try {
    const waitUntil = (work: Promise<unknown>) => void works.push(work);
    const request = sharedRequest(door, { ...target, database, now: Date.now, waitUntil, owed: [], freshness: "any" });
    const { entry, isWritten, isChanged } = await door.cache.warm(request, (loaded) =>
      kv.take(copy, loaded, Date.now()),
    );
    return {
      done: { path, isChanged, isWritten, ms: Date.now() - startedAt },
      ...copyTold(entry, isWritten),
    };
  } catch (error) {
    // Nothing that lay there is worse for it; the next run tries again.
    return { failed: { path, why: error instanceof Error ? error.message : String(error) } };
  } finally {
    await Promise.allSettled(works);
    await database.close();
  }
}

/** That there is nothing is told where it was written, since a write counts; it is no copy. */
function copyTold(entry: CacheEntry, isWritten: boolean): Pick<Warming, "copy"> {
  if (isNegative(entry) && !isWritten) return {};
  const { key, hash, loadedAt, freshUntil } = entry;
  const errorUntil = isNegative(entry) ? 0 : entry.errorUntil;
  return { copy: { key, hash, loadedAt, freshUntil, errorUntil, isWritten } };
}

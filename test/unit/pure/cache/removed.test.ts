import { describe, expect, test } from "vitest";
import type { BumpKnowledge } from "../../../../src/cache/bumpKnowledge.ts";
import { SharedCache } from "../../../../src/cache/sharedCache.ts";
import type { SharedCachePorts } from "../../../../src/cache/sharedCachePorts.ts";
import type { Served } from "../../../../src/cache/sharedRequest.ts";
import { tagBuckets } from "../../../../src/cache/tagBuckets.ts";
import { ColoTier } from "../../../../src/cache/tiers/coloTier.ts";
import { KvTier } from "../../../../src/cache/tiers/kvTier.ts";
import { MemoryTier } from "../../../../src/cache/tiers/memoryTier.ts";
import { ProblemError } from "../../../../src/http/problem.ts";
import { sharedRequest } from "../../../../src/http/sharedDoor.ts";
import { SimulatedCopies } from "../../../../tools/cache/simulatedCopies.ts";
import { SimulatedKv } from "../../../../tools/cache/simulatedKv.ts";
import { NOW } from "./entries.ts";
import { knowledge } from "./knowledge.ts";

const KEY = "/api/users/u";
const [BUCKET = 0] = tagBuckets(["user:u"]);
const HOUR_MS = 3_600_000;

/** One thing in colos with production's tiers over one KV that others see a minute late. It is removed, and maybe comes back. */
function site({ negative }: { readonly negative: number }) {
  const state = { now: NOW, seq: 5, latest: 0, isThere: true, mayRead: true };
  const known = (): BumpKnowledge => knowledge({ seq: state.seq, buckets: { [BUCKET]: state.latest } });
  const clock = { now: () => state.now, sleep: () => Promise.resolve() };
  const kv = new SimulatedKv({ now: clock.now, visibleAfterMs: () => 60_000 });
  const place = { environment: "e", version: 1 };
  const nothing = () => {};
  const told: Parameters<SharedCachePorts["publish"]>[0][] = [];
  const isolate = (colo: SimulatedCopies, location: string) => {
    const cache = new SharedCache({
      memory: new MemoryTier(),
      farther: [
        new ColoTier(colo, place, () => "site.example"),
        new KvTier({ store: kv.at(location), place, clock, mayWrite: () => true }),
      ],
      known,
      mayRead: () => state.mayRead,
      recoveryRatePerS: () => undefined,
      random: () => 0.5,
      lease: async () => ({ kind: "granted", lease: "l", expiresInMs: 5_000 }),
      publish: async (publication) => {
        told.push(publication);
        return { mayWrite: true, isChanged: true };
      },
      failureOf: () => "mistake",
      telemetry: {
        shared: nothing,
        sharedMiss: nothing,
        tierRead: nothing,
        refreshed: nothing,
        leaseless: nothing,
        sharedObserved: nothing,
        audited: nothing,
        servedAge: nothing,
        servedBytes: nothing,
      },
      wanted: nothing,
      waited: nothing,
      isAudited: () => false,
      mismatched: nothing,
    });
    const door = { cache, known, acts: true, sleep: () => new Promise<void>(() => {}), random: () => 0.5 };
    const shared = {
      fresh: { floor: 10, ceiling: 600 },
      staleWhileRevalidate: 3_600,
      staleIfError: 86_400,
      negative,
      tags: () => ["user:u"],
      answer: async ({ database }: { database: { read: (query: never) => Promise<{ rows: readonly object[] }> } }) => {
        const { rows } = await database.read({} as never);
        if (!rows[0]) throw new ProblemError("not-found");
        return { status: 200 as const, body: rows[0] };
      },
    };
    const read = async () => {
      if (!state.mayRead) throw new Error("nobody was to be asked");
      const fill = { held: [], process: "1.1", epoch: "1", isPrimary: false };
      return { rows: state.isThere ? [{ id: "u" }] : [], route: { node: "b" }, fill };
    };
    return async (): Promise<Served | undefined> => {
      const works: Promise<unknown>[] = [];
      const ask = {
        key: KEY,
        route: { path: KEY },
        shared,
        params: {},
        query: {},
        now: clock.now,
        waitUntil: (work: Promise<unknown>) => void works.push(work),
        freshness: "any",
        owed: [],
        database: { read },
      };
      try {
        return await cache.answer(sharedRequest(door, ask as never));
      } catch (error) {
        if (error instanceof ProblemError || !state.mayRead) return undefined;
        throw error;
      } finally {
        await Promise.allSettled(works);
      }
    };
  };
  const [here, there] = [new SimulatedCopies(clock.now), new SimulatedCopies(clock.now)];
  return {
    state,
    told,
    /** Two isolates of one colo, and one elsewhere. */
    isolates: [isolate(here, "AMS"), isolate(here, "AMS"), isolate(there, "SYD")] as const,
    /** An isolate that holds nothing yet. */
    newIsolate: () => isolate(there, "SYD"),
    change: (isThere: boolean) => {
      state.isThere = isThere;
      state.latest = ++state.seq;
    },
  };
}

/** Everybody visits each few seconds; when the thing was given, in milliseconds from now. */
async function givenFor(all: ReturnType<typeof site>, ms: number): Promise<number[]> {
  const { state, isolates } = all;
  const from = state.now;
  const given: number[] = [];
  for (; state.now < from + ms; state.now += 3_000) {
    for (const visit of isolates) if ((await visit())?.entry.status === 200) given.push(state.now - from);
  }
  return given;
}

describe.each([{ negative: 5 }, { negative: 0 }])("what was removed, of a route with %o", ({ negative }) => {
  test("is given once more by each isolate, and then to nobody, though KV holds a copy for an hour", async () => {
    const all = site({ negative });
    await givenFor(all, 90_000);
    all.change(false);
    expect(Math.max(...(await givenFor(all, 1.5 * HOUR_MS)))).toBeLessThanOrEqual(6_000);
  });

  test("is not given when nobody asked for a while, nor by an isolate that comes new", async () => {
    const all = site({ negative });
    await givenFor(all, 90_000);
    all.change(false);
    await givenFor(all, 90_000); // KV shows it everywhere by now
    for (const restMs of [130_000, 300_000, HOUR_MS / 2]) {
      all.state.now += restMs;
      expect((await all.newIsolate()())?.entry.status ?? 404).toBe(404);
      expect(await givenFor(all, 9_000)).toEqual([]);
    }
  });

  test("is not given in an outage, though there was a copy for a day", async () => {
    const all = site({ negative });
    await givenFor(all, 90_000);
    all.change(false);
    await givenFor(all, 90_000);
    all.state.mayRead = false;
    all.state.now += 10_000;
    expect(await givenFor(all, 60_000)).toEqual([]);
    expect(await all.newIsolate()()).toBeUndefined();
  });

  test("is given again as soon as it is there again", async () => {
    const all = site({ negative });
    await givenFor(all, 90_000);
    all.change(false);
    await givenFor(all, 30_000);
    all.change(true);
    expect((await givenFor(all, 30_000)).length).toBeGreaterThanOrEqual(3 * 9);
  });

  test("is told as no copy that anybody could count on", async () => {
    const all = site({ negative });
    await givenFor(all, 90_000);
    all.change(false);
    await givenFor(all, 30_000);
    expect(all.told.at(-1)?.errorUntil).toBe(0);
  });
});

test("what was never there is told to nobody, however often it is asked for", async () => {
  const all = site({ negative: 5 });
  all.state.isThere = false;
  expect(await givenFor(all, 300_000)).toEqual([]);
  expect(all.told).toEqual([]);
});

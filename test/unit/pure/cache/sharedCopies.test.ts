import { describe, expect, test } from "vitest";
import { SOFT_LOAD_MS } from "../../../../src/cache/constants.ts";
import { lookFarther } from "../../../../src/cache/lookFarther.ts";
import { entryOf, NOW } from "./entries.ts";
import { MapTier, sharedBed } from "./sharedBed.ts";

/** Cases that the histories of `world/` found, each by itself. */

describe("a copy that would be given in place of a slow load", () => {
  const waited = async (changes: { purges?: Record<number, number>; endsInMs: number }) => {
    const bed = sharedBed();
    const old = entryOf({ loadedAt: NOW - 100_000, errorUntil: NOW + changes.endsInMs });
    bed.memory.store(old, NOW);
    bed.state.database = "hangs";
    let given: string | undefined;
    bed.cache.answer(bed.request()).then(
      ({ as }) => {
        given = as;
      },
      () => {},
    );
    await bed.pass(0);
    if (changes.purges) bed.state.known = { purges: changes.purges };
    await bed.pass(SOFT_LOAD_MS);
    return given;
  };

  test("is given", async () => {
    expect(await waited({ endsInMs: 60_000 })).toBe("error");
  });

  test("is not when its end came while the load was waited for", async () => {
    expect(await waited({ endsInMs: SOFT_LOAD_MS })).toBeUndefined();
  });

  test("is not when it was purged meanwhile", async () => {
    expect(await waited({ endsInMs: 60_000, purges: { 1: 6 } })).toBeUndefined();
  });
});

describe("while the database cannot be asked", () => {
  test("a copy in memory is given, though a farther tier holds a newer one that was purged", async () => {
    const bed = sharedBed();
    const good = entryOf({ loadedAt: NOW - 100_000, hash: "good", proof: { knownThrough: 7, provenThrough: 7 } });
    bed.memory.store(good, NOW);
    bed.kv.held.set(good.key, entryOf({ loadedAt: NOW - 1_000, hash: "purged" }));
    bed.state.known = { purges: { 1: 7 }, buckets: { 1: 9 } };
    bed.state.database = "fails";
    const { entry, as } = await bed.cache.answer(bed.request());
    expect([entry.hash, as]).toEqual(["good", "error"]);
  });

  test("who is owed a write is given the copy in memory that shows it, though a farther tier holds a newer one", async () => {
    const bed = sharedBed();
    const shows = entryOf({ loadedAt: NOW - 100_000, hash: "shows", proof: { saw: ["w"] } });
    bed.memory.store(shows, NOW);
    bed.kv.held.set(shows.key, entryOf({ loadedAt: NOW - 1_000, hash: "lacks" }));
    bed.state.known = { buckets: { 1: 9 } };
    bed.state.database = "fails";
    const owed = [{ id: "w", seq: 0, incarnation: 0, epoch: "1", at: NOW, buckets: [1] }];
    const { entry } = await bed.cache.answer(bed.request({ owed }));
    expect(entry.hash).toBe("shows");
  });

  test("what was loaded before any word on bumps was heard is given, whatever is known by now", async () => {
    const bed = sharedBed();
    bed.memory.store(
      entryOf({ loadedAt: NOW - 1_000, proof: { incarnation: 0, provenThrough: -1, knownThrough: -1, epoch: "" } }),
      NOW,
    );
    bed.state.mayRead = false;
    expect(await bed.cache.answer(bed.request())).toHaveProperty("as", "error");
  });
});

test("who is owed a write is shown it although a stranger's refresh failed a moment ago, for the database answers", async () => {
  const bed = sharedBed();
  await bed.cache.answer(bed.request());
  bed.state.seq = 6;
  bed.state.known = { buckets: { 1: 6 } };
  bed.state.database = "fails";
  await bed.cache.answer(bed.request());
  await bed.behind();
  bed.state.database = "answers";
  bed.state.version = 2;
  const owed = [{ id: "w", seq: 0, incarnation: 0, epoch: "1", at: NOW, buckets: [1] }];
  const { entry, as, lacksOwed } = await bed.cache.answer(bed.request({ owed }));
  expect([entry.hash, as, lacksOwed]).toEqual(["v2", "loaded", undefined]);
});

describe("where another isolate loads a cold answer for the world", () => {
  test.for<[string, object]>([
    ["was bumped", { buckets: { 1: 9 } }],
    ["was purged", { purges: { 1: 9 } }],
  ])("a copy that %s is not given in its place", async ([, known]) => {
    const bed = sharedBed();
    bed.colo.says = { kind: "absent" };
    const policy = { ...bed.request().policy, coalesce: "world" as const };
    bed.state.lease = { kind: "taken", afterMs: 50 };
    bed.state.seq = 9;
    bed.state.known = known;
    const answer = bed.cache.answer(bed.request({ policy }));
    await bed.pass(0);
    bed.colo.says = { kind: "found", entry: entryOf({ hash: "old" }) };
    await bed.pass(100);
    expect((await answer).entry.hash).toBe("v1");
  });
});

describe("what was purged for good while it was loaded", () => {
  const purge = (bed: ReturnType<typeof sharedBed>) => {
    bed.state.seq = 9;
    bed.state.known = { buckets: { 1: 9 }, purges: { 1: 9 } };
  };

  test("is given to nobody: neither to who asked before it was heard, nor to who joins that load after", async () => {
    const bed = sharedBed();
    const { load } = bed.request();
    const go = Promise.withResolvers<void>();
    const slow: typeof load = async (options) => {
      await go.promise;
      if (bed.state.loads.length > 0) return load(options);
      bed.state.loads.push(options);
      return entryOf({ hash: "secret" });
    };
    const first = bed.cache.answer(bed.request({ load: slow }));
    await bed.pass(0);
    purge(bed);
    const second = bed.cache.answer(bed.request());
    await bed.pass(0);
    go.resolve();
    const all = await Promise.all([first, second]);
    expect(all.map(({ entry }) => entry.hash)).toEqual(["v1", "v1"]);
    expect(bed.state.loads).toHaveLength(2);
  });

  test("is given to nobody who is owed a write either", async () => {
    const bed = sharedBed();
    const { load } = bed.request();
    const owed = [{ id: "w", seq: 0, incarnation: 0, epoch: "1", at: NOW, buckets: [1] }];
    const loadOnce = async (options: Parameters<typeof load>[0]) => {
      if (bed.state.loads.length > 0) return load(options);
      const entry = await load(options);
      purge(bed);
      bed.state.version++;
      return entry;
    };
    const { entry } = await bed.cache.answer(bed.request({ owed, load: loadOnce }));
    expect(entry.hash).toBe("v2");
  });

  test("each time is refused in the end", async () => {
    const bed = sharedBed();
    const load = async () => {
      const entry = entryOf({ proof: { knownThrough: bed.state.seq } });
      purge(bed);
      bed.state.seq = entry.proof.knownThrough + 1;
      bed.state.known = { purges: { 1: bed.state.seq } };
      return entry;
    };
    await expect(bed.cache.answer(bed.request({ load }))).rejects.toThrow("purged for good each time");
  });
});

describe("a copy of before a deploy that gave its route another tag", () => {
  const OLD_TAGS = entryOf({ buckets: [1], loadedAt: NOW - 1_000, hash: "old" });
  const held = () => {
    const bed = sharedBed();
    bed.colo.held.set(OLD_TAGS.key, OLD_TAGS);
    return bed;
  };

  test("is stale, not valid until its time is over: given once more, and loaded behind that", async () => {
    const bed = held();
    const request = () => bed.request({ buckets: [1, 2] });
    expect(await bed.cache.answer(request())).toMatchObject({ as: "stale", entry: { hash: "old" } });
    await bed.behind();
    expect(bed.state.loads).toHaveLength(1);
  });

  test("is given in an outage", async () => {
    const bed = held();
    bed.state.mayRead = false;
    expect(await bed.cache.answer(bed.request({ buckets: [1, 2] }))).toMatchObject({ as: "error" });
  });

  test("is nothing to who is owed a write, though it is proven through it: it says nothing of the new tag", async () => {
    const bed = held();
    const owed = [{ id: "w", seq: 3, incarnation: 1, epoch: "1", at: NOW, buckets: [2] }];
    expect(await bed.cache.answer(bed.request({ buckets: [1, 2], owed }))).toMatchObject({ as: "loaded" });
  });

  test("is current where the deploy only took a tag away", async () => {
    const bed = sharedBed();
    bed.colo.held.set(OLD_TAGS.key, { ...OLD_TAGS, buckets: [1, 2] });
    expect(await bed.cache.answer(bed.request({ buckets: [1] }))).toMatchObject({ as: "fresh" });
  });
});

test("a tier in trouble is asked all the same: it alone knows when it is well again", async () => {
  const tier = new MapTier("kv");
  const entry = entryOf();
  tier.held.set(entry.key, entry);
  Object.defineProperty(tier, "trouble", { value: "it failed once" });
  const { best } = await lookFarther(
    entry.key,
    [tier],
    undefined,
    () => true,
    () => NOW,
  );
  expect(best).toBe(entry);
});

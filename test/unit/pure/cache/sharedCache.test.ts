import { describe, expect, test } from "vitest";
import { entryOf, NOW } from "./entries.ts";
import { MapTier, sharedBed } from "./sharedBed.ts";

/** Asks once; what was given. */
async function ask(bed: ReturnType<typeof sharedBed>, changes = {}) {
  const { entry, as, from, cause } = await bed.cache.answer(bed.request(changes));
  await bed.behind();
  return { hash: entry.hash, as, from, cause };
}

const bump = (bed: ReturnType<typeof sharedBed>) => {
  bed.state.seq++;
  bed.state.version++;
  bed.state.known = { buckets: { 1: bed.state.seq } };
};

describe("a shared answer", () => {
  test("is loaded once, kept here and in the colo, and given from memory while it is current", async () => {
    const bed = sharedBed();
    expect(await ask(bed)).toEqual({ hash: "v1", as: "loaded", from: undefined, cause: "cold" });
    expect(await ask(bed)).toEqual({ hash: "v1", as: "fresh", from: "memory", cause: undefined });
    expect([bed.colo.held.size, bed.kv.held.size, bed.state.loads.length, bed.state.leases]).toEqual([1, 0, 1, 0]);
    expect(bed.counts).toMatchObject({
      "shared loaded": 1,
      "shared fresh": 1,
      "miss cold": 1,
      "memory found": 1,
      wanted: 2,
    });
  });

  test("comes from a neighbour's copy, and is then here as well, no longer than there", async () => {
    const first = sharedBed();
    await ask(first);
    await first.pass(4_000);
    const second = sharedBed({ colo: first.colo });
    await second.pass(4_000);
    expect(await ask(second)).toMatchObject({ as: "fresh", from: "colo" });
    await second.pass(5_999);
    expect(await ask(second)).toMatchObject({ as: "fresh", from: "memory" });
    await second.pass(1);
    expect(await ask(second)).toMatchObject({ as: "stale" });
  });

  test("that is old is given once more, loaded behind that under a lease, and written for all the world", async () => {
    const bed = sharedBed();
    await ask(bed);
    bump(bed);
    expect(await ask(bed)).toMatchObject({ hash: "v1", as: "stale", from: "memory" });
    expect(await ask(bed)).toMatchObject({ hash: "v2", as: "fresh", from: "memory" });
    expect([bed.state.loads.length, bed.state.leases, bed.kv.held.get("/api/pitches")?.hash]).toEqual([2, 1, "v2"]);
    expect(bed.state.loads[1]).toMatchObject({ as: "proven", before: { hash: "v1" } });
    expect(bed.counts["refreshed loaded"]).toBe(1);
  });

  test("is not loaded where another isolate does or did: it rests as long as the world said, then asks again", async () => {
    const bed = sharedBed();
    await ask(bed);
    bump(bed);
    bed.state.lease = { kind: "taken", afterMs: 2_000 };
    for (let nth = 0; nth < 5; nth++) expect(await ask(bed)).toMatchObject({ hash: "v1", as: "stale" });
    expect([bed.state.leases, bed.state.loads.length]).toEqual([1, 1]);
    await bed.pass(1_999);
    await ask(bed);
    expect(bed.state.leases).toBe(1);
    await bed.pass(1);
    bed.state.lease = { kind: "granted", lease: "m", expiresInMs: 5_000 };
    await ask(bed);
    expect([bed.state.leases, (await ask(bed)).hash]).toEqual([2, "v2"]);
  });

  test("that KV has is put where the colo's other isolates look first", async () => {
    const bed = sharedBed();
    bed.kv.held.set("/api/pitches", entryOf({ loadedAt: NOW - 1_000 }));
    await ask(bed);
    await bed.behind();
    expect([bed.state.loads.length, bed.colo.held.get("/api/pitches")?.loadedAt]).toEqual([0, NOW - 1_000]);
  });

  test("whose new one KV does not take is told to be none there", async () => {
    const bed = sharedBed();
    await ask(bed);
    bed.state.version = 2;
    bed.kv.takes = false;
    await bed.pass(11_000);
    await ask(bed);
    await bed.behind();
    expect(bed.state.published).toEqual(["v2", "v2 unwritten"]);
  });

  test("that a neighbour has newer is taken from there, without a lease", async () => {
    const first = sharedBed();
    const second = sharedBed({ colo: first.colo });
    await ask(first);
    await ask(second);
    for (const bed of [first, second]) bump(bed);
    await ask(first); // loads it anew, and leaves it in the colo
    expect(await ask(second)).toMatchObject({ hash: "v1", as: "stale" });
    expect(await ask(second)).toMatchObject({ hash: "v2", as: "fresh" });
    expect([second.state.leases, second.counts["refreshed found"]]).toEqual([0, 1]);
  });

  test("is loaded by each isolate for itself where no object answers, and that is counted", async () => {
    const bed = sharedBed();
    await ask(bed);
    bump(bed);
    bed.state.lease = undefined;
    await ask(bed);
    expect((await ask(bed)).hash).toBe("v2");
    expect([bed.counts.leaseless, bed.state.published]).toEqual([1, []]);
  });

  test("is not written for all where somebody was given the key since, and is kept here", async () => {
    const bed = sharedBed();
    await ask(bed);
    bump(bed);
    bed.state.mayWrite = false;
    await ask(bed);
    expect([(await ask(bed)).hash, bed.kv.held.size]).toEqual(["v2", 0]);
  });

  test("from a node that lacks the bump does not take the place of what is proven", async () => {
    const bed = sharedBed();
    await ask(bed);
    bump(bed);
    bed.state.proves = -1;
    await ask(bed);
    expect(await ask(bed)).toMatchObject({ hash: "v1", as: "stale" });
  });

  test("shows who is owed a write what it wrote, and is loaded for that one alone", async () => {
    const bed = sharedBed();
    await ask(bed);
    const owed = [{ id: "m", seq: 0, incarnation: 0, epoch: "1", at: NOW, buckets: [1] }];
    expect(await ask(bed, { owed })).toMatchObject({ as: "loaded", cause: "bypass" });
    expect(bed.state.loads[1]).toMatchObject({ as: "owed" });
    expect(await ask(bed)).toMatchObject({ as: "fresh" });
  });
});

test("the isolate's own runway ends with the first of the copies that it gave last", async () => {
  const bed = sharedBed();
  const now = () => bed.request().flight.now();
  expect(bed.cache.runwayMs(now())).toBeUndefined();
  await ask(bed);
  await bed.pass(1_000);
  await ask(bed, { key: "/other", load: async () => entryOf({ key: "/other", loadedAt: now() }) });
  expect(bed.cache.runwayMs(now())).toBe(3_599_000);
  await bed.pass(4_000_000);
  expect(bed.cache.runwayMs(now())).toBe(0);
});

test("and counts none of a thing that is gone", async () => {
  const bed = sharedBed();
  const now = () => bed.request().flight.now();
  await ask(bed);
  await ask(bed, { key: "/other", load: async () => entryOf({ key: "/other", errorUntil: NOW + 60_000 }) });
  expect(bed.cache.runwayMs(now())).toBe(60_000);
  bump(bed);
  const until = { freshUntil: NOW, staleUntil: NOW, errorUntil: NOW, maskUntil: NOW + 60_000 };
  const gone = entryOf({ key: "/other", status: 404, proof: { provenThrough: 6, knownThrough: 6 }, ...until });
  await ask(bed, { key: "/other", load: async () => gone });
  expect(await ask(bed, { key: "/other", load: async () => gone })).toMatchObject({ as: "loaded", cause: "expired" });
  expect(bed.cache.runwayMs(now())).toBe(3_600_000);
});

describe("a warming run writes that a thing is gone", () => {
  const now = () => sharedBed().request().flight.now();
  const gone = (maskMs: number) => entryOf({ status: 404, hash: "gone", maskUntil: now() + maskMs });

  test.for([
    ["where a copy of it may lie, once", 3_600_000, [true, false]],
    ["and nothing of what was never there", 150_000, [false, false]],
  ] as const)("%s", async ([, maskMs, written]) => {
    const bed = sharedBed();
    const request = bed.request({ load: async () => gone(maskMs) });
    for (const isWritten of written) {
      expect(await bed.cache.warm(request, () => true)).toMatchObject({ isWritten });
      await bed.behind();
    }
    expect(bed.kv.held.size).toBe(Number(written[0]));
  });
});

describe("while the database cannot be asked", () => {
  test("copies are given until their very end, without a load and without an object; then it is refused", async () => {
    const bed = sharedBed();
    await ask(bed);
    bed.state.mayRead = false;
    bump(bed);
    await bed.pass(3_599_999);
    expect(await ask(bed)).toMatchObject({ hash: "v1", as: "error", from: "memory" });
    expect([bed.state.loads.length, bed.state.leases]).toEqual([1, 0]);
    await bed.pass(1);
    bed.state.database = "fails";
    await expect(bed.cache.answer(bed.request())).rejects.toThrow("outage");
    expect(bed.counts["shared refused"]).toBe(1);
  });

  test("a copy that lies in KV alone is given as well", async () => {
    const bed = sharedBed();
    await ask(bed);
    const other = sharedBed();
    const [entry] = bed.colo.held.values();
    if (entry) await other.kv.put(entry);
    other.state.mayRead = false;
    await other.pass(20_000);
    expect(await ask(other)).toMatchObject({ as: "error", from: "kv" });
  });

  test("a load that fails gives the old copy, and the next requests do not try before a pause", async () => {
    const bed = sharedBed();
    await ask(bed);
    await bed.pass(61_000);
    bed.state.database = "fails";
    for (let nth = 0; nth < 3; nth++) expect(await ask(bed)).toMatchObject({ hash: "v1", as: "error" });
    expect(bed.state.loads).toHaveLength(2);
    await bed.pass(1_000);
    await ask(bed);
    expect(bed.state.loads).toHaveLength(3);
  });

  test("a refresh that fails leaves the copy and the rest of its life, and is tried again after a pause", async () => {
    const bed = sharedBed();
    await ask(bed);
    await bed.pass(10_000);
    bed.state.database = "fails";
    expect(await ask(bed)).toMatchObject({ hash: "v1", as: "stale" });
    for (let nth = 0; nth < 3; nth++) expect(await ask(bed)).toMatchObject({ hash: "v1", as: "error" });
    expect([bed.state.loads.length, bed.counts["refreshed failed"]]).toEqual([2, 1]);
    await bed.pass(1_000);
    expect(await ask(bed)).toMatchObject({ hash: "v1", as: "stale" });
    expect(bed.state.loads).toHaveLength(3);
  });

  test("a mistake of ours gives the copy as well, is paused like any failure, and told once a load", async () => {
    const bed = sharedBed();
    await ask(bed);
    await bed.pass(61_000);
    const load = () => Promise.reject(new TypeError("a bug"));
    const all = await Promise.all(Array.from({ length: 20 }, () => bed.cache.answer(bed.request({ load }))));
    expect(new Set(all.map(({ as }) => as))).toEqual(new Set(["error"]));
    expect(bed.counts["reported a bug"]).toBe(1);
    await bed.pass(999);
    expect(await ask(bed, { load })).toMatchObject({ as: "error" });
    expect(bed.counts["reported a bug"]).toBe(1);
    await bed.pass(1);
    await ask(bed, { load });
    expect(bed.counts["reported a bug"]).toBe(2);
    const cold = bed.request({ load, key: "/cold" });
    await expect(bed.cache.answer(cold)).rejects.toThrow("a bug");
  });

  test("a mistake behind an answer is told", async () => {
    const bed = sharedBed();
    await ask(bed);
    bump(bed);
    const load = () => Promise.reject(new TypeError("a bug"));
    expect(await ask(bed, { load })).toMatchObject({ as: "stale" });
    expect(bed.counts["reported a bug"]).toBe(1);
  });

  test("an answer to the one who asks is told, whatever copy there is", async () => {
    const bed = sharedBed();
    await ask(bed);
    await bed.pass(61_000);
    const load = () => Promise.reject(new Error("answer"));
    await expect(bed.cache.answer(bed.request({ load }))).rejects.toThrow("answer");
    expect(bed.counts["reported a bug"]).toBeUndefined();
  });

  test("many who wait for one load that fails make one pause of it, not one each", async () => {
    const bed = sharedBed();
    await ask(bed);
    await bed.pass(61_000);
    bed.state.database = "fails";
    await Promise.all(Array.from({ length: 20 }, () => bed.cache.answer(bed.request())));
    await bed.pass(1_000);
    await ask(bed);
    expect(bed.state.loads).toHaveLength(3);
  });

  test("a load that fails late starts the pause too, and one that succeeds late ends it", async () => {
    const bed = sharedBed();
    await ask(bed);
    await bed.pass(61_000);
    let loads = 0;
    const lateBy = (end: () => void) => async () => {
      loads++;
      await bed.request().flight.sleep(400);
      end();
      return bed.request().load({ as: "any", before: undefined });
    };
    const fails = lateBy(() => {
      throw new Error("outage");
    });
    for (let nth = 0; nth < 2; nth++) {
      const answer = bed.cache.answer(bed.request({ load: fails }));
      await bed.pass(0);
      await bed.pass(250);
      expect(await answer).toMatchObject({ as: "error" });
      await bed.pass(200);
    }
    expect(loads).toBe(1);
    await bed.pass(1_000);
    const answer = bed.cache.answer(bed.request({ load: lateBy(() => {}) }));
    await bed.pass(0);
    await bed.pass(250);
    await answer;
    await bed.pass(200);
    expect(await ask(bed)).toMatchObject({ as: "fresh" });
    await bed.pass(61_000);
    bed.state.database = "fails";
    await ask(bed);
    await bed.pass(1_000);
    bed.state.database = "answers";
    expect(await ask(bed)).toMatchObject({ as: "loaded" });
  });
});

test("a slow load gives the old copy after a quarter of a second, and what it brings late is kept", async () => {
  const bed = sharedBed();
  await ask(bed);
  await bed.pass(61_000);
  const late = Promise.withResolvers<void>();
  const { load: loads } = bed.request();
  bed.state.version = 2;
  const slow = bed.request({ load: (options) => late.promise.then(() => loads(options)) });
  const answer = bed.cache.answer(slow);
  await bed.behind();
  await bed.pass(249);
  expect(await Promise.race([answer, Promise.resolve("waits")])).toBe("waits");
  await bed.pass(1);
  expect(await answer).toMatchObject({ as: "error", entry: { hash: "v1" } });
  late.resolve();
  await bed.behind();
  expect(await ask(bed)).toMatchObject({ hash: "v2", as: "fresh" });
});

test.each([
  ["fails", { kind: "failed", trouble: "gone" }, "cold"],
  ["holds rubbish", { kind: "corrupt" }, "corrupt"],
] as const)(
  "a tier that %s is a miss of that tier: the next is asked, then the database",
  async (_name, says, cause) => {
    const kv = new MapTier("kv");
    const bed = sharedBed({ kv });
    bed.colo.says = says;
    expect(await ask(bed)).toMatchObject({ as: "loaded", cause });
    expect([bed.colo.reads, kv.reads]).toEqual([1, 1]);
  },
);

test("a hundred who want a cold answer at once get one load, and all are counted", async () => {
  const bed = sharedBed();
  const all = await Promise.all(Array.from({ length: 100 }, () => bed.cache.answer(bed.request())));
  expect(bed.state.loads).toHaveLength(1);
  expect(new Set(all.map(({ entry }) => entry.hash))).toEqual(new Set(["v1"]));
  expect((bed.counts["shared loaded"] ?? 0) + (bed.counts["shared joined"] ?? 0)).toBe(100);
});

describe("an audit of a current copy", () => {
  const audited = async (change: (bed: ReturnType<typeof sharedBed>) => void) => {
    const bed = sharedBed();
    await ask(bed);
    bed.state.isAudited = true;
    change(bed);
    expect(await ask(bed)).toMatchObject({ hash: "v1", as: "fresh" });
    return Object.keys(bed.counts).filter((each) => /^(audited|mismatch)/.test(each));
  };

  test.each([
    ["finds the same answer", () => {}, ["audited same"]],
    [
      "tells of another answer that no write announced",
      (bed) => void bed.state.version++,
      ["audited mismatch", "mismatch /api/pitches"],
    ],
    [
      "says nothing of a node that is behind the copy",
      (bed) => {
        bed.state.version++;
        bed.state.proves = -1;
      },
      ["audited same"],
    ],
    [
      "fails where the database does, and harms nobody",
      (bed) => {
        bed.state.database = "fails";
      },
      ["audited failed"],
    ],
  ] as const satisfies readonly (readonly [string, (bed: ReturnType<typeof sharedBed>) => void, readonly string[]])[])(
    "%s",
    async (_name, change, expected) => {
      expect(await audited(change)).toEqual(expected);
    },
  );

  test("says nothing where a bump came while it loaded", async () => {
    const bed = sharedBed();
    await ask(bed);
    bed.state.isAudited = true;
    const { load } = bed.request();
    const slow = bed.request({
      load: async (options) => {
        bump(bed);
        return load(options);
      },
    });
    await bed.cache.answer(slow);
    await bed.behind();
    expect(bed.counts).toMatchObject({ "audited same": 1 });
  });
});

test("in mode observe everybody gets what was loaded for him, and what would have been given is counted", async () => {
  const bed = sharedBed();
  await bed.cache.observe(bed.request());
  bed.state.version = 2;
  expect((await bed.cache.observe(bed.request())).hash).toBe("v2");
  expect(bed.counts).toMatchObject({ "observed loaded": 1, "observed fresh": 1 });
  expect(bed.state.loads).toHaveLength(2);
});

describe("where a cold answer is to be loaded once in the world", () => {
  const policy = { ...sharedBed().request().policy, coalesce: "world" as const };

  test("who is granted it loads, and writes it for all", async () => {
    const bed = sharedBed();
    expect(await ask(bed, { policy })).toMatchObject({ as: "loaded" });
    expect([bed.state.leases, bed.kv.held.size]).toEqual([1, 1]);
  });

  test("who is not waits a moment for the copy, and loads alone where none comes", async () => {
    const first = sharedBed();
    const second = sharedBed({ colo: first.colo });
    second.state.lease = { kind: "taken", afterMs: 2_000 };
    const waiting = second.cache.answer(second.request({ policy }));
    await second.behind();
    expect(second.state.loads).toHaveLength(0);
    await ask(first);
    await second.pass(100);
    expect(await waiting).toMatchObject({ entry: { hash: "v1" } });
    expect(second.state.loads).toHaveLength(0);
    const third = sharedBed();
    third.state.lease = { kind: "taken", afterMs: 2_000 };
    const alone = third.cache.answer(third.request({ policy }));
    await third.pass(0);
    await third.pass(100);
    await alone;
    expect(third.state.loads).toHaveLength(1);
  });
});

describe("when the database comes back", () => {
  const KEYS = ["/hot", "/warm", "/cool"] as const;

  /** Copies of three keys, all past their stale time, that were asked for while it was away: 12, 8 and 4 times. */
  async function away() {
    const bed = sharedBed();
    const load = bed.request().load;
    const of = (key: string) => ({
      key,
      load: async (options: Parameters<typeof load>[0]) => ({ ...(await load(options)), key }),
    });
    for (const key of KEYS) await ask(bed, of(key));
    bed.state.mayRead = false;
    bed.state.recoveryRatePerS = 0;
    bed.state.random = 0.5;
    await bed.pass(100_000);
    for (const [at, key] of KEYS.entries()) for (let nth = 4 * at; nth < 12; nth++) await ask(bed, of(key));
    expect([bed.state.loads.length, bed.state.leases]).toEqual([3, 0]);
    bed.state.version = 2;
    return { bed, of };
  }

  test("nobody waits who has a copy: the hottest is loaded behind its answer first, then the others at the pace", async () => {
    const { bed, of } = await away();
    bed.state.mayRead = true;
    const loaded = () => bed.state.loads.slice(3).length;
    // While requests are let in little by little none is refreshed.
    for (const key of KEYS) expect(await ask(bed, of(key))).toMatchObject({ hash: "v1", as: "error" });
    expect(loaded()).toBe(0);
    bed.state.recoveryRatePerS = 10;
    await ask(bed, of("/cool")); // from here on turns come: the first half a turn later
    await bed.pass(50);
    for (const key of ["/cool", "/warm"]) expect(await ask(bed, of(key))).toMatchObject({ as: "error" });
    expect(loaded()).toBe(0);
    expect(await ask(bed, of("/hot"))).toMatchObject({ hash: "v1", as: "error" });
    expect(await ask(bed, of("/hot"))).toMatchObject({ hash: "v2", as: "fresh" });
    expect(loaded()).toBe(1);
    await bed.pass(100);
    for (const key of ["/cool", "/warm", "/cool"]) await ask(bed, of(key));
    expect([loaded(), (await ask(bed, of("/warm"))).hash, (await ask(bed, of("/cool"))).hash]).toEqual([2, "v2", "v1"]);
    // And what nobody has a copy of is loaded for who asks.
    expect(await ask(bed, of("/cold"))).toMatchObject({ hash: "v2", as: "loaded" });
  });

  test("whoever is owed a write is loaded for, at once", async () => {
    const { bed, of } = await away();
    bed.state.mayRead = true;
    bed.state.recoveryRatePerS = 1;
    const owed = [{ id: "m", seq: 0, incarnation: 0, epoch: "1", at: NOW, buckets: [1] }];
    expect(await ask(bed, { ...of("/cool"), owed })).toMatchObject({ hash: "v2", as: "loaded", cause: "bypass" });
  });

  test("once all is as always an expired copy is waited for again", async () => {
    const { bed, of } = await away();
    bed.state.mayRead = true;
    bed.state.recoveryRatePerS = undefined;
    expect(await ask(bed, of("/cool"))).toMatchObject({ hash: "v2", as: "loaded" });
  });

  test("no turn is spent where no node would be asked", async () => {
    const { bed, of } = await away();
    bed.state.recoveryRatePerS = 10;
    await ask(bed, of("/hot"));
    await bed.pass(1_000);
    await ask(bed, of("/hot"));
    expect(bed.state.loads).toHaveLength(3);
    bed.state.mayRead = true;
    await ask(bed, of("/hot"));
    expect(await ask(bed, of("/hot"))).toMatchObject({ as: "error" }); // the first of half a turn
    await bed.pass(50);
    await ask(bed, of("/hot"));
    expect(await ask(bed, of("/hot"))).toMatchObject({ hash: "v2", as: "fresh" });
  });
});

describe("a fresh copy near its end", () => {
  /** Loaded ten seconds ago but for a tenth, the time that it is fresh. */
  async function near() {
    const bed = sharedBed();
    await ask(bed);
    await bed.pass(9_900);
    bed.state.version = 2;
    bed.state.random = 0.1;
    return bed;
  }

  test("is loaded anew behind its answer, under a lease, so that nobody is given it old", async () => {
    const bed = await near();
    expect(await ask(bed)).toMatchObject({ hash: "v1", as: "fresh" });
    expect(await ask(bed)).toMatchObject({ hash: "v2", as: "fresh" });
    await bed.pass(5_000);
    expect(await ask(bed)).toMatchObject({ hash: "v2", as: "fresh" });
    expect([bed.state.loads.length, bed.state.leases, bed.kv.held.get("/api/pitches")?.hash]).toEqual([2, 1, "v2"]);
    expect(bed.counts).toMatchObject({ wanted: 4, "shared fresh": 3, "shared loaded": 1, "refreshed loaded": 1 });
  });

  test("is not, where chance says no", async () => {
    const bed = await near();
    bed.state.random = 0.999_999_9;
    for (let nth = 0; nth < 3; nth++) await ask(bed);
    expect(bed.state.loads).toHaveLength(1);
  });

  test("makes room for a neighbour's newer one, without a load and without a lease", async () => {
    const bed = await near();
    const [entry] = bed.colo.held.values();
    if (entry) await bed.colo.put({ ...entry, hash: "theirs", loadedAt: NOW + 5_000, freshUntil: NOW + 15_000 });
    expect(await ask(bed)).toMatchObject({ hash: "v1", as: "fresh" });
    expect(await ask(bed)).toMatchObject({ hash: "theirs", as: "fresh", from: "memory" });
    expect([bed.state.loads.length, bed.state.leases, bed.counts["refreshed found"]]).toEqual([1, 0, 1]);
  });

  test("is loaded by one: the others rest as long as the world says", async () => {
    const bed = await near();
    bed.state.lease = { kind: "taken", afterMs: 50 };
    for (let nth = 0; nth < 3; nth++) expect(await ask(bed)).toMatchObject({ hash: "v1", as: "fresh" });
    expect([bed.state.loads.length, bed.state.leases]).toEqual([1, 1]);
  });

  test.each([
    ["the database is away", { mayRead: false, recoveryRatePerS: 0 }],
    ["it comes back", { recoveryRatePerS: 50 }],
    ["no node would be asked", { mayRead: false }],
  ])("is left alone while %s", async (_name, changes) => {
    const bed = await near();
    Object.assign(bed.state, changes);
    expect(await ask(bed)).toMatchObject({ hash: "v1", as: "fresh" });
    expect([bed.state.loads.length, bed.state.leases]).toEqual([1, 0]);
  });

  test("that fails to be loaded is given on", async () => {
    const bed = await near();
    bed.state.database = "fails";
    for (let nth = 0; nth < 3; nth++) expect(await ask(bed)).toMatchObject({ hash: "v1", as: "fresh" });
    expect([bed.state.loads.length, bed.counts["refreshed failed"]]).toEqual([2, 1]);
  });
});

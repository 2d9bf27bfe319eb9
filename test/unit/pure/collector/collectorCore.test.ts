import { describe, expect, test } from "vitest";
import type { OwnerName } from "../../../../src/collector/collectorCore.ts";
import { MAX_REPORT_CHARS } from "../../../../src/rpc/constants.ts";
import type { BreakerStateName } from "../../../../src/rpc/parts.ts";
import type { Report } from "../../../../src/rpc/report.ts";
import { CollectorBed, lease, NOW, outcomes, report, standing, trouble } from "./collectorBed.ts";

const sample = { node: "a", inRecovery: false, epoch: "1", position: "5", generation: "g", tookMs: 3, ageMs: 0 };
const probeEnd = { lease: "l1", node: "a", epoch: 2, outcome: "ok" } as const;

/** A bed whose Collector has just heard of all owners. */
async function warm(): Promise<CollectorBed> {
  const bed = new CollectorBed();
  await bed.exchange(report({ id: "warm" }));
  bed.asked.length = 0;
  return bed;
}

describe("what would change a decision", () => {
  const urgent: [string, OwnerName, Partial<Report>, string][] = [
    ["a failure", "breaker", { outcomes: [outcomes({ failed: 1 })] }, "reports"],
    ["a slow answer", "breaker", { outcomes: [outcomes({ slow: 1 })] }, "reports"],
    ["an open breaker", "breaker", { standing: [standing({ tripped: true })] }, "reports"],
    ["the end of a lease", "breaker", { settle: [probeEnd] }, "reports"],
    ["another role than the view's", "replicas", { asks: { checks: [], sample: true, bounded: false } }, "sample"],
    ["a write", "cache", { bumps: [{ id: "m1", buckets: [7] }] }, "bumps"],
  ];

  test.for(urgent)("%s reaches its owner before the answer", async ([, owner, said, field]) => {
    const bed = await warm();
    bed.behaviour[owner] = "hangs";
    const sent = report(said);
    let isAnswered = false;
    const reply = bed.exchange(sent).finally(() => {
      isAnswered = true;
    });
    await bed.settled();
    expect(isAnswered).toBe(false);
    const [digest] = bed.digests(owner);
    expect(digest[field]).toEqual(
      field === "sample" ? true : [expect.objectContaining(field === "reports" ? { id: "r1", seq: sent.seq } : {})],
    );
    bed.release(owner, { kind: "answered", value: bed.answer(owner, digest), tookMs: 20 });
    expect((await reply).ack).toBe(sent.seq);
  });

  test.for(urgent)(
    "%s is not acknowledged where its owner fails, and is sent again with the repeat",
    async ([, owner, said]) => {
      for (const behaviour of ["fails", "throws", "babbles"] as const) {
        const bed = await warm();
        bed.behaviour[owner] = behaviour;
        const sent = report(said);
        expect(await bed.exchange(sent)).toMatchObject({ ack: sent.seq - 1 });
        bed.behaviour[owner] = "well";
        bed.pass(500);
        const again = await bed.exchange(sent, 500);
        expect([again.ack, again.refused]).toEqual([sent.seq, undefined]);
        expect(bed.digests(owner)).toHaveLength(2);
      }
    },
  );

  test.for(urgent)("%s tells no owner that it does not concern", async ([, owner, said]) => {
    const bed = await warm();
    await bed.exchange(report(said));
    expect(bed.asked.map((asked) => asked.owner)).toEqual([owner]);
  });

  test("where two owners must know and one fails, all of it comes again, and calm counts count once", async () => {
    const bed = await warm();
    bed.behaviour.cache = "fails";
    const sent = report({ outcomes: [outcomes({ ok: 7 })], bumps: [{ id: "m1", buckets: [7] }] });
    await bed.exchange(sent);
    bed.behaviour.cache = "well";
    bed.pass(10_001);
    expect((await bed.exchange(sent, 10_001)).ack).toBe(sent.seq);
    expect(bed.digests("breaker").flatMap(({ calm }) => calm)).toMatchObject([{ node: "a", ok: 7 }]);
    expect(bed.digests("cache").map(({ bumps }) => bumps.length)).toEqual([1, 1]);
  });

  test("where it comes twice at the same time, calm counts count once", async () => {
    const bed = await warm();
    const sent = report({ outcomes: [outcomes({ ok: 7 })], bumps: [{ id: "m1", buckets: [7] }] });
    await Promise.all([bed.exchange(sent), bed.exchange(sent)]);
    bed.pass(10_001);
    await bed.exchange(report());
    expect(bed.digests("breaker").flatMap(({ calm }) => calm)).toMatchObject([{ ok: 7 }]);
  });
});

describe("calm counts", () => {
  test("are only gathered, while the owners' words are young, and added up for the next digest", async () => {
    const bed = await warm();
    for (const id of ["r1", "r2", "r3"]) {
      bed.pass(1_000);
      const said = {
        outcomes: [outcomes({ ok: 5, excluded: 1 })],
        standing: [standing({ successAgeMs: 100, queryAgeMs: 300 })],
      };
      expect((await bed.exchange(report({ id, ...said }))).ack).toBeGreaterThan(0);
    }
    expect(bed.asked).toEqual([]);
    bed.pass(8_000);
    await bed.exchange(report());
    expect(bed.digests("breaker")[0]).toMatchObject({ reports: [], reporters: 4, wantsLeases: 0 });
    expect(bed.digests("breaker")[0].calm).toEqual([
      {
        node: "a",
        ok: 15,
        excluded: 3,
        successAgeMs: 8_100,
        queryAgeMs: 8_300,
        reporters: ["r1", "r2", "r3"],
        colos: ["FRA", "FRA", "FRA"],
      },
    ]);
  });

  test("where reporters come often, owners are asked behind the answer, at the pace of the reporters", async () => {
    const bed = await warm();
    for (let at = 0; at < 10; at++) await bed.exchange(report({ id: `r${at}`, overMs: 1_000, requests: 1_000 }));
    bed.pass(5_001);
    await bed.exchange(report({ overMs: 1_000, requests: 1_000 }));
    expect(bed.asked.map(({ owner }) => owner)).toEqual(["breaker", "replicas", "cache"]);
  });
});

describe("of one owner", () => {
  test("one digest is in flight and at most one follows, with all that came meanwhile", async () => {
    const bed = await warm();
    bed.behaviour.breaker = "hangs";
    const replies = Array.from({ length: 6 }, (_, at) => bed.exchange(trouble({ id: `r${at}` })));
    await bed.settled();
    expect(bed.digests("breaker")).toHaveLength(1);
    bed.behaviour.breaker = "well";
    bed.release("breaker", { kind: "answered", value: bed.answer("breaker", { wantsLeases: 0 }), tookMs: 1 });
    const acks = (await Promise.all(replies)).map(({ refused }) => refused === undefined);
    expect(bed.digests("breaker").map(({ reports }) => reports.map(({ id }: { id: string }) => id))).toEqual([
      ["r0"],
      ["r1", "r2", "r3", "r4", "r5"],
    ]);
    expect(acks).toHaveLength(6);
  });

  test("neither what was told in the digest that failed nor what waited behind it is acknowledged", async () => {
    const bed = await warm();
    bed.behaviour.breaker = "hangs";
    const reports = [trouble({ id: "r0" }), trouble({ id: "r4" })];
    const replies = reports.map((each) => bed.exchange(each));
    await bed.settled();
    bed.behaviour.breaker = "well";
    bed.release("breaker");
    expect((await Promise.all(replies)).map(({ ack }) => ack)).toEqual(reports.map(({ seq }) => seq - 1));
    bed.pass(500); // the owner is left alone for that long
    const again = await Promise.all(reports.map((each) => bed.exchange(each, 500)));
    expect(again.map(({ ack }) => ack)).toEqual(reports.map(({ seq }) => seq));
  });

  test.for(["breaker", "replicas", "cache"] as const)(
    "that hangs (%s), the answer still brings what the others said",
    async (owner) => {
      const bed = new CollectorBed();
      bed.behaviour[owner] = "hangs";
      const reply = bed.exchange(report());
      await bed.settled();
      bed.release(owner);
      const { parts, ack } = await reply;
      const there = { breaker: parts.breaker, replicas: parts.replicas, cache: parts.bumps };
      expect(Object.entries(there).filter(([, part]) => part === undefined)).toEqual([[owner, undefined]]);
      expect(ack).toBeGreaterThan(0);
    },
  );

  test("that fails again and again, pauses double from half a second to eight, and end with its first answer", async () => {
    const bed = await warm();
    bed.behaviour.breaker = "fails";
    for (let at = 0; at < 400; at++) {
      await bed.exchange(trouble());
      bed.pass(100);
    }
    const times = bed.asked.filter(({ owner }) => owner === "breaker").map(({ at }) => (at - NOW) / 1_000);
    expect(times).toEqual([0, 0.5, 1.5, 3.5, 7.5, 15.5, 23.5, 31.5, 39.5]);
    bed.behaviour.breaker = "well";
    bed.pass(8_000);
    expect((await bed.exchange(trouble())).parts.breaker).toBeDefined();
    bed.behaviour.breaker = "fails";
    bed.asked.length = 0;
    await bed.exchange(trouble());
    bed.pass(500);
    await bed.exchange(trouble());
    expect(bed.digests("breaker")).toHaveLength(2);
  });

  test("whose port throws, the way is not closed for good", async () => {
    const bed = await warm();
    bed.behaviour.breaker = "throws";
    await Promise.all([bed.exchange(trouble()), bed.exchange(trouble())]);
    bed.behaviour.breaker = "well";
    bed.pass(8_000);
    const sent = trouble();
    expect((await bed.exchange(sent)).ack).toBe(sent.seq);
  });
});

describe("parts", () => {
  test("carry the age of the owner's word: the whole call, and all the time since", async () => {
    const bed = new CollectorBed();
    bed.tookMs = 40;
    bed.breaker = { ...bed.breaker, ageMs: 5 };
    await bed.exchange(report());
    bed.pass(3_000);
    expect((await bed.exchange(report())).parts.breaker?.ageMs).toBe(3_045);
    bed.pass(-10_000);
    expect((await bed.exchange(report())).parts.breaker?.ageMs).toBe(45);
  });

  test("are handed out where they are as new as the reporter's, and not where they are older", async () => {
    const bed = await warm();
    const have = { incarnation: NOW, epoch: 1, version: 1 };
    const same = await bed.exchange(report({ have: { breaker: have, replicas: have } }));
    expect([same.parts.breaker?.epoch, same.parts.replicas?.epoch]).toEqual([1, 1]);
    bed.behaviour.breaker = "fails";
    bed.behaviour.replicas = "fails";
    const later = { ...have, version: 2 };
    const newer = await bed.exchange(report({ have: { breaker: later, replicas: later } }));
    expect([newer.parts.breaker, newer.parts.replicas]).toEqual([undefined, undefined]);
  });

  test("that a reporter has in a later version are fetched before it is answered", async () => {
    const bed = await warm();
    const later = { incarnation: NOW, epoch: 2, version: 0 };
    bed.breaker = { ...bed.breaker, epoch: 2, version: 0 };
    bed.replicas = { ...bed.replicas, epoch: 2, version: 0 };
    bed.bumps = { ...bed.bumps, epoch: 2, version: 0 };
    const { parts } = await bed.exchange(
      report({ have: { breaker: later, replicas: later, bumps: { ...later, seq: 0 } } }),
    );
    expect([parts.breaker?.epoch, parts.replicas?.epoch, parts.bumps?.epoch]).toEqual([2, 2, 2]);
    expect(bed.digests("breaker")[0].have).toEqual(later);
    expect(bed.digests("replicas")[0].have).toEqual(later);
    expect(bed.digests("cache")[0].have).toMatchObject(later);
  });

  test("of a digest that was overtaken do not replace a later word", async () => {
    const bed = await warm();
    bed.breaker = { ...bed.breaker, epoch: 9 };
    await bed.exchange(trouble());
    bed.breaker = { ...bed.breaker, epoch: 8 };
    expect((await bed.exchange(trouble())).parts.breaker?.epoch).toBe(9);
  });

  describe("of bumps", () => {
    const buckets: [number, number][] = [
      [1, 10],
      [2, 20],
      [3, 30],
    ];

    async function withBumps(): Promise<CollectorBed> {
      const bed = new CollectorBed();
      bed.bumps = { ...bed.bumps, version: 30, seq: 30, buckets };
      await bed.exchange(report());
      return bed;
    }

    test("tell a reporter what came after its own, and all of it where it has none or another owner's", async () => {
      const bed = await withBumps();
      const have = (seq: number, incarnation = NOW) => ({
        have: { bumps: { incarnation, epoch: 0, version: seq, seq } },
      });
      const told = async (said: Partial<Report>) => {
        const part = (await bed.exchange(report(said))).parts.bumps;
        return [part?.since, part?.buckets];
      };
      expect(await told(have(10))).toEqual([10, buckets.slice(1)]);
      expect(await told(have(30))).toEqual([30, []]);
      expect(await told({})).toEqual([0, buckets]);
      expect(await told(have(10, NOW - 5))).toEqual([0, buckets]);
    });

    test("are asked for from where the Collector is, and joined to what it holds", async () => {
      const bed = await withBumps();
      bed.bumps = { ...bed.bumps, version: 40, seq: 40, since: 30, buckets: [[2, 40]] };
      const { parts } = await bed.exchange(report({ bumps: [{ id: "m2", buckets: [2] }] }));
      expect(bed.digests("cache")[1].haveSeq).toBe(30);
      expect(parts.bumps).toMatchObject({
        since: 0,
        seq: 40,
        buckets: [
          [1, 10],
          [2, 40],
          [3, 30],
        ],
      });
    });

    test("of an owner that began anew are joined too: what it forgot keeps its place", async () => {
      const bed = await withBumps();
      bed.bumps = {
        ...bed.bumps,
        incarnation: NOW + 9,
        version: 50,
        seq: 50,
        since: 30,
        buckets: [
          [2, 15],
          [9, 50],
        ],
      };
      const { parts } = await bed.exchange(report({ bumps: [{ id: "m2", buckets: [9] }] }));
      expect(parts.bumps).toMatchObject({ incarnation: NOW + 9, since: 0, buckets: [...buckets, [9, 50]] });
    });
  });
});

describe("a verdict", () => {
  test.for<[BreakerStateName, boolean]>([
    ["closed", false],
    ["open", true],
    ["half-open", true],
    ["ramping", true],
    ["forced-open", false],
    ["forced-closed", false],
    ["shadow", false],
  ])("%s makes reporters come back as in an incident: %s", async ([state, isIncident]) => {
    const bed = new CollectorBed();
    bed.breaker = { ...bed.breaker, nodes: [{ node: "a", state, epoch: 1, sinceMs: 0, forMs: 60_000 }] };
    const { nextInMs } = await bed.exchange(report());
    expect(nextInMs <= 2_400).toBe(isIncident);
  });
});

test("each digest to the breaker has its number in this life of the Collector", async () => {
  const bed = await warm();
  await bed.exchange(trouble());
  await bed.exchange(trouble());
  bed.evict();
  await bed.exchange(trouble());
  const [first, second, third] = bed.digests("breaker");
  expect([first.life, second.seq - first.seq, third.seq]).toEqual([second.life, 1, 1]);
  expect(first.life).toMatch(/^[0-9a-z]+$/);
});

describe("leases", () => {
  const openNode = (forMs: number, state: "open" | "half-open" = "open") => ({
    node: "a",
    state,
    epoch: 1,
    sinceMs: 0,
    forMs,
  });

  test("are asked for where a probe is due, and handed to one asker only", async () => {
    const bed = await warm();
    bed.breaker = { ...bed.breaker, nodes: [openNode(1_000)] };
    bed.leases = [lease()];
    await bed.exchange(trouble()); // learns of the open node, and has no use for leases that are not there
    bed.leases = [lease({ id: "l2" })];
    bed.pass(1_000);
    const replies = await Promise.all([bed.exchange(report()), bed.exchange(report({ id: "r2" }))]);
    expect(replies.map(({ leases }) => leases?.map(({ id }) => id))).toEqual([["l2"], undefined]);
    expect((await bed.exchange(report({ id: "r3" }))).leases).toBeUndefined();
  });

  test("are asked for where a probe is due below a shadow", async () => {
    const bed = await warm();
    const shadowed = { node: "a", state: "shadow" as const, epoch: 1, sinceMs: 0, forMs: 60_000 };
    bed.breaker = { ...bed.breaker, nodes: [{ ...shadowed, would: "half-open" }] };
    bed.pass(20_000);
    await bed.exchange(report({ id: "told" }));
    bed.leases = [lease({ id: "l2" })];
    bed.pass(1_000);
    expect((await bed.exchange(report())).leases).toMatchObject([{ id: "l2" }]);
  });

  test("are asked for by whoever wants a node looked at, and not by others", async () => {
    const bed = await warm();
    bed.leases = [lease({ kind: "check" })];
    const asks = { checks: ["a"], sample: false, bounded: false };
    const { leases } = await bed.exchange(report({ asks }));
    expect(leases).toMatchObject([{ kind: "check", expiresInMs: 3_000 }]);
    expect(bed.digests("breaker")).toMatchObject([{ checks: ["a"], wantsLeases: 4 }]);
    bed.pass(11_000);
    await bed.exchange(report());
    expect(bed.digests("breaker")[1]).toMatchObject({ checks: [], wantsLeases: 0 });
  });

  test("are as short as the call was long, and those that expired on the way are handed to nobody", async () => {
    const bed = await warm();
    bed.behaviour.breaker = "hangs";
    const reply = bed.exchange(trouble());
    await bed.settled();
    bed.pass(400);
    const value = JSON.stringify({ part: bed.breaker, leases: [lease(), lease({ id: "l2", expiresInMs: 400 })] });
    bed.release("breaker", { kind: "answered", value, tookMs: 400 });
    expect((await reply).leases).toMatchObject([{ id: "l1", expiresInMs: 2_600 }]);
  });

  test("that nobody took in time are handed to nobody", async () => {
    const bed = await warm();
    bed.breaker = { ...bed.breaker, nodes: [openNode(0, "half-open")] };
    bed.behaviour.breaker = "hangs";
    const first = bed.exchange(trouble());
    await bed.settled();
    bed.behaviour.cache = "hangs"; // its answer waits for the cache, while the lease waits for its answer
    const bumping = bed.exchange(report({ id: "r2", bumps: [{ id: "m", buckets: [1] }] }));
    await bed.settled();
    bed.release("breaker", {
      kind: "answered",
      value: JSON.stringify({ part: bed.breaker, leases: [lease()] }),
      tookMs: 0,
    });
    expect((await first).leases).toHaveLength(1);
    bed.release("breaker");
    bed.release("cache");
    expect((await bumping).leases).toBeUndefined();
  });
});

describe("a report that cannot be used", () => {
  const refusals: [string, string, () => [unknown, number]][] = [
    ["malformed", "no JSON", () => ["{", 0]],
    ["malformed", "no text", () => [undefined, 0]],
    ["malformed", "another shape", () => [JSON.stringify({ ...trouble(), seq: -1 }), 0]],
    ["malformed", "held for less than nothing", () => [JSON.stringify(trouble()), -1]],
    ["oversized", "too long", () => [JSON.stringify(trouble()).padEnd(MAX_REPORT_CHARS + 1), 0]],
    ["stale", "held back for over a minute", () => [JSON.stringify(trouble()), 60_001]],
    ["future", "of a later wire", () => [JSON.stringify({ ...trouble(), wire: 2 }), 0]],
    [
      "future",
      "of an owner of tomorrow",
      () => [
        JSON.stringify(trouble({ have: { breaker: { incarnation: NOW + 86_400_000, epoch: 1, version: 1 } } })),
        0,
      ],
    ],
  ];

  test.for(refusals)("(%s: %s) is counted and refused, and nothing else changes", async ([why, , make]) => {
    const bed = await warm();
    await bed.exchange(report({ outcomes: [outcomes({ ok: 3 })] }));
    const stateOf = () => ({ ...bed.core.stats(), exchanges: 0, meanReportBytes: 0 });
    const before = stateOf();
    const taken = bed.bulkTaken.length;
    const [text, heldMs] = make();
    const reply = await bed.exchange(text as string, heldMs, "bulk");
    expect(reply).toMatchObject({ refused: why, ack: 0, parts: {}, shards: 1 });
    expect([bed.refused, bed.asked, bed.bulkTaken.length, stateOf()]).toEqual([[why], [], taken, before]);
    bed.pass(10_001);
    await bed.exchange(report());
    expect(bed.digests("breaker")).toMatchObject([{ reports: [], calm: [{ ok: 3 }] }]);
    expect(bed.digests("breaker")[0].have).toBeUndefined();
  });

  test("is told of no other shards than the last usable one was", async () => {
    const bed = await warm();
    await bed.exchange(report({ shards: 4 }));
    expect((await bed.exchange("{")).shards).toBe(4);
  });

  test("(repeated) is counted, acknowledged, answered with the parts, and tells no owner anything", async () => {
    const bed = await warm();
    const sent = trouble();
    await bed.exchange(sent);
    const newer = await bed.exchange(report());
    bed.asked.length = 0;
    const reply = await bed.exchange(sent, 100);
    expect(reply).toMatchObject({ refused: "repeated", ack: newer.ack, parts: { breaker: {} } });
    expect([bed.refused, bed.asked]).toEqual([["repeated"], []]);
  });

  test("there is no room for comes again", async () => {
    const bed = await warm();
    bed.behaviour.breaker = "hangs";
    const replies = Array.from({ length: 50 }, (_, at) => bed.exchange(trouble({ id: `r${at}` })));
    await bed.settled();
    bed.behaviour.breaker = "well";
    bed.release("breaker", { kind: "answered", value: bed.answer("breaker", { wantsLeases: 0 }), tookMs: 1 });
    const acks = (await Promise.all(replies)).map(({ ack }) => ack);
    const refusedSeq = acks.filter((ack, at) => at > 0 && ack === acks[at - 1]);
    expect(refusedSeq).toHaveLength(1);
    expect(bed.digests("breaker").map(({ reports }) => reports.length)).toEqual([1, 48]);
  });
});

test("bulk goes with each usable report, and its acknowledgements come back", async () => {
  const bed = new CollectorBed();
  bed.bulk = { ack: 3, seen: 5 };
  expect(await bed.exchange(report(), 0, "piece")).toMatchObject({ bulkAck: 3, bulkSeen: 5 });
  expect(bed.bulkTaken).toEqual([["r1", "piece"]]);
});

test("the heat of a piece goes with the next digest that somebody else caused, once", async () => {
  const bed = await warm();
  bed.bulk = { ack: 1, seen: 1, heat: [["/a", 4]] };
  const before = bed.digests("cache").length;
  await bed.exchange(report(), 0, "piece");
  expect(bed.digests("cache")).toHaveLength(before);
  bed.bulk = { ack: 1, seen: 1 };
  for (const id of ["m1", "m2"]) await bed.exchange(report({ bumps: [{ id, buckets: [1] }] }));
  expect(
    bed
      .digests("cache")
      .slice(before)
      .map(({ heat }) => heat),
  ).toEqual([[["/a", 4]], []]);
});

test("the cache's owner hears who is awake, and what the map says", async () => {
  const bed = new CollectorBed();
  const node = (name: string, generation: string, isOut?: boolean) => ({
    node: name,
    role: "replica" as const,
    lagBoundMs: 0,
    position: "1",
    latencyMs: 1,
    generation,
    reasons: [],
    ...(isOut !== undefined && { isOut }),
  });
  bed.replicas = { ...bed.replicas, nodes: [node("a", "g"), node("b", "h", true)] };
  const evidence = { successAgeMs: 5, failureAgeMs: null };
  bed.breaker = { ...bed.breaker, health: [{ node: "a", ...evidence, queryAgeMs: 200_000 }] };
  await bed.exchange(report());
  await bed.exchange(report({ bumps: [{ id: "m1", buckets: [1] }] }));
  expect(bed.digests("cache").at(-1)).toMatchObject({
    awake: ["a"],
    map: {
      epoch: "1",
      nodes: [
        { node: "a", generation: "g", isOut: false },
        { node: "b", generation: "h", isOut: true },
      ],
    },
  });
});

test("ages in a report grow by the time it was held back, and by the time that it waits here", async () => {
  const bed = await warm();
  bed.behaviour.breaker = "hangs";
  bed.behaviour.replicas = "hangs";
  const first = bed.exchange(trouble({ asks: { checks: [], sample: true, bounded: false } }));
  await bed.settled();
  const aged = {
    standing: [standing({ failureAgeMs: 10, successAgeMs: 20, queryAgeMs: 30, tripped: true })],
    samples: [sample],
  };
  const second = bed.exchange(report({ id: "r2", ...aged, asks: { checks: [], sample: true, bounded: false } }), 1_000);
  await bed.settled();
  bed.pass(300);
  bed.behaviour.breaker = "well";
  bed.behaviour.replicas = "well";
  for (const owner of ["breaker", "replicas"] as const)
    bed.release(owner, { kind: "answered", value: bed.answer(owner, { wantsLeases: 0 }), tookMs: 300 });
  await Promise.all([first, second]);
  expect(bed.digests("breaker")[1].reports[0].standing[0]).toMatchObject({
    failureAgeMs: 1_310,
    successAgeMs: 1_320,
    queryAgeMs: 1_330,
  });
  expect(bed.digests("replicas")[1].samples[0].ageMs).toBe(1_300);
});

test("the coordinator hears what the breaker said, and who is awake", async () => {
  const bed = new CollectorBed();
  const health = (node: string, queryAgeMs: number | null) => ({
    node,
    successAgeMs: null,
    failureAgeMs: null,
    queryAgeMs,
  });
  bed.breaker = {
    ...bed.breaker,
    nodes: [{ node: "a", state: "open", epoch: 1, sinceMs: 0, forMs: 0 }],
    health: [health("a", 1_000), health("b", 239_000), health("c", null)],
  };
  await bed.exchange(report());
  bed.pass(1_001);
  await bed.exchange(report({ asks: { checks: [], sample: true, bounded: true }, samples: [sample] }));
  const [, digest] = bed.digests("replicas");
  expect(digest).toMatchObject({ sample: true, bounded: true, awake: ["a"], verdicts: [{ node: "a", state: "open" }] });
  expect(digest.samples).toEqual([sample]);
});

describe("evicted between any two messages", () => {
  const script = (): Report[] => [
    report({ outcomes: [outcomes({ ok: 4 })] }),
    trouble({ id: "r2" }),
    report({
      bumps: [
        { id: "m1", buckets: [1] },
        { id: "m2", buckets: [2] },
      ],
    }),
    report({ settle: [probeEnd] }),
    report({ id: "r2", asks: { checks: ["a"], sample: true, bounded: true } }),
    report({ id: "r3", standing: [standing({ tripped: true })] }),
  ];

  test("it loses nothing that would change a decision, and is acknowledged the same", async () => {
    const reports = script();
    const told = [];
    for (const evicts of [false, true]) {
      const bed = await warm();
      const acks = [];
      for (const each of reports) {
        acks.push((await bed.exchange(each)).ack);
        if (evicts) bed.evict();
        bed.pass(200);
      }
      const evidence = bed
        .digests("breaker")
        .flatMap((digest) => digest.reports.map(({ id, seq }: Report) => [id, seq]));
      const bumps = bed.digests("cache").flatMap((digest) => digest.bumps.map(({ id }: { id: string }) => id));
      const looks = bed.digests("replicas").filter((digest) => digest.sample).length;
      told.push({ acks, evidence, bumps, looks });
    }
    expect(told[1]).toEqual(told[0]);
  });
});

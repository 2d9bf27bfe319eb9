import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PrimaryLog } from "../../../../src/replicas/primaryLog.ts";
import type { Sample } from "../../../../src/rpc/report.ts";
import { primary, ReplicasBed, replica } from "./replicasBed.ts";

/** A log followed from one primary: positions 10, 20 and 30 at 100, 200 and 300. */
function log(): PrimaryLog {
  const log = new PrimaryLog();
  log.follow("a", "1");
  for (const at of [100, 200, 300]) log.note(at, BigInt(at / 10));
  return log;
}
const lag = (of: PrimaryLog, position: string | null, now = 1_000, epoch: string | null = "1") =>
  of.lagMs({ position, epoch }, now);

test.for<[string, string | null, number | null]>([
  ["behind all that is known", "9", null],
  ["where the oldest sample was", "10", 900],
  ["between two samples", "19", 900],
  ["where the second was", "20", 800],
  ["where the newest was", "30", 700],
  ["beyond it", "35", 700],
  ["nowhere", null, null],
])("a replica that is %s", ([, position, expected]) => {
  expect(lag(log(), position)).toBe(expected);
});

test.for<[string, string | null, number, number | null]>([
  ["behind all that is known", "9", 1_000, 900],
  ["where the oldest sample was", "10", 1_000, 800],
  ["between two samples, asked in the round of the second", "19", 200, 0],
  ["where the newest was", "30", 1_000, 0],
  ["beyond it", "35", 60_000, 0],
  ["asked before the primary was beyond it", "20", 250, 0],
  ["nowhere", null, 1_000, null],
])("a replica that is %s was behind at least", ([, position, at, expected]) => {
  expect(log().behind({ position, epoch: "1" }, at, at)?.atLeastMs ?? null).toBe(expected);
  expect(log().behind({ position, epoch: "2" }, at, at)).toBeNull();
});

describe("a log", () => {
  test("grows older while nobody tells more of it", () => {
    expect([lag(log(), "30", 5_000), lag(log(), "30", 60_000)]).toEqual([4_700, 59_700]);
  });

  test("proves nothing to a replica of another epoch", () => {
    expect([lag(log(), "30", 1_000, "2"), lag(log(), "30", 1_000, null)]).toEqual([null, null]);
  });

  test.for([
    ["another primary", "b", "1"],
    ["another epoch", "a", "2"],
  ] as const)("of %s begins anew", ([, node, epoch]) => {
    const other = log();
    other.follow(node, epoch);
    expect(lag(other, "30", 1_000, epoch)).toBeNull();
    other.note(400, 5n);
    expect(lag(other, "30", 1_000, epoch)).toBe(600);
  });

  test("of the same goes on", () => {
    const same = log();
    same.follow("a", "1");
    expect(lag(same, "30")).toBe(700);
  });

  test.for([
    ["in place", 400, 25n],
    ["in time", 250, 40n],
  ] as const)("that went back %s is not the log it was", ([, at, position]) => {
    const rewound = log();
    rewound.note(at, position);
    expect([lag(rewound, "24"), lag(rewound, "40")]).toEqual([null, 1_000 - at]);
  });

  test("keeps two minutes at a position a second", () => {
    const long = new PrimaryLog();
    long.follow("a", "1");
    for (let second = 1; second <= 500; second++) long.note(second * 1_000, BigInt(second));
    expect([lag(long, "380", 500_000), lag(long, "381", 500_000)]).toEqual([null, 119_000]);
  });

  test("proves nothing before its own time: a clock was set back", () => {
    expect(lag(log(), "30", 250)).toBeNull();
  });
});

/** What happens in a world whose true history the test knows. */
const happening = fc.oneof(
  fc.record({ does: fc.constant("write"), bytes: fc.nat(50) }),
  fc.record({
    does: fc.constant("replay"),
    node: fc.constantFrom("b", "c"),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({ does: fc.constant("pass"), ms: fc.nat(3_000) }),
  fc.record({
    does: fc.constant("round"),
    outMs: fc.nat(800),
    backMs: fc.nat(800),
    silent: fc.subarray(["a", "b", "c"]),
  }),
  // A sample of an isolate: how long it took, how old it says it is, and how long it was on its way besides.
  fc.record({
    does: fc.constant("passive"),
    node: fc.constantFrom("a", "b", "c"),
    tookMs: fc.nat(500),
    ageMs: fc.nat(5_000),
    lostMs: fc.nat(4_000),
  }),
  fc.record({ does: fc.constant("step"), ms: fc.integer({ min: -1e7, max: 1e7 }) }),
  fc.record({ does: fc.constant("evict") }),
);

/** Where each node's log was, at any time up to now. */
class History {
  readonly #changes: Record<string, { at: number; position: number }[]> = {};
  /** The servers' clocks may say what they like. */
  serverSkewMs = 0;

  constructor(now: number) {
    for (const node of ["a", "b", "c"]) this.#changes[node] = [{ at: now - 60_000, position: 1_000 }];
  }

  at(node: string, time: number): number {
    return this.#changes[node]?.findLast(({ at }) => at <= time)?.position ?? 1_000;
  }

  move(node: string, position: number, now: number): void {
    this.#changes[node]?.push({ at: now, position });
  }

  /** How far behind the replica truly is: since when the primary has had something that it does not have. */
  trueLagMs(node: string, now: number): number {
    const has = this.at(node, now);
    const missing = this.#changes.a?.find(({ position }) => position > has);
    return missing ? now - missing.at : 0;
  }

  sample(node: string, time: number): Sample {
    const position = String(this.at(node, time));
    return { ...(node === "a" ? primary("a") : replica(node)), position, generation: String(time + this.serverSkewMs) };
  }
}

test("a bound is never below the true lag, whenever samples were taken, however long they were on their way, whatever servers' clocks say", () => {
  let proven = 0;
  fc.assert(
    fc.property(fc.array(happening, { minLength: 20, maxLength: 60 }), (happenings) => {
      const world = new ReplicasBed();
      const history = new History(world.now);
      world.digest({ bounded: true });
      for (const what of happenings) {
        if (what.does === "write") history.move("a", history.at("a", world.now) + what.bytes, world.now);
        if (what.does === "replay") {
          const has = history.at(what.node, world.now);
          history.move(what.node, has + Math.floor((history.at("a", world.now) - has) * what.share), world.now);
        }
        if (what.does === "pass") world.pass(what.ms);
        if (what.does === "step") history.serverSkewMs += what.ms;
        if (what.does === "evict") world.evict();
        if (what.does === "passive") {
          const takenAt = world.now - what.ageMs - what.lostMs;
          const sample = { ...history.sample(what.node, takenAt), tookMs: what.tookMs, ageMs: what.ageMs };
          world.digest({ samples: [sample], bounded: true });
        }
        if (what.does === "round") {
          world.pass(1_000);
          const asked = world.world.dueSamples(world.now).filter((node) => !what.silent.includes(node));
          world.pass(what.outMs);
          const samples = asked.map((node) => history.sample(node, world.now));
          world.pass(what.backMs);
          if (samples.length > 0) world.world.sampled(samples, world.now);
        }
        for (const node of ["b", "c"]) {
          const bound = world.lagOf(node);
          if (bound == null) continue;
          proven++;
          expect(bound).toBeGreaterThanOrEqual(history.trueLagMs(node, world.now));
        }
        const least = world.part.minProvableBoundMs;
        const bounds = ["b", "c"].flatMap((node) => world.lagOf(node) ?? []);
        expect(least).toBe(bounds.length === 0 ? null : Math.min(...bounds));
      }
    }),
    { numRuns: 300 },
  );
  expect(proven).toBeGreaterThan(500);
}, 30_000);

describe("in the map", () => {
  function mapped(): ReplicasBed {
    const world = new ReplicasBed();
    world.digest();
    world.round([primary("a", "100"), replica("b", "100"), replica("c", "90")], 30);
    return world;
  }

  test("a bound counts from before the round began", () => {
    expect([mapped().lagOf("a"), mapped().lagOf("b"), mapped().lagOf("c")]).toEqual([0, 30, null]);
    expect(mapped().part.minProvableBoundMs).toBe(30);
  });

  test("bounds grow while the primary is silent, and are named as lagging past ten seconds", () => {
    const world = mapped();
    for (const expected of [10_030, 20_030]) {
      expect(world.look(replica("b", "100"), replica("c", "90"))).toMatchObject({ trouble: "none-answered" });
      expect([world.lagOf("b"), world.lagOf("c")]).toEqual([expected, null]);
    }
    expect(world.part.nodes[1]?.reasons).toEqual(["up to 20 s behind"]);
    expect(world.part.nodes[0]?.reasons).toEqual([]);
    world.pass(1);
    world.look(replica("b", "100"));
    expect(world.part.nodes[0]?.reasons).toEqual(["silent"]);
  });

  test("a replica is behind for as long as the primary was seen beyond it, and not for as long as nobody looked", () => {
    const world = mapped();
    const behind = () => world.part.nodes.map(({ behindMs }) => behindMs);
    expect(behind()).toEqual([null, 0, 30]);
    world.look(primary("a", "200"), replica("b", "100"), replica("c", "200"));
    expect([behind(), world.lagOf("b")]).toEqual([[null, 0, 0], 10_030]); // just now it may have been written
    world.look(primary("a", "300"), replica("b", "100"), replica("c", "300"));
    expect(behind()).toEqual([null, 10_000, 0]);
    world.pass(30_000);
    expect(behind()).toEqual([null, 10_000, 0]);
    world.pass(1);
    expect(behind()).toEqual([null, null, null]); // by now it may have caught up
  });

  test("nobody is out of rotation because nobody looked, and who was seen to stay behind is until it has caught up", () => {
    const world = mapped();
    const out = () => world.part.nodes.filter(({ isOut }) => isOut).map(({ node }) => node);
    world.pass(50_000); // a quiet site's pace
    expect([out(), world.lagOf("b")]).toEqual([[], 50_030]);
    const seen = (position: string, ...behind: string[]) => {
      world.look(primary("a", position), ...["b", "c"].map((node, at) => replica(node, behind[at] ?? position)));
      return out();
    };
    expect([seen("200", "100"), seen("300", "100"), seen("400", "100")]).toEqual([[], [], ["b"]]);
    expect([seen("500", "150"), seen("600", "599")]).toEqual([["b"], []]);
  });

  describe("one that is out, and is looked at by somebody who has not seen much of the primary's log", () => {
    const isOut = (world: ReplicasBed) => world.part.nodes[1]?.isOut;
    const outAndEvicted = () => {
      const world = mapped();
      for (const position of ["200", "300", "400"]) world.look(primary("a", position), replica("b", "150"));
      expect(isOut(world)).toBe(true);
      world.evict();
      return world;
    };

    test("stays out, though nothing says that it is behind, and is looked at each second until that is known", () => {
      const world = outAndEvicted();
      for (const [second, alarm] of [
        [0, 1_000],
        [1, 1_000],
        [2, 1_000],
        [3, undefined], // three seconds behind at least
      ] as const) {
        world.round([primary("a", `${500 + second}`), replica("b", "150")]);
        expect([isOut(world), world.alarmInMs()]).toEqual([true, alarm]);
        world.pass(1_000);
      }
    });

    test("is in again a second later where it has caught up", () => {
      const world = outAndEvicted();
      for (const [position, outNow, alarm] of [
        ["500", true, 1_000],
        ["600", false, undefined],
      ] as const) {
        world.round([primary("a", position), replica("b", `${Number(position) - 1}`)]);
        expect([isOut(world), world.alarmInMs()]).toEqual([outNow, alarm]);
        world.pass(1_000);
      }
    });

    test("is not let in by what an isolate had asked before it was out, and stays out through the minute", () => {
      const world = new ReplicasBed();
      world.digest();
      world.round([primary("a", "100"), replica("b", "100")]);
      for (const [ms, position] of [
        [1_000, "101"],
        [11_000, "102"],
      ] as const) {
        world.pass(ms);
        world.digest({ bounded: true });
        world.round([primary("a", position), replica("b", "100")]);
      }
      expect(isOut(world)).toBe(true); // eleven seconds behind at least
      world.evict();
      world.pass(3_000);
      world.digest({ samples: [replica("b", "100", { ageMs: 6_000 })] });
      const seen = [isOut(world)];
      for (const [ms, position] of [
        [0, "103"],
        [20_000, "104"],
        [20_000, "105"],
      ] as const) {
        world.pass(ms);
        world.digest();
        world.round([primary("a", position), replica("b", "100")]);
        seen.push(isOut(world));
        world.evict();
      }
      expect(seen).toEqual([true, true, true, true]);
    });

    test("is asked though it may sleep, while others are awake: nobody else asks it any more", () => {
      const world = new ReplicasBed({ sleepers: ["b", "c"] });
      for (const position of ["100", "200", "300", "400"]) {
        world.pass(10_000);
        world.digest({ awake: ["b"] });
        world.round([primary("a", position), replica("b", position === "100" ? "100" : "150")]);
      }
      expect(isOut(world)).toBe(true);
      world.pass(20_000);
      world.digest();
      expect(world.round([primary("a", "500")])).toEqual(["a"]); // nobody is known to be awake
      world.pass(10_000);
      world.digest({ awake: ["a"] });
      expect(world.round([primary("a", "500"), replica("b", "500")])).toEqual(["a", "b"]);
      expect(isOut(world)).toBe(false);
    });

    test("is not looked at more often while the primary sleeps, or it is silent itself", () => {
      const sleeping = new ReplicasBed({ sleepers: ["a"] });
      sleeping.digest({ awake: ["a"] });
      for (const position of ["100", "200", "300", "400"]) {
        sleeping.look(primary("a", position), replica("b", position === "100" ? "100" : "150"));
        sleeping.digest({ awake: ["a"] });
      }
      expect(isOut(sleeping)).toBe(true);
      sleeping.pass(60_000);
      sleeping.digest();
      sleeping.round([replica("b", "400")]);
      expect([isOut(sleeping), sleeping.alarmInMs()]).toEqual([true, undefined]);

      const silent = outAndEvicted();
      silent.digest({ samples: [replica("b", "450")] });
      silent.round([primary("a", "500")]);
      expect([isOut(silent), silent.alarmInMs()]).toEqual([true, undefined]);
    });
  });

  test("a replica that follows the old primary proves nothing against the new one", () => {
    const world = mapped();
    const promoted = [primary("b", "150", { epoch: "2" }), replica("c", "150")];
    world.look(...promoted);
    expect(world.lagOf("c")).toBeNull();
    world.look(promoted[0] ?? primary("b"), replica("c", "150", { epoch: "2" }));
    expect(world.lagOf("c")).toBe(0);
  });

  test("between two primaries of one epoch nothing is proven", () => {
    const world = mapped();
    world.look(primary("a", "100"), primary("b", "100"), replica("c", "100"));
    expect(world.lagOf("c")).toBeNull();
  });
});

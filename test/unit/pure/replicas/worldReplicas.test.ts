import { describe, expect, test } from "vitest";
import { lives, NOW, primary, ReplicasBed, replica } from "./replicasBed.ts";

const all = [primary("a"), replica("b"), replica("c")];
const opened = [{ node: "b", state: "open" as const }];
const closed = [{ node: "b", state: "closed" as const }];

describe.for(lives)("%s", ([, evicts]) => {
  const bed = (sleepers: string[] = []) => new ReplicasBed({ evicts, sleepers });

  function mapped(sleepers: string[] = []): ReplicasBed {
    const world = bed(sleepers);
    world.digest({ awake: ["a", "b", "c"] });
    world.round(all);
    expect(world.part).toMatchObject({ primary: "a", databaseEpoch: "1", newestEpoch: "1", trouble: null });
    return world;
  }

  describe("the map", () => {
    test("is drawn from a round of samples", () => {
      const world = mapped();
      expect(world.roles).toEqual({ a: "primary", b: "replica", c: "replica" });
      expect(world.part.version).toBe(1);
    });

    test("that stays the same keeps its version, and another has a later one", () => {
      const world = mapped();
      expect(world.look(...all).version).toBe(1);
      const promoted = [primary("b", "200", { epoch: "2" }), replica("c", "200", { epoch: "2" })];
      expect(world.look(...promoted)).toMatchObject({ epoch: 2, version: 2, primary: "b", databaseEpoch: "2" });
      expect(world.roles).toEqual({ a: "unknown", b: "primary", c: "replica" });
    });

    test("has no primary while that is silent, and has it again when it answers", () => {
      const world = mapped();
      expect(world.look(replica("b"), replica("c"))).toMatchObject({ primary: null, trouble: "none-answered" });
      expect(world.look(...all)).toMatchObject({ primary: "a", trouble: null });
    });

    test("has no primary where nobody answers at all", () => {
      const world = mapped();
      expect(world.look()).toMatchObject({ primary: null, trouble: "none-answered" });
      expect(world.roles).toEqual({ a: "unknown", b: "replica", c: "replica" });
    });

    test("keeps the holder of an epoch beside another that claims it, and names that one a rival", () => {
      const world = mapped();
      expect(world.look(primary("a"), primary("b"), replica("c"))).toMatchObject({ primary: "a", trouble: null });
      expect(world.roles).toEqual({ a: "primary", b: "rival", c: "replica" });
      expect(world.part.nodes[1]?.reasons).toContain("claims to be primary of an older or equal epoch");
    });

    test("keeps an old primary that came back a rival, though the new one is silent", () => {
      const world = mapped();
      world.look(primary("b", "200", { epoch: "2" }), replica("c", "200", { epoch: "2" }));
      expect(world.look(primary("a"), replica("c", "200", { epoch: "2" }))).toMatchObject({ primary: null });
      expect(world.roles.a).toBe("rival");
    });

    test("names a database without the schema", () => {
      const world = bed();
      world.digest();
      expect(world.look(primary("a", "5", { epoch: null }))).toMatchObject({
        primary: "a",
        trouble: "not-installed",
        databaseEpoch: null,
      });
    });

    test("hears nothing of nodes that are not configured, nor of numbers that are none", () => {
      const world = mapped();
      const odd = [primary("x", "9", { epoch: "7" }), replica("b", "0x10"), replica("c", "100", { epoch: "1e3" })];
      expect(() => world.digest({ samples: odd })).not.toThrow();
      expect(world.look(...all, ...odd)).toMatchObject({ primary: "a", newestEpoch: "1", epoch: 1 });
      // An evicted map holds no positions: they are sampled anew.
      const expected = evicts ? [null, null, null] : ["100", "100", "100"];
      expect(world.part.nodes.map(({ position }) => position)).toEqual(expected);
    });
  });

  test("a replica that stands still is out within two minutes, and stays out until it has caught up", () => {
    const world = mapped();
    const isOut = () => world.part.nodes.find(({ node }) => node === "b")?.isOut;
    const round = (replayed: (position: number) => number, count: number) => {
      for (let at = 0; at < count; at++) {
        position += 50;
        world.look(primary("a", `${position}`), replica("b", `${replayed(position)}`), replica("c", `${position}`));
        world.digest();
      }
      return isOut();
    };
    let position = 1_000;
    expect(round((primarys) => primarys, 14)).toBe(false);
    expect(round(() => 1_000, 13)).toBe(true);
    expect(world.part.nodes.find(({ node }) => node === "c")?.isOut).toBe(false);
    expect(round((primarys) => primarys, 3)).toBe(false);
  });

  describe("a holder that is another process", () => {
    const said = (position: string, generation: string, epoch = "1") => [
      primary("a", position, { generation, epoch, timeline: "00000001" }),
      replica("b", position),
    ];

    /** Its log was seen to go as far as 500. */
    function seen(): ReplicasBed {
      const world = mapped();
      for (let round = 0; round < 8; round++) {
        world.look(...said("500", "g1"));
        world.digest();
      }
      return world;
    }

    test("and whose log is shorter begins an epoch that tells what is gone, though he is there", () => {
      const world = seen();
      world.look(...said("300", "g2"));
      expect(world.world.pendingEpoch).toMatchObject({ node: "a", epoch: "2", parent: "1", switchXmin: null });
      world.look(...said("310", "g2"));
      expect(world.world.pendingEpoch).toMatchObject({ epoch: "2" });
      expect(world.look(...said("320", "g2", "2"))).toMatchObject({ primary: "a", databaseEpoch: "2" });
      expect([world.world.pendingEpoch, world.world.epochs.at(-1)?.by]).toEqual([null, "went-back"]);
      world.look(...said("330", "g2", "2"));
      expect(world.world.pendingEpoch).toBeNull();
    });

    test("and goes on where he was begins none", () => {
      const world = seen();
      world.look(...said("500", "g2"));
      world.look(...said("700", "g3"));
      expect([world.world.pendingEpoch, world.part.databaseEpoch]).toEqual([null, "1"]);
    });
  });

  describe("samples that isolates bring", () => {
    test("never unmake the map, but make it look, at once", () => {
      const world = mapped();
      world.pass(1_000);
      expect(world.digest({ samples: [replica("a", "100")] })).toMatchObject({ primary: "a", trouble: null });
      expect(world.world.isUrgent).toBe(true);
      expect(world.roles.a).toBe("primary");
      expect(
        world.round([primary("b", "200", { epoch: "2" }), replica("a", "200", { epoch: "2" }), replica("c")]),
      ).toEqual(["a", "b", "c"]);
      expect(world.part).toMatchObject({ primary: "b", newestEpoch: "2" });
    });

    test("that say what the map says make nobody look", () => {
      const world = mapped();
      world.pass(1_000);
      world.digest({ samples: all });
      if (evicts) return; // an evicted map is looked at in any case
      expect(world.world.isUrgent).toBe(false);
      expect(world.round(all)).toEqual([]);
    });

    test("of a rival that is known as one make nobody look", () => {
      const world = mapped();
      const split = [primary("b", "200", { epoch: "2" }), primary("a"), replica("c", "200", { epoch: "2" })];
      world.look(...split);
      expect(world.roles.a).toBe("rival");
      world.pass(1_000);
      world.digest({ samples: [primary("a")] });
      if (!evicts) expect(world.world.isUrgent).toBe(false);
    });

    test("that are older than the last look say nothing against it", () => {
      const world = mapped();
      world.pass(1_000);
      world.digest({ samples: [replica("a", "50", { ageMs: 1_001 })] });
      if (!evicts) expect(world.world.isUrgent).toBe(false);
    });

    test("tell how far a replica is, and nothing of when the primary was where", () => {
      const world = mapped();
      world.pass(5_000);
      world.digest({ samples: [primary("a", "900"), replica("b", "900")] });
      if (evicts) return;
      expect([world.part.nodes[1]?.position, world.lagOf("b")]).toEqual(["900", 5_000]);
    });
  });

  test("a report of another role makes it look, at most each second", () => {
    const world = mapped();
    world.pass(999);
    world.digest({ sample: true });
    if (!evicts) expect(world.round(all)).toEqual([]);
    if (!evicts) expect(world.alarmInMs()).toBe(1); // and does not wait for the next digest
    world.pass(1);
    expect(world.round(all)).toEqual(["a", "b", "c"]);
    if (!evicts) expect(world.alarmInMs()).toBeUndefined();
  });

  test("where a node is not well it looks each second, and its alarm rings for that", () => {
    const world = mapped();
    world.digest({ verdicts: opened });
    expect(world.part.nodes[1]?.reasons).toContain("breaker not closed");
    expect(world.alarmInMs()).toBe(evicts ? 0 : 1_000);
    for (let second = 0; second < 5; second++) {
      world.pass(1_000);
      expect(world.alarmInMs()).toBe(0);
      expect(world.round(all)).toEqual(["a", "b", "c"]);
    }
    world.digest({ verdicts: closed });
    expect(world.alarmInMs()).toBeUndefined();
  });

  test("a Collector that has not heard of the breaker does not say that all is well", () => {
    const world = mapped();
    world.digest({ verdicts: opened });
    world.digest({ verdicts: [] });
    expect(world.alarmInMs()).toBeDefined();
  });

  test("where no primary is found, or two are, the alarm rings soon", () => {
    for (const [inMs, ...answers] of [[250, replica("b")] as const, [1_000, primary("a"), primary("b")] as const]) {
      const world = mapped();
      world.look(...answers);
      expect(world.alarmInMs()).toBe(evicts ? 0 : inMs);
    }
  });

  test("the alarm rests ten minutes after the last digest", () => {
    const world = mapped();
    world.digest({ verdicts: opened });
    world.pass(539_000); // rows hold the time of the last digest to the minute
    expect(world.alarmInMs()).toBe(0);
    world.pass(61_001);
    expect(world.alarmInMs()).toBeUndefined();
    world.digest();
    expect(world.alarmInMs()).toBe(0);
  });

  describe("nodes that may sleep", () => {
    test("are not looked at unless the application asked them lately", () => {
      const world = mapped(["a", "b"]);
      world.pass(20_000);
      expect(world.round([replica("c")])).toEqual(["c"]);
      world.pass(20_000);
      world.digest({ awake: ["b"] });
      expect(world.round([replica("b"), replica("c")])).toEqual(evicts ? ["c"] : ["b", "c"]);
    });

    test("are no reason for an alarm while all of them sleep, whatever the breaker says of them", () => {
      const world = mapped(["a", "b", "c"]);
      world.digest({ verdicts: opened });
      world.pass(15_000);
      expect([world.alarmInMs(), world.round(all)]).toEqual([undefined, []]);
      world.digest({ awake: ["b"] });
      if (!evicts) expect(world.alarmInMs()).toBe(0);
    });

    test("stay what they are: a primary that sleeps was not silent, since nobody asked it", () => {
      const world = mapped(["a"]);
      for (let look = 0; look < 3; look++) {
        world.pass(20_000);
        expect(world.round([replica("b"), replica("c")])).toEqual(["b", "c"]);
      }
      expect(world.part).toMatchObject({ primary: "a", trouble: null, databaseEpoch: "1" });
      expect(world.alarmInMs()).toBeUndefined();
    });

    test("are no primary any more when another one is", () => {
      const world = mapped(["a"]);
      expect(world.look(primary("b", "200", { epoch: "2" }), replica("c"))).toMatchObject({ primary: "b" });
      expect(world.roles.a).toBe("unknown");
    });

    test("are looked at where somebody knows of a later epoch, and no primary of it is found", () => {
      const world = mapped(["a"]);
      world.look(replica("b", "100", { epoch: "2" }), replica("c"));
      expect(world.part).toMatchObject({ primary: null, newestEpoch: "2" });
      world.pass(1_000);
      expect(world.round(all)).toEqual(["a", "b", "c"]);
    });

    test("are looked at where no primary is known at all", () => {
      const world = new ReplicasBed({ evicts, nodes: ["a"], sleepers: ["a"] });
      world.digest();
      expect(world.round([primary("a")])).toEqual(["a"]);
      world.pass(20_000);
      expect(world.round([primary("a")])).toEqual([]);
    });
  });
});

test("in calm it looks each ten seconds, with bounded reads each second for half a minute", () => {
  const world = new ReplicasBed();
  world.digest();
  expect(world.world.isUrgent).toBe(true); // there is no map yet: worth waiting for
  world.round(all);
  expect(world.world.isUrgent).toBe(false);
  world.pass(9_999);
  expect(world.round(all)).toEqual([]);
  world.pass(1);
  expect(world.round(all)).toHaveLength(3);
  world.digest({ bounded: true });
  let rounds = 0;
  for (let at = 0; at < 60_000; at += 100) {
    world.pass(100);
    if (world.alarmInMs() === 0) rounds += world.round(all).length / 3;
  }
  expect(rounds).toBe(29);
});

test("without a primary it looks four times a second for two minutes, then each second, and in calm again once there is one", () => {
  const world = new ReplicasBed();
  world.digest();
  world.round(all);
  world.digest({ sample: true });
  world.pass(1_000);
  const standbys = [replica("b"), replica("c")];
  const roundsIn = (ms: number) => {
    let rounds = 0;
    for (const until = world.now + ms; world.now < until; world.pass(50)) {
      if (world.alarmInMs() === 0 && world.round(standbys).length > 0) rounds++;
    }
    return rounds;
  };
  expect(roundsIn(10_000)).toBe(40);
  roundsIn(110_000);
  world.digest();
  expect(roundsIn(10_000)).toBeLessThanOrEqual(11);
  world.look(...all);
  expect(world.alarmInMs()).toBeUndefined();
});

test("a look stays with the nodes for two minutes after the primary was lost, and not before, nor when one is found", () => {
  const world = new ReplicasBed();
  world.digest();
  world.round(all);
  const watchMs = () => world.world.watchMs(world.now);
  expect(watchMs()).toBeUndefined();
  world.look(replica("b"), replica("c"));
  expect(watchMs()).toBe(1_000);
  world.pass(119_999);
  expect(watchMs()).toBe(1_000);
  world.pass(1);
  expect(watchMs()).toBeUndefined();
  world.look(...all);
  expect(watchMs()).toBeUndefined();
});

test("a round that nobody answered is over, and the next one waits its second", () => {
  const world = new ReplicasBed();
  world.digest({ verdicts: opened });
  expect(world.world.dueSamples(world.now)).toHaveLength(3);
  expect(world.world.dueSamples(world.now)).toEqual([]);
  world.pass(3_000);
  world.world.unanswered(world.now);
  expect([world.alarmInMs(), world.world.dueSamples(world.now + 999)]).toEqual([1_000, []]);
  expect(world.world.dueSamples(world.now + 1_000)).toHaveLength(3);
});

test("a round that somebody ordered counts from when it began", () => {
  const world = new ReplicasBed();
  world.digest();
  world.round(all);
  world.pass(50_000);
  world.world.beginRound(["a", "b", "c"], world.now);
  world.world.sampled([primary("a", "200"), replica("b", "199")], world.now);
  expect(world.part.nodes.map(({ behindMs, isOut }) => [behindMs, isOut])[1]).toEqual([0, false]);
});

test("what was met while a round was under way is looked at after it", () => {
  const world = new ReplicasBed();
  world.digest();
  world.round(all);
  world.pass(10_000);
  expect(world.world.dueSamples(world.now)).toHaveLength(3);
  world.pass(100);
  world.digest({ sample: true });
  world.world.sampled(all, world.now + 50);
  expect(world.world.isUrgent).toBe(true);
  world.pass(900);
  expect(world.round(all)).toHaveLength(3);
  expect(world.world.isUrgent).toBe(false);
});

test("a clock that was set back stops neither looks nor alarms", () => {
  const world = new ReplicasBed();
  world.digest({ verdicts: opened });
  world.round(all);
  world.pass(-3_600_000);
  expect(world.alarmInMs()).toBeLessThanOrEqual(1_000);
  expect(world.round(all)).toHaveLength(3);
});

test("what was said before the clock was set back by an hour does not stand for an hour", () => {
  const world = new ReplicasBed({ sleepers: ["c"] });
  world.digest({ awake: ["c"] });
  world.round(all);
  world.pass(10_000);
  world.digest({ sample: true }); // somebody met another role
  world.pass(-3_600_000);
  const moved = [primary("a", "200", { epoch: "2" }), replica("b", "200", { epoch: "2" })];
  expect(world.look(...moved)).toMatchObject({ primary: "a", databaseEpoch: "2" });
  expect(world.part.nodes.map(({ position, isOut }) => [position, isOut])).toEqual([
    ["200", false],
    ["200", false],
    ["100", true],
  ]);
  expect([world.world.isUrgent, world.alarmInMs()]).toEqual([false, undefined]);
});

test("a clock that was set ahead by an hour puts nobody out of rotation", () => {
  const world = new ReplicasBed();
  world.digest();
  world.round(all);
  world.pass(3_600_000);
  world.digest({ bounded: true });
  world.round(all);
  world.pass(1_000);
  world.round(all);
  expect(world.part.nodes.map(({ isOut }) => isOut)).toEqual([false, false, false]);
  expect(world.part.primary).toBe("a");
});

test("after an eviction the map is there with its stamp, its lags unknown until it looks, which is at once", () => {
  const world = new ReplicasBed();
  world.digest();
  world.round(all);
  const { incarnation, epoch, version } = world.part;
  world.evict();
  expect(world.part).toMatchObject({
    incarnation,
    epoch,
    version,
    primary: "a",
    sampleAgeMs: null,
    minProvableBoundMs: null,
  });
  expect(world.part.nodes.map(({ lagBoundMs }) => lagBoundMs)).toEqual([0, null, null]);
  expect([world.world.isUrgent, world.round(all)]).toEqual([true, ["a", "b", "c"]]);
});

test("rows change with the map, and once a minute with the digests", () => {
  const world = new ReplicasBed();
  world.digest();
  world.round(all);
  const { writes } = world;
  for (let second = 0; second < 600; second++) {
    world.pass(1_000);
    world.digest({ samples: all, awake: ["a"], verdicts: closed });
    world.round(all);
  }
  expect(world.writes - writes).toBeLessThanOrEqual(10);
});

describe("rows that are not as this version writes them", () => {
  test("of an older version are read with what they have", () => {
    const world = new ReplicasBed();
    world.rows.set(
      "map",
      JSON.stringify({ incarnation: 5, roles: [["a", "primary"]], primary: "a", epoch: "3", newestEpoch: "3" }),
    );
    world.evict();
    expect(world.part).toMatchObject({ incarnation: 5, epoch: 3, version: 0, primary: "a", trouble: null });
  });

  test.for([["{"], ['{"incarnation":"x"}'], ["null"], [""]] as const)("%j makes a new owner", ([row]) => {
    const world = new ReplicasBed();
    world.rows.set("map", row);
    world.evict();
    expect(world.part).toMatchObject({ incarnation: NOW, primary: null });
  });
});

test("an owner that was restored takes a new incarnation, once", () => {
  const world = new ReplicasBed();
  world.digest();
  world.pass(7);
  const have = { incarnation: NOW, epoch: 0, version: 4 };
  expect(world.digest({ have }).incarnation).toBe(NOW + 7);
  world.pass(7);
  expect(world.digest({ have }).incarnation).toBe(NOW + 7);
  expect(world.digest({ have: { ...have, incarnation: NOW - 1 } }).incarnation).toBe(NOW + 7);
});

test("a stamp stays a number, however large an epoch a node names", () => {
  const world = new ReplicasBed();
  world.digest();
  world.round([primary("a", "1", { epoch: "99999999999999999999" })]);
  expect([world.part.epoch, world.part.databaseEpoch]).toEqual([Number.MAX_SAFE_INTEGER, "99999999999999999999"]);
});

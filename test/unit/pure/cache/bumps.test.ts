import { describe, expect, test } from "vitest";
import { BumpBed, lives, NOW, primary, replica } from "./bumpBed.ts";

const NODES = ["p", "a", "b"];

describe.for(lives)("live bumps and the cover, %s", ([, evicts]) => {
  /** All three in the cover, at position 100. */
  function covered(): BumpBed {
    const bed = new BumpBed({ evicts, nodes: NODES });
    bed.look(primary("p", 100), replica("a", 100), replica("b", 100));
    return bed;
  }

  test("at first nobody proves anything; who replayed the primary's log up to where it was found enters", () => {
    const bed = new BumpBed({ evicts, nodes: NODES });
    expect(bed.part).toMatchObject({ cover: [], databaseEpoch: null });
    bed.look(primary("p", 100), replica("a", 99), replica("b", 101));
    expect([bed.cover, bed.part.databaseEpoch]).toEqual([["p/g", "b/g"], "1"]);
    bed.look(primary("p", 200), replica("a", 100), replica("b", 120));
    expect(bed.cover).toEqual(["p/g", "b/g", "a/g"]);
  });

  test("nobody enters while the primary was never found, nor where the schema is missing", () => {
    const bed = new BumpBed({ evicts, nodes: NODES });
    bed.look(replica("a", 100));
    expect(bed.cover).toEqual([]);
    bed.look(primary("p", 100, [], { epoch: null }), replica("a", 100, [], { epoch: null }));
    expect([bed.cover, bed.part.databaseEpoch]).toEqual([[], null]);
  });

  test("a bump is live until everybody in the cover was seen to hold it", () => {
    const bed = covered();
    bed.bump("m", 7);
    bed.look(primary("p", 110, ["m"]), replica("a", 110, ["m"]), replica("b", 105));
    expect(bed.live).toEqual(["m"]);
    const { seq, version } = bed.part;
    bed.look(primary("p", 111, ["m"]), replica("a", 111, ["m"]), replica("b", 111, ["m"]));
    expect([bed.live, bed.cover, bed.part.seq, bed.part.version]).toEqual([[], ["p/g", "a/g", "b/g"], seq, version]);
  });

  test("nothing is forgotten without the primary's word, or by an older Worker's that does not tell of marks", () => {
    const bed = covered();
    bed.bump("m", 7);
    bed.look(replica("a", 110, ["m"]), replica("b", 110, ["m"]));
    const { held: _, ...silent } = primary("p", 110);
    bed.pass(61_000);
    bed.look(silent, replica("a", 110, ["m"]), replica("b", 110, ["m"]));
    bed.look();
    expect([bed.live, bed.cover]).toEqual([["m"], ["p/g", "a/g", "b/g"]]);
  });

  test("who lacks for a minute what the primary holds proves nothing any more, until it has all that was forgotten", () => {
    const bed = covered();
    bed.bump("m", 7);
    bed.pass(59_999);
    bed.look(primary("p", 110, ["m"]), replica("a", 110, ["m"]), replica("b", 105));
    expect([bed.live, bed.cover]).toEqual([["m"], ["p/g", "a/g", "b/g"]]);
    bed.pass(1);
    bed.look(primary("p", 120, ["m"]), replica("a", 119, ["m"]), replica("b", 105));
    expect([bed.live, bed.cover]).toEqual([[], ["p/g", "a/g"]]);
    bed.look(primary("p", 130), replica("a", 130), replica("b", 119));
    expect(bed.cover).toEqual(["p/g", "a/g"]);
    bed.look(primary("p", 140), replica("a", 140), replica("b", 120));
    expect(bed.cover).toEqual(["p/g", "a/g", "b/g"]);
  });

  test("who does not answer for a minute is waited for no longer", () => {
    const bed = covered();
    bed.bump("m", 7);
    bed.pass(60_000);
    bed.look(primary("p", 110, ["m"]), replica("a", 110, ["m"]));
    expect([bed.live, bed.cover]).toEqual([[], ["p/g", "a/g"]]);
  });

  test("what the primary and everybody lack a minute after it came never commits; what a replica holds may", () => {
    const bed = covered();
    bed.bump("dead", 7);
    bed.bump("waits", 8); // for a synchronous standby: that one shows it first
    bed.pass(59_999);
    bed.look(primary("p", 110), replica("a", 110, ["waits"]), replica("b", 110));
    expect(bed.live).toEqual(["dead", "waits"]);
    bed.pass(1);
    bed.look(primary("p", 110), replica("a", 110, ["waits"]), replica("b", 110));
    expect([bed.live, bed.cover]).toEqual([["waits"], ["p/g", "a/g", "b/g"]]);
  });

  test("a question that left before the minute was over says nothing of what commits after it", () => {
    const bed = covered();
    bed.bump("m", 7);
    const startedAt = bed.now + 59_000;
    bed.pass(61_000);
    bed.looked(startedAt, [primary("p", 110), replica("a", 110), replica("b", 110)]);
    expect(bed.live).toEqual(["m"]);
  });

  test("another process of a node begins anew", () => {
    const bed = covered();
    bed.bump("m", 7);
    bed.look(primary("p", 110, ["m"]), replica("a", 110, ["m"]), replica("b", 110, ["m"]));
    bed.look(primary("p", 120), replica("a", 105, [], { generation: "h" }), replica("b", 120));
    expect(bed.cover).toEqual(["p/g", "b/g"]);
    bed.look(primary("p", 120, [], { generation: "h" }), replica("a", 110, [], { generation: "h" }));
    expect(bed.cover).toEqual(["b/g", "p/h", "a/h"]);
  });

  test("while a primary answers commits before they are on its disk, it proves alone", () => {
    const bed = covered();
    bed.look(primary("p", 110, [], { mayLose: true }), replica("a", 110));
    expect(bed.cover).toEqual(["p/g"]);
    bed.bump("m", 7);
    bed.look(primary("p", 110, ["m"], { mayLose: true }), replica("a", 110));
    expect(bed.live).toEqual([]);
    // Its position then was below what it showed: another one is taken.
    bed.look(primary("p", 120), replica("a", 119), replica("b", 120));
    expect(bed.cover).toEqual(["p/g", "b/g"]);
  });

  test("out of the rotation nobody counts, nor is asked", () => {
    const bed = covered();
    const node = (name: string, isOut: boolean) => ({ node: name, generation: "g", isOut });
    const nodes = [node("p", false), node("a", true), node("b", false)];
    const map = { epoch: "1", nodes };
    bed.pass(60_000);
    bed.digest({ map, bumps: [{ id: "m", buckets: [1] }] });
    if (evicts) return; // what a Collector said of the map is memory
    bed.pass(1_000);
    expect(bed.ask()).toEqual({ nodes: ["p", "b"], marks: ["m"], outbox: null });
    bed.look(primary("p", 110, ["m"]), replica("b", 110, ["m"]));
    expect([bed.live, bed.cover]).toEqual([[], ["p/g", "b/g"]]);
  });

  describe("a new epoch", () => {
    const promoted = (position: number, held: readonly string[] = []) => primary("a", position, held, { epoch: "2" });
    const follows = (node: string, position: number, held: readonly string[] = []) =>
      replica(node, position, held, { epoch: "2" });

    test("begins the cover anew, of those who follow", () => {
      const bed = covered();
      bed.look(promoted(90), replica("b", 100));
      expect([bed.cover, bed.part.databaseEpoch]).toEqual([["a/g"], "2"]);
      bed.look(promoted(95), follows("b", 91), primary("p", 400));
      expect(bed.cover).toEqual(["a/g", "b/g"]);
    });

    test("takes along what its primary holds, and forgets what never will be on its line", () => {
      const bed = covered();
      bed.bump("kept", 1);
      bed.bump("lost", 2);
      bed.pass(1_000);
      bed.look(primary("p", 110, ["kept", "lost"]), replica("a", 105, ["kept"]), replica("b", 100));
      bed.bump("new", 3);
      bed.pass(1_000);
      bed.look(promoted(106, ["kept"]), follows("b", 100));
      // A new instance does not know when the old epoch was last seen, and gives "lost" its minute.
      expect(bed.live).toEqual(evicts ? ["lost", "new"] : ["new"]);
      bed.pass(60_000);
      bed.look(promoted(107), follows("b", 107));
      expect([bed.live, bed.cover]).toEqual([[], ["a/g", "b/g"]]);
    });

    test("is not what another node claims in the same one, or in an older one", () => {
      const bed = covered();
      bed.bump("m", 1);
      bed.pass(60_000);
      bed.look(primary("a", 90), replica("b", 110, ["m"]));
      expect([bed.live, bed.cover]).toEqual([["m"], ["p/g", "b/g"]]);
      bed.look(promoted(120, ["m"]), follows("b", 120, ["m"]));
      bed.look(primary("p", 400), follows("b", 130));
      expect([bed.cover, bed.part.databaseEpoch]).toEqual([["a/g", "b/g"], "2"]);
    });

    test("that two claim is nobody's", () => {
      const bed = covered();
      bed.look(promoted(120), primary("b", 120, [], { epoch: "2" }));
      expect([bed.cover, bed.part.databaseEpoch]).toEqual([["p/g"], "1"]);
    });
  });

  describe("more than 256 live bumps", () => {
    const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `m${from + at}`);
    const bumps = (from: number, to: number) => ids(from, to).map((id, at) => ({ id, buckets: [(from + at) % 1_024] }));

    test("put those out that lack them", () => {
      const bed = covered();
      bed.digest({ bumps: bumps(0, 200) });
      bed.pass(1_000);
      bed.look(primary("p", 110, ids(0, 200)), replica("a", 110, ids(0, 200)), replica("b", 100));
      bed.digest({ bumps: bumps(200, 300) });
      if (evicts) bed.look(primary("p", 120, ids(0, 300)), replica("a", 120, ids(0, 300)), replica("b", 100));
      expect(bed.cover).toEqual(evicts ? ["p/g", "a/g", "b/g"] : ["p/g", "a/g"]);
      expect(bed.part.live.length).toBeLessThanOrEqual(256);
    });

    test("become one that nobody holds, until a minute after the last of them whoever has the log has them", () => {
      const bed = covered();
      bed.digest({ bumps: bumps(0, 300) });
      const [flood, ...rest] = bed.part.live;
      expect([flood?.id, flood?.buckets, rest.length]).toEqual([
        "00000000-0000-0000-0000-000000000000",
        Array.from({ length: 45 }, (_, at) => at),
        255,
      ]);
      const all = ids(0, 300);
      bed.pass(1_000);
      bed.look(primary("p", 110, all), replica("a", 110, all), replica("b", 110, all));
      expect([bed.live.length, bed.cover.length]).toEqual([1, 3]);
      bed.pass(58_999);
      bed.look(primary("p", 120), replica("a", 120), replica("b", 120));
      expect(bed.live).toHaveLength(1);
      bed.pass(1);
      bed.look(primary("p", 130), replica("a", 129), replica("b", 130));
      expect(bed.live).toHaveLength(1);
      bed.look(primary("p", 140), replica("a", 130), replica("b", 140));
      expect([bed.live.length, bed.cover.length]).toEqual([0, 3]);
    });
  });

  test("a log that was restored proves nothing until what it forgot has had its time", () => {
    const bed = covered();
    const { incarnation, version } = bed.part;
    bed.digest({ have: { incarnation, epoch: 0, version: version + 1_000 } });
    bed.look(primary("p", 110), replica("a", 110));
    expect(bed.cover).toEqual([]);
    bed.pass(60_000);
    bed.look(primary("p", 120), replica("a", 119));
    expect(bed.cover).toEqual(["p/g"]);
  });

  test("a node that is configured no more is in no cover, and its place as primary is free", () => {
    const bed = new BumpBed({ evicts, nodes: NODES });
    bed.look(primary("p", 100), replica("a", 100));
    const renamed = new BumpBed({ evicts, nodes: ["q", "a"] });
    renamed.rows.set("bumps", bed.rows.get("bumps") ?? "");
    renamed.evict();
    renamed.look(primary("q", 100), replica("a", 100));
    expect(renamed.cover).toEqual(["a/g", "q/g"]);
  });

  test("numbers that are none are left alone", () => {
    const bed = covered();
    bed.look(primary("p", 100, [], { position: "0/5" }), replica("a", 100, [], { epoch: "x" }));
    expect(bed.cover).toEqual(["p/g", "a/g", "b/g"]);
  });
});

describe("looks", () => {
  const all = (position: number, held: readonly string[] = []) => [
    primary("p", position, held),
    replica("a", position, held),
    replica("b", position, held),
  ];
  function covered(): BumpBed {
    const bed = new BumpBed({ nodes: NODES });
    bed.ask();
    bed.look(...all(100));
    bed.pass(60_000);
    return bed;
  }

  test("follow a bump half a second later by themselves, and end when nothing is live", () => {
    const bed = covered();
    expect([bed.alarmInMs(), bed.ask()?.nodes]).toEqual([undefined, ["p"]]); // what was written past us
    bed.bump("m", 1);
    expect([bed.alarmInMs(), bed.ask()]).toEqual([500, undefined]);
    bed.pass(500);
    expect(bed.ask()).toEqual({ nodes: NODES, marks: ["m"], outbox: null });
    bed.look(...all(110, ["m"]));
    expect(bed.alarmInMs()).toBeUndefined();
  });

  test("come less often while the same ones stay live, and each second again with a new one", () => {
    const bed = covered();
    bed.bump("m1", 1);
    const gaps: (number | undefined)[] = [];
    const look = () => {
      const ms = bed.alarmInMs();
      gaps.push(ms);
      bed.pass(ms ?? 0);
      bed.ask();
      bed.look(...all(110));
    };
    for (let times = 0; times < 5; times++) look();
    bed.bump("m2", 1);
    for (let times = 0; times < 4; times++) look();
    expect(gaps).toEqual([500, 1_000, 2_000, 5_000, 5_000, 1_000, 1_000, 2_000, 5_000]);
  });

  test("come sooner where so many are live that the next ones find no room", () => {
    const bed = covered();
    bed.bump("first", 1);
    bed.pass(500);
    bed.ask();
    bed.digest({ bumps: Array.from({ length: 130 }, (_, at) => ({ id: `m${at}`, buckets: [at] })) });
    expect(bed.alarmInMs()).toBe(500);
    bed.pass(500);
    expect(bed.ask()?.marks).toHaveLength(131);
  });

  test("rest when the bumps are so old that nobody can be there, until somebody comes", () => {
    const bed = covered();
    bed.bump("m", 1);
    bed.pass(599_999);
    expect(bed.alarmInMs()).toBe(0);
    bed.pass(1);
    expect(bed.alarmInMs()).toBeUndefined();
    bed.digest();
    expect(bed.ask()).toBeDefined();
  });

  test("are made as digests come while somebody is not in the cover, ever more seldom", () => {
    const bed = new BumpBed({ nodes: NODES });
    const asked: number[] = [];
    for (let second = 0; second < 100; second++) {
      bed.digest();
      if (bed.ask()?.nodes.length === NODES.length) {
        asked.push(second);
        bed.look(primary("p", 100), replica("a", 100)); // b is down
      }
      expect(bed.alarmInMs()).toBeUndefined();
      bed.pass(1_000);
    }
    expect(asked).toEqual([0, 1, 2, 4, 9, 39, 69, 99]);
  });

  test("follow where the map tells of another process, or of a newer epoch", () => {
    const bed = covered();
    const map = (epoch: string, generation: string) => ({
      epoch,
      nodes: NODES.map((node) => ({ node, generation: node === "a" ? generation : "g", isOut: false })),
    });
    bed.digest({ map: map("1", "g") });
    expect(bed.ask()?.nodes).toEqual(["p"]);
    bed.digest({ map: map("0", "g") });
    expect(bed.ask()).toBeUndefined();
    bed.digest({ map: map("1", "h") });
    expect(bed.ask()?.nodes).toEqual(NODES);
    bed.look(primary("p", 100), replica("a", 100, [], { generation: "h" }), replica("b", 100));
    bed.pass(60_000);
    bed.digest({ map: map("2", "h") });
    expect(bed.ask()?.nodes).toEqual(NODES);
  });

  test("wake nobody: who sleeps is asked while the application asks it, and leaves the cover with the next look", () => {
    const bed = new BumpBed({ nodes: NODES, sleepers: ["a", "p"] });
    bed.digest({ awake: ["a", "p"] });
    expect(bed.ask()?.nodes).toEqual(NODES);
    bed.look(...all(100));
    expect(bed.cover).toEqual(["p/g", "a/g", "b/g"]);
    bed.pass(14_999);
    bed.digest({ awake: ["p"], bumps: [{ id: "m", buckets: [1] }] });
    bed.pass(500);
    expect(bed.ask()?.nodes).toEqual(["p", "b"]);
    bed.look(primary("p", 110, ["m"]), replica("b", 110, ["m"]));
    expect([bed.cover, bed.live]).toEqual([["p/g", "b/g"], []]);
    bed.bump("m2", 1);
    bed.pass(15_000);
    expect([bed.alarmInMs(), bed.ask()?.nodes]).toEqual([undefined, ["b"]]);
  });

  test("go on where the clock was set back", () => {
    const bed = covered();
    bed.bump("m", 1);
    bed.now = NOW - 3_600_000;
    expect(bed.alarmInMs()).toBeLessThanOrEqual(1_000);
  });
});

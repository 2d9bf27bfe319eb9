import { describe, expect, test } from "vitest";
import { tagBuckets } from "../../../../src/cache/tagBuckets.ts";
import { outboxPage } from "../../../../src/database/outboxPage.ts";
import { TAG_BUCKETS } from "../../../../src/rpc/constants.ts";
import type { OutboxPage } from "../../../../src/rpc/probing.ts";
import { BumpBed, lives, primary, replica } from "./bumpBed.ts";

const page = (snapshot: string, marks: OutboxPage["marks"] = [], isWhole = true): OutboxPage => ({
  snapshot,
  isWhole,
  marks,
});

describe.for(lives)("marks that nobody told of, %s", ([, evicts]) => {
  const says = (outbox: OutboxPage, said = {}) => primary("p", 100, [], { outbox, ...said });

  /** Both nodes in the cover, asked from snapshot 5 on. */
  function begun(): BumpBed {
    const bed = new BumpBed({ evicts, nodes: ["p", "a"] });
    expect(bed.ask()?.outbox).toBeNull();
    bed.look(says(page("5:5:", [["old", [9]]])), replica("a", 100));
    bed.pass(10_000);
    return bed;
  }

  test("are none at first: the present snapshot is the beginning", () => {
    const bed = begun();
    expect([bed.part.seq, bed.live]).toEqual([0, []]);
    expect(bed.ask()?.outbox).toBe("5:5:");
  });

  test("become bumps, live as any other, and are found once", () => {
    const bed = begun();
    bed.look(says(page("7:7:", [["f", [3, 4]]])));
    expect([bed.live, bed.part.buckets.map(([bucket]) => bucket)]).toEqual([["f"], [3, 4]]);
    const { seq } = bed.part;
    bed.look(says(page("7:7:", [["f", [3, 4]]])));
    expect([bed.part.seq, bed.foreign]).toEqual([seq, { found: 1, skipped: 0 }]);
    bed.look(primary("p", 100, ["f"]), replica("a", 100, ["f"]));
    expect([bed.live, bed.cover]).toEqual([[], ["p/g", "a/g"]]);
  });

  test("are not those that were told before they were found, nor told anew when their report comes after it", () => {
    const bed = begun();
    const { seq } = bed.bump("own", 1);
    bed.look(says(page("7:7:", [["own", [1]]])));
    expect([bed.part.seq, bed.foreign.found]).toEqual([seq, 0]);
    bed.look(says(page("8:8:", [["early", [2]]])));
    const found = bed.part.seq;
    expect(found).toBeGreaterThan(seq);
    expect(bed.bump("early", 2).seq).toBe(found);
  });

  test("touch everything where their tags are too many to be told", () => {
    const bed = begun();
    bed.look(says(page("7:7:", [["f", null]])));
    expect(bed.part.buckets).toHaveLength(TAG_BUCKETS);
  });

  test("are believed of the primary of the epoch alone; a new epoch begins with its present snapshot", () => {
    const bed = begun();
    bed.look(primary("p", 100), primary("a", 400, [], { outbox: page("9:9:", [["rival", [1]]]) }));
    expect([bed.part.seq, bed.ask()?.outbox]).toEqual([0, "5:5:"]);
    bed.look(primary("a", 90, [], { epoch: "2", outbox: page("4:4:", [["other line", [1]]]) }));
    bed.pass(10_000);
    expect([bed.part.seq, bed.ask()?.outbox]).toEqual([0, "4:4:"]);
    bed.look(primary("a", 95, [], { epoch: "2", outbox: page("6:6:", [["f", [1]]]) }));
    expect(bed.live).toEqual(["f"]);
  });

  test("are asked for from the present on after a restore", () => {
    const bed = begun();
    bed.digest({ have: { incarnation: bed.now + 5, epoch: 0, version: 0 } });
    expect(bed.ask()?.outbox).toBeNull();
    bed.look(says(page("7:7:", [["before", [1]]])));
    expect(bed.live).toEqual([]);
  });

  test("are given up where they were more than is read for a minute", () => {
    const bed = begun();
    for (let second = 0; second <= 60; second++) {
      bed.look(says(page(`${5 + second}:${5 + second}:`, [[`f${second}`, [1]]], false)));
      expect(bed.part.live.at(-1)?.id).toBe(`f${second}`);
      bed.pass(1_000);
    }
    expect(bed.ask()?.outbox).toBeNull();
    bed.look(says(page("900:900:")));
    bed.pass(10_000);
    expect([bed.ask()?.outbox, bed.foreign.skipped]).toEqual(["900:900:", 1]);
  });

  test("are told by an older Worker not at all, and nothing is lost by it", () => {
    const bed = begun();
    bed.look(primary("p", 100), replica("a", 100));
    bed.pass(10_000);
    expect(bed.ask()?.outbox).toBe("5:5:");
  });
});

describe("when the primary is asked", () => {
  function whole(sleepers: readonly string[] = []): BumpBed {
    const bed = new BumpBed({ nodes: ["p", "a"], sleepers });
    bed.digest({ awake: [...sleepers] });
    bed.ask();
    bed.look(primary("p", 100, [], { outbox: page("5:5:") }), replica("a", 100));
    return bed;
  }

  test("alone, at most each nine seconds, by no alarm, where nothing is open", () => {
    const bed = whole();
    const asked: unknown[] = [];
    for (let second = 1; second <= 30; second++) {
      bed.pass(1_000);
      bed.digest();
      const question = bed.ask();
      if (question) asked.push([second, question.nodes]);
      expect(bed.alarmInMs()).toBeUndefined();
    }
    expect(asked).toEqual([
      [9, ["p"]],
      [18, ["p"]],
      [27, ["p"]],
    ]);
  });

  test("not where it sleeps", () => {
    const bed = whole(["p"]);
    bed.pass(10_000);
    expect(bed.ask()?.nodes).toEqual(["p"]);
    bed.pass(15_000);
    bed.digest({ awake: [] });
    // The other is looked at, since one is missing from those that may prove something.
    expect(bed.ask()?.nodes ?? []).not.toContain("p");
  });
});

describe("a page of what was written", () => {
  const row = (xid: number, id = `m${xid}`, tags: readonly string[] = ["a"]) => [id, String(xid), tags];
  const said = (snapshot: string, rows: readonly unknown[] | null) => JSON.stringify([snapshot, rows]);
  const many = (from: number, count: number) => Array.from({ length: count }, (_, at) => row(from + at));

  test.for([
    ["nothing", null, "5:9:5,7", []],
    ["one with two tags", [row(6, "m", ["a", "b"])], "5:9:5,7", [["m", tagBuckets(["a", "b"])]]],
    [
      "one with 33 tags",
      [
        row(
          6,
          "m",
          Array.from({ length: 33 }, (_, at) => `t${at}`),
        ),
      ],
      "5:9:5,7",
      [["m", null]],
    ],
  ] as const)("of %s goes on from the present", ([, rows, snapshot, marks]) => {
    expect(outboxPage(said(snapshot, rows))).toEqual({ snapshot, isWhole: true, marks });
  });

  test("that is full ends before its last transaction, and goes on from there with what was under way then", () => {
    const full = outboxPage(said("100:900:100,200,355,400", many(100, 256)));
    expect([full?.snapshot, full?.isWhole, full?.marks.length]).toEqual(["100:355:100,200", false, 255]);
    expect(full?.marks.at(-1)?.[0]).toBe("m354");
    expect(outboxPage(said("900:900:", many(100, 256)))?.snapshot).toBe("355:355:");
  });

  test("of one transaction alone is everything, and goes on behind it", () => {
    const rows = Array.from({ length: 256 }, (_, at) => row(100, `m${at}`));
    expect(outboxPage(said("50:900:50,100,101", rows))).toEqual({
      snapshot: "50:101:50,100",
      isWhole: false,
      marks: [["m0", null]],
    });
  });

  test.for([null, undefined, 7, "", "{}", "[1,2]"])("is none where it says %j", (text) => {
    expect(outboxPage(text)).toBeUndefined();
  });
});

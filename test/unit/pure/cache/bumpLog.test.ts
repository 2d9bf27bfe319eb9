import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bumpsPartSchema } from "../../../../src/rpc/parts.ts";
import { BumpBed, lives, NOW } from "./bumpBed.ts";

describe.for(lives)("%s", ([, evicts]) => {
  test("numbers are times, larger than all before, also within one millisecond and on a clock that went back", () => {
    const log = new BumpBed({ evicts });
    const numbers = [log.bump("m1", 1).seq, log.bump("m2", 1).seq];
    log.now += 500;
    numbers.push(log.bump("m3", 1).seq);
    log.now -= 5_000;
    numbers.push(log.bump("m4", 1).seq);
    expect(numbers).toEqual([NOW, NOW + 1, NOW + 500, NOW + 501]);
  });

  test("each bucket carries the number of its newest bump", () => {
    const log = new BumpBed({ evicts });
    log.bump("m1", 1, 2);
    log.now += 10;
    expect(log.bump("m2", 2, 3).buckets).toEqual([
      [1, NOW],
      [2, NOW + 10],
      [3, NOW + 10],
    ]);
  });

  test("a repeat gets the same number, in one digest or another", () => {
    const log = new BumpBed({ evicts });
    const bump = { id: "m1", buckets: [4] };
    const first = log.digest({ bumps: [bump, bump] });
    log.now += 599_000;
    const again = log.digest({ bumps: [bump] });
    expect([again.seq, again.version, again.buckets]).toEqual([first.seq, first.version, [[4, NOW]]]);
  });

  test("a part tells what came after what its reader has, and all of it where that is from another log", () => {
    const log = new BumpBed({ evicts });
    for (const [at, id] of ["m1", "m2", "m3"].entries()) {
      log.now = NOW + at * 10;
      log.bump(id, at);
    }
    const told = (haveSeq: number) => {
      const { since, buckets } = log.digest({ haveSeq });
      return [since, buckets.map(([bucket]) => bucket)];
    };
    expect(told(0)).toEqual([0, [0, 1, 2]]);
    expect(told(NOW)).toEqual([NOW, [1, 2]]);
    expect(told(NOW + 20)).toEqual([NOW + 20, []]);
    expect(told(NOW + 86_400_000)).toEqual([0, [0, 1, 2]]);
  });

  test("where nobody can be asked a bump is live for a minute, whether or not others follow", () => {
    const log = new BumpBed({ evicts });
    log.bump("m1", 7);
    log.now += 59_999;
    expect(log.digest().live).toEqual([{ id: "m1", seq: NOW, buckets: [7] }]);
    log.now += 1;
    expect(log.digest().live).toEqual([]);
    expect(log.part.buckets).toEqual([[7, NOW]]);
  });
});

describe.for(lives)("purges, %s", ([, evicts]) => {
  test("make what was loaded before old, and no bump is live for them", () => {
    const log = new BumpBed({ evicts });
    log.bump("m1", 1);
    log.pass(10);
    expect(log.purge({ wire: 1, kind: "soft", buckets: [1, 2] })).toBe(NOW + 10);
    expect(log.part).toMatchObject({ seq: NOW + 10, version: NOW + 10, purged: [] });
    expect([new Map(log.part.buckets), log.live]).toEqual([
      new Map([
        [1, NOW + 10],
        [2, NOW + 10],
      ]),
      ["m1"],
    ]);
  });

  test("for good are told for ever, to everybody, whatever is known already", () => {
    const log = new BumpBed({ evicts });
    const seq = log.purge({ wire: 1, kind: "hard", buckets: [7] });
    log.pass(86_400_000);
    log.bump("m1", 1);
    expect(log.digest({ haveSeq: seq }).purged).toEqual([[7, NOW]]);
    expect(log.purge({ wire: 1, kind: "hard", buckets: [7] })).toBe(log.now + 1);
    expect(log.part.purged).toEqual([[7, log.now + 1]]);
  });
});

describe.for(lives)("the numbers of the last minute, %s", ([, evicts]) => {
  test("are told by id, those after what its reader has", () => {
    const log = new BumpBed({ evicts });
    log.bump("m1", 1);
    log.pass(59_999);
    log.bump("m2", 1);
    expect(log.part.recent).toEqual([
      ["m1", NOW],
      ["m2", NOW + 59_999],
    ]);
    expect(log.digest({ haveSeq: NOW }).recent).toEqual([["m2", NOW + 59_999]]);
    log.pass(1);
    expect(log.part.recent).toEqual([["m2", NOW + 59_999]]);
  });
});

describe("a log that lost its memory", () => {
  test("gives larger numbers than before, and is another incarnation", () => {
    const log = new BumpBed();
    const before = log.bump("m1", 1);
    log.rows.clear();
    log.now += 3;
    log.evict();
    const after = log.bump("m2", 2);
    expect([after.seq > before.seq, after.incarnation > before.incarnation]).toEqual([true, true]);
  });

  test.for(["stamp", "haveSeq"] as const)(
    "gives larger numbers than any that somebody holds, though the clock went back (%s)",
    (how) => {
      const log = new BumpBed();
      for (let at = 0; at < 50; at++) log.bump(`m${at}`, 1);
      const before = log.bump("last", 1);
      log.rows.clear();
      log.now -= 60_000;
      log.evict();
      const have = { incarnation: before.incarnation, epoch: 0, version: before.seq };
      const after = log.digest({
        bumps: [{ id: "new", buckets: [2] }],
        ...(how === "stamp" ? { have } : { haveSeq: before.seq }),
      });
      expect(after.seq).toBeGreaterThan(before.seq);
    },
  );

  test("does not follow numbers from a future that no clock is that far in", () => {
    const log = new BumpBed();
    log.digest({ haveSeq: NOW + 3_600_001 });
    expect(log.bump("m1", 1).seq).toBe(NOW);
  });

  test("takes a new incarnation where somebody holds a later word, once", () => {
    const log = new BumpBed();
    log.bump("m1", 1);
    log.now += 5;
    const have = { incarnation: NOW, epoch: 0, version: NOW + 1 };
    const { incarnation } = log.digest({ have });
    expect(incarnation).toBe(NOW + 5);
    log.now += 5;
    expect(log.digest({ have }).incarnation).toBe(incarnation);
    log.evict();
    expect(log.part.incarnation).toBe(incarnation);
  });

  test.for([["{"], ["null"], ['{"seq":"x"}'], [""]] as const)(
    "because its row is %j begins anew, and does not fail",
    ([row]) => {
      const log = new BumpBed();
      log.bump("m1", 1);
      log.rows.set("bumps", row);
      log.now += 9;
      log.evict();
      expect(log.bump("m2", 2)).toMatchObject({ incarnation: NOW + 9, seq: NOW + 9, buckets: [[2, NOW + 9]] });
    },
  );

  test("of an older version knows what that wrote", () => {
    const log = new BumpBed();
    log.rows.set("bumps", JSON.stringify({ incarnation: 3, seq: 40 }));
    log.evict();
    expect(log.part).toMatchObject({ incarnation: 3, seq: 40, buckets: [], live: [] });
  });
});

test("all is bounded: live bumps, known ids, buckets, the row and the part", () => {
  const log = new BumpBed();
  for (let at = 0; at < 3_000; at++) log.bump(`an-id-as-long-as-ids-of-marks-are-${at}`, at % 1_024, (at * 7) % 1_024);
  const part = log.digest();
  expect([part.live.length, part.buckets.length]).toEqual([256, 1_024]);
  expect(part.live.at(-1)?.seq).toBe(part.seq);
  const row = JSON.parse(log.rows.get("bumps") ?? "");
  expect(row.known).toHaveLength(1_024);
  expect(log.rows.get("bumps")?.length).toBeLessThan(250_000);
  expect(bumpsPartSchema.safeParse(part).success).toBe(true);
  expect(log.bump("an-id-as-long-as-ids-of-marks-are-2999", 1).seq).toBe(part.seq);
});

test("digests without bumps change no row, but for the end of live ones", () => {
  const log = new BumpBed();
  log.bump("m1", 1);
  const { writes } = log;
  for (let second = 0; second < 120; second++) {
    log.now += 1_000;
    log.digest({ haveSeq: NOW });
  }
  expect(log.writes - writes).toBe(1);
});

test("whatever is sent, repeated and forgotten, numbers only grow, and a reader who joins deltas has what the log has", () => {
  const step = fc.oneof(
    fc.record({ does: fc.constant("bump"), id: fc.nat(20), buckets: fc.array(fc.nat(5), { maxLength: 3 }) }),
    fc.record({ does: fc.constant("pass"), ms: fc.integer({ min: -50, max: 700_000 }) }),
    fc.record({ does: fc.constant("read") }),
    fc.record({ does: fc.constant("evict") }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const log = new BumpBed();
      let seq = 0;
      let read = 0;
      const held = new Map<number, number>();
      for (const each of steps) {
        if (each.does === "pass") log.now += each.ms;
        if (each.does === "evict") log.evict();
        if (each.does === "bump") {
          const part = log.bump(`m${each.id}`, ...each.buckets);
          expect(part.seq).toBeGreaterThanOrEqual(seq);
          seq = part.seq;
        }
        if (each.does !== "read") continue;
        const part = log.digest({ haveSeq: read });
        for (const [bucket, newest] of part.buckets) held.set(bucket, newest);
        read = part.seq;
        expect(new Map(log.part.buckets)).toEqual(held);
      }
    }),
  );
});

import { describe, expect, test } from "vitest";
import {
  afterRead,
  MAX_OWED,
  type Owed,
  showsOwed,
  withNumbers,
  withNumbersOf,
  withWrite,
} from "../../../../src/cache/owed.ts";
import { entryOf, NOW } from "./entries.ts";
import { knowledge } from "./knowledge.ts";

const owed = (changes: Partial<Owed> = {}): Owed => ({
  id: "m",
  seq: 0,
  incarnation: 0,
  epoch: "1",
  at: NOW,
  buckets: [1],
  ...changes,
});
const shows = (proof: object, ...debts: Owed[]) => showsOwed(entryOf({ proof }), debts);

describe("a shared answer shows what its reader is owed", () => {
  test.each([
    ["where nothing is owed", {}, [], true],
    ["by the mark that its load saw", { saw: ["m"] }, [owed()], true],
    ["by the number that its load proved", { provenThrough: 7 }, [owed({ seq: 7, incarnation: 1 })], true],
    ["not by a smaller number", { provenThrough: 6 }, [owed({ seq: 7, incarnation: 1 })], false],
    ["not by a number of another life", { provenThrough: 9 }, [owed({ seq: 7, incarnation: 2 })], false],
    ["not while nobody knows the number", { provenThrough: 9 }, [owed()], false],
    ["not where it was loaded unproven", { provenThrough: -1 }, [owed({ seq: 7, incarnation: 1 })], false],
    ["not where one of two is missing", { saw: ["m"] }, [owed(), owed({ id: "n" })], false],
    ["not where a write touched everything", {}, [owed({ id: "n", buckets: null })], false],
    ["not by the mark of several that became one", { saw: [""] }, [owed({ id: "" })], false],
  ] as const)("%s", (_name, proof, debts, expected) => {
    expect(shows(proof, ...debts)).toBe(expected);
  });
});

describe("after a failover", () => {
  const [mine, other] = [owed({ seq: 7, incarnation: 1 }), owed({ id: "n", seq: 8, incarnation: 1 })];

  test("no number says that a write still stands, before the session looked at the database", () => {
    expect(shows({ provenThrough: 9, epoch: "2" }, mine)).toBe(false);
    expect(shows({ saw: ["m"], epoch: "2" }, mine)).toBe(true);
    expect(shows({ provenThrough: 9, epoch: "2" }, { ...mine, epoch: "2" })).toBe(true);
  });

  test("what it finds there stands in the new epoch, and what is lost is owed no more, with all that it implied", () => {
    expect(afterRead([mine, other], "2", [])).toEqual([mine, other].map((each) => ({ ...each, epoch: "2" })));
    expect(afterRead([mine, other], "2", ["n"])).toEqual([]);
    const later = owed({ id: "l", epoch: "2" });
    expect(afterRead([mine, later], "2", ["m"])).toEqual([later]);
    const same = [mine];
    expect(afterRead(same, "1", [])).toBe(same);
  });
});

describe("what a session is owed", () => {
  const many = (count: number, seq = 0) =>
    Array.from({ length: count }, (_, n) =>
      owed({ id: `m${n}`, seq: seq && seq + n, incarnation: seq ? 1 : 0, buckets: [n] }),
    );

  test("makes one of two that have numbers before it makes one of any that has none", () => {
    const numbers = [0, 3, 0, 5, 0, 0, 0, 0];
    const debts = numbers.map((seq, at) => owed({ id: `${at}`, seq, incarnation: seq && 1, buckets: [at] }));
    const [one, ...rest] = withWrite(debts, { id: "new", epoch: "1" }, [99], NOW);
    expect(one).toEqual(owed({ id: "", seq: 5, incarnation: 1, buckets: [1, 3] }));
    expect(rest.map(({ id }) => id)).toEqual(["0", "2", "4", "5", "6", "7", "new"]);
  });

  test("grows with each write, once, and the oldest two become one beyond eight", () => {
    expect(withWrite([owed()], { id: "m", epoch: "1" }, [3], NOW)).toEqual([owed({ buckets: [3] })]);
    const nine = withWrite(many(MAX_OWED), { id: "new", epoch: "1" }, [99], NOW);
    expect(nine).toHaveLength(MAX_OWED);
    expect(nine[0]).toEqual(owed({ id: "", buckets: [0, 1] }));
    expect(withWrite(many(MAX_OWED, 10), { id: "new", epoch: "1" }, [99], NOW)[0]).toEqual({
      id: "",
      seq: 11,
      epoch: "1",
      incarnation: 1,
      at: NOW,
      buckets: [0, 1],
    });
  });

  test("of a write that touches more than twelve buckets touches everything", () => {
    const wide = Array.from({ length: 13 }, (_, n) => n);
    expect(withWrite([], { id: "m", epoch: "1" }, wide, NOW)[0]?.buckets).toBeNull();
    expect(withWrite([], { id: "m", epoch: "1" }, wide.slice(1), NOW)[0]?.buckets).toHaveLength(12);
  });

  test("gets its numbers from the world, and from what the session has of them elsewhere", () => {
    const debts = [owed(), owed({ id: "n", seq: 3, incarnation: 1 })];
    expect(withNumbers(debts, knowledge())).toBe(debts);
    expect(
      withNumbers(
        debts,
        knowledge({
          recent: new Map([
            ["m", 5],
            ["n", 9],
          ]),
        }),
      ),
    ).toEqual([owed({ seq: 5, incarnation: 1 }), debts[1]]);
    expect(
      withNumbersOf([owed(), owed({ id: "" })], [owed({ seq: 5, incarnation: 1 }), owed({ id: "", seq: 4 })]),
    ).toEqual([owed({ seq: 5, incarnation: 1 }), owed({ id: "" })]);
  });
});

import { describe, expect, test } from "vitest";
import { type FillRead, fillProof, fillQuestion } from "../../../../src/cache/fillProof.ts";
import { knowledge } from "./knowledge.ts";

const LIVE = new Map([
  ["a", { seq: 4, buckets: [1] }],
  ["b", { seq: 5, buckets: [1, 2] }],
  ["c", { seq: 5, buckets: [3] }],
]);
const known = knowledge({ live: LIVE });
/** `bits`: bit n for the n-th that was asked for. */
const read = (bits: number, changes: Partial<NonNullable<FillRead["facts"]>> = {}, node = "b"): FillRead => ({
  node,
  facts: {
    held: [0, 1, 2].filter((each) => (bits & (1 << each)) !== 0),
    process: "1.1",
    epoch: "1",
    isPrimary: false,
    ...changes,
  },
});

test("a load asks for the live bumps of its buckets, this isolate's own writes, and what its reader is owed", () => {
  expect(fillQuestion(known, [2], [])).toEqual({ bumps: ["b"], isTooMany: false });
  expect(fillQuestion(known, [1], ["x", "a"]).bumps).toEqual(["a", "b", "x"]);
  expect(
    fillQuestion(
      knowledge({
        own: new Map([
          ["o", [1]],
          ["p", [9]],
        ]),
      }),
      [1],
      [],
    ).bumps,
  ).toEqual(["o"]);
  const many = new Map(Array.from({ length: 289 }, (_, n) => [`m${n}`, { seq: n, buckets: [1] }]));
  expect(fillQuestion(knowledge({ live: many }), [1], [])).toMatchObject({ isTooMany: true, bumps: { length: 288 } });
});

describe("a load proves all that is numbered", () => {
  const question = { bumps: ["a", "b"], isTooMany: false };
  const through = (reads: FillRead[], asked = question, by = known) => fillProof(by, asked, reads).provenThrough;

  test.each([
    ["where it shows all that are live, from a process that holds the rest", [read(0b11)], 5],
    ["in each of its reads", [read(0b11), read(0b11)], 5],
    ["not where one of them lacks one", [read(0b11), read(0b01)], -1],
    ["not where it lacks one", [read(0b01)], -1],
    ["not from a process that is not known to hold the rest", [read(0b11, { process: "2.1" })], -1],
    ["not from a node of the same process name", [read(0b11, {}, "c")], -1],
    ["not in another epoch than the word's", [read(0b11, { epoch: "2" })], -1],
    ["not where a node could not say", [{ node: "b", facts: undefined }], -1],
  ] as const)("%s", (_name, reads, expected) => {
    expect(through([...reads])).toBe(expected);
  });

  test("not without a word, not without its epoch, and not where more are live than it asked for", () => {
    expect(through([read(0)], { bumps: [], isTooMany: false }, knowledge({ seq: -1 }))).toBe(-1);
    expect(through([read(0)], { bumps: [], isTooMany: false }, knowledge({ epoch: undefined }))).toBe(-1);
    expect(through([read(0b11)], { ...question, isTooMany: true })).toBe(-1);
    expect(through([read(0)], { bumps: [], isTooMany: false })).toBe(5);
  });

  test("though it lacks what only its reader is owed; and it keeps what it saw", () => {
    const asked = { bumps: ["a", "b", "mine"], isTooMany: false };
    expect(fillProof(known, asked, [read(0b011)])).toEqual({
      incarnation: 1,
      provenThrough: 5,
      knownThrough: 5,
      epoch: "1",
      saw: ["a", "b"],
    });
    expect(fillProof(known, asked, [read(0b111)]).saw).toEqual(["a", "b", "mine"]);
  });

  test("where nothing had to be read, as of its moment", () => {
    expect(fillProof(known, { bumps: [], isTooMany: false }, []).provenThrough).toBe(5);
  });
});

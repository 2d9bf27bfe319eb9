import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  CLOCK_SKEW_MS,
  MAX_BUMPS,
  MAX_NODES,
  MAX_REPORT_CHARS,
  STALE_REPORT_MS,
  WIRE,
} from "../../../../src/rpc/constants.ts";
import { readMessage, readReport } from "../../../../src/rpc/readMessage.ts";
import { replySchema } from "../../../../src/rpc/reply.ts";
import type { Report } from "../../../../src/rpc/report.ts";
import { recorded } from "./recorded.ts";

const NOW = 1_790_000_360_000;
const report = recorded("report") as Report;
const textOf = (changes: object = {}) => JSON.stringify({ ...report, ...changes });
const haveFrom = (incarnation: number) => ({ breaker: { incarnation, epoch: 0, version: 0 } });
const [outcome] = report.outcomes;
const [bump] = report.bumps;

test.for<[string, string, unknown, unknown]>([
  ["stale", "held back for longer than evidence counts", textOf(), STALE_REPORT_MS + 1],
  ["stale", "held back for ever", textOf(), Number.POSITIVE_INFINITY],
  ["oversized", "one character too long", textOf().padEnd(MAX_REPORT_CHARS + 1), 0],
  ["future", "of a later wire", textOf({ wire: WIRE + 1 }), 0],
  ["future", "of a later wire, in a shape that nobody knows yet", `{"wire":${WIRE + 1}}`, 0],
  ["future", "of an endless wire", '{"wire":1e999}', 0],
  ["future", "that heard an owner who is not made yet", textOf({ have: haveFrom(NOW + CLOCK_SKEW_MS + 1) }), 0],
  ["malformed", "no text", report, 0],
  ["malformed", "nothing", undefined, 0],
  ["malformed", "empty", "", 0],
  ["malformed", "cut off", textOf().slice(0, -1), 0],
  ["malformed", "not an object", "[]", 0],
  ["malformed", "null", "null", 0],
  ["malformed", "without a wire", textOf({ wire: undefined }), 0],
  ["malformed", "held back for less than no time", textOf(), -1],
  ["malformed", "held back for no number", textOf(), Number.NaN],
  ["malformed", "held back for a text", textOf(), "0"],
  ["malformed", "with a negative count", textOf({ outcomes: [{ ...outcome, failed: -1 }] }), 0],
  ["malformed", "with half an outcome", textOf({ outcomes: [{ ...outcome, ok: 0.5 }] }), 0],
  ["malformed", "with an unsafe count", textOf({ requests: 2 ** 60 }), 0],
  ["malformed", "with an unknown kind of outcome", textOf({ outcomes: [{ ...outcome, kind: "guess" }] }), 0],
  [
    "malformed",
    "of more nodes than there can be",
    textOf({ asks: { ...report.asks, checks: Array(MAX_NODES + 1).fill("n") } }),
    0,
  ],
  ["malformed", "of more bumps than may be told at once", textOf({ bumps: Array(MAX_BUMPS + 1).fill(bump) }), 0],
  ["malformed", "with a bucket that is none", textOf({ bumps: [{ ...bump, buckets: [1_024] }] }), 0],
  ["malformed", "with a name that is too long", textOf({ id: "x".repeat(37) }), 0],
])("a report is refused as %s: %s", ([refused, , text, heldMs]) => {
  expect(readReport(text, heldMs, NOW)).toEqual({ refused });
});

test.for<[string, unknown, unknown]>([
  ["just as old as may be", textOf(), STALE_REPORT_MS],
  ["just as long as may be", textOf().padEnd(MAX_REPORT_CHARS), 0],
  ["of an owner whose clock runs ahead a little", textOf({ have: haveFrom(NOW + CLOCK_SKEW_MS) }), 0],
  ["that heard nothing yet", textOf({ have: {} }), 0],
])("a report is taken: %s", ([, text, heldMs]) => {
  expect(readReport(text, heldMs, NOW)).toHaveProperty("report");
});

test("what is too long is not even parsed", () => {
  const parse = vi.spyOn(JSON, "parse");
  try {
    readReport("x".repeat(MAX_REPORT_CHARS + 1), 0, NOW);
    readMessage(replySchema, "x".repeat(101), 100);
    expect(parse).not.toHaveBeenCalled();
  } finally {
    parse.mockRestore();
  }
});

describe("whatever comes", () => {
  const REFUSALS = ["stale", "oversized", "future", "malformed"];
  /** Texts from anywhere, and reports with one thing in them replaced by another. */
  const hostile = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.json(),
    fc.anything(),
    fc
      .tuple(fc.constantFrom(...Object.keys(report)), fc.oneof(fc.jsonValue(), fc.constant(undefined)))
      .map(([key, value]) => JSON.stringify({ ...report, [key]: value })),
    fc.tuple(fc.nat(textOf().length), fc.string({ maxLength: 3 })).map(([at, put]) => {
      return textOf().slice(0, at) + put + textOf().slice(at + put.length);
    }),
  );

  test("reading a report throws nothing, and what is taken is a whole report", () => {
    fc.assert(
      fc.property(hostile, fc.oneof(fc.anything(), fc.nat()), (text, heldMs) => {
        const read = readReport(text, heldMs, NOW);
        if ("refused" in read) expect(REFUSALS).toContain(read.refused);
        else expect(Object.keys(read.report).sort()).toEqual(Object.keys(report).sort());
      }),
      { numRuns: 1_000 },
    );
  });

  test("reading a reply throws nothing, and what is understood is read the same a second time", () => {
    const reply = recorded("reply") as object;
    const replies = fc
      .tuple(fc.constantFrom(...Object.keys(reply)), fc.jsonValue())
      .map(([key, value]) => JSON.stringify({ ...reply, [key]: value }));
    fc.assert(
      fc.property(fc.oneof(hostile, replies), (text) => {
        const read = readMessage(replySchema, text, MAX_REPORT_CHARS);
        if (read) expect(readMessage(replySchema, JSON.stringify(read), MAX_REPORT_CHARS)).toEqual(read);
      }),
      { numRuns: 1_000 },
    );
  });

  test("depth and names of prototypes do no harm", () => {
    const deep = `${"[".repeat(8_000)}${"]".repeat(8_000)}`;
    expect(readReport(deep, 0, NOW)).toEqual({ refused: "malformed" });
    const polluted = textOf().replace("{", '{"__proto__":{"wire":9,"polluted":true},"constructor":1,');
    expect(readReport(polluted, 0, NOW)).toEqual({ report });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

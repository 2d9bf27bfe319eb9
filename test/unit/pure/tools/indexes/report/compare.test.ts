import { describe, expect, it } from "vitest";
import { compare } from "../../../../../../tools/indexes/report/compare.ts";
import type { Measurement } from "../../../../../../tools/indexes/report/measurement.ts";
import { browse, fast, measured } from "./bed.ts";

const later = (change: Partial<Measurement> = {}) => measured({ label: "after", queries: [fast()], ...change });
const PITCHES = { name: "pitches", rows: 1_000, bytes: 1, analysed: "yes" } as const;

describe("two baselines beside each other", () => {
  it("claim what is faster and what reads fewer buffers, with an interval", () => {
    const { queries, overall, obstacles } = compare(measured(), later());
    expect(obstacles).toEqual([]);
    expect(queries).toMatchObject([
      { latency: "faster", buffers: "fewer", p50: { ratio: expect.closeTo(1.09 / 109) } },
    ]);
    expect(overall?.high).toBeLessThan(0.02);
  });

  it("take what did not change as a control: its ratio is the machine's", () => {
    const point = (ms: number) => browse({ name: "point", buffers: 3, ms: browse().ms.map(() => ms) });
    const { control } = compare(measured({ queries: [browse(), point(1)] }), later({ queries: [fast(), point(2)] }));
    expect(control).toEqual({ ratio: 2, low: 2, high: 2 });
    expect(compare(measured(), later()).control).toBeUndefined();
  });

  it("call nothing slower that is no slower than the control, nor faster", () => {
    const point = (name: string, ms: number, buffers = 3) =>
      browse({ name, buffers, ms: browse().ms.map((_, round) => ms + round / 1_000) });
    const { queries } = compare(
      measured({ queries: [point("control", 1), point("as slow", 1), point("worse", 1, 9)] }),
      later({ queries: [point("control", 2), point("as slow", 2), point("worse", 8, 1)] }),
    );
    expect(queries.map(({ latency }) => latency)).toEqual(["undecided", "undecided", "slower"]);
  });

  it.each([
    ["slower", fast(), browse(), { latency: "slower", buffers: "more" }],
    ["undecided", browse(), browse({ ms: browse().ms.toReversed() }), { latency: "undecided", buffers: "same" }],
  ])("say %s where it is", (_, then, now, expected) => {
    const { queries } = compare(measured({ queries: [then] }), later({ queries: [now] }));
    expect(queries).toMatchObject([expected]);
  });

  it.each([
    ["empty", { ...PITCHES, rows: 0 }, /pitches was empty when "before"/],
    ["never analysed", { ...PITCHES, analysed: "never" }, /never analysed when "before"/],
    ["analysed when it was smaller", { ...PITCHES, analysed: "stale" }, /had grown since its last ANALYZE/],
  ] as const)("claim nothing of a table that was %s, however good the numbers", (_, table, reason) => {
    const { queries, overall } = compare(measured({ tables: [table] }), later());
    expect(queries).toMatchObject([{ noClaim: expect.stringMatching(reason) }]);
    expect(overall).toBeUndefined();
  });

  it("claim nothing of a query whose SQL changed under its name", () => {
    const { queries } = compare(measured(), later({ queries: [fast({ text: "b" })] }));
    expect(queries).toMatchObject([{ noClaim: "its SQL changed in between" }]);
  });

  it("leave aside what only one of them has, or could not run", () => {
    const { left, queries } = compare(
      measured({ queries: [browse({ name: "gone" }), browse({ name: "broken", trouble: "timed out" })] }),
      later({ queries: [browse({ name: "new" }), browse({ name: "broken" })] }),
    );
    expect(queries).toEqual([]);
    expect(left).toEqual([
      { name: "new", sample: "rare", reason: 'only in "after"' },
      { name: "broken", sample: "rare", reason: "timed out" },
      { name: "gone", sample: "rare", reason: 'only in "before"' },
    ]);
  });

  it.each<[string, Partial<Measurement>]>([
    ["commit", { commit: "def" }],
    ["data", { tables: [{ ...PITCHES, rows: 2_000 }] }],
    ["machine", { machine: { ...measured().machine, cores: 64 } }],
    ["postgres", { postgres: { version: "17.0", settings: { shared_buffers: "256MB" } } }],
    ["postgres", { postgres: { version: "18.4", settings: { shared_buffers: "8GB" } } }],
  ])("tell that the %s is another", (kind, change) => {
    expect(compare(measured(), later(change)).obstacles).toMatchObject([{ kind }]);
  });

  it("take estimates of the same rows for the same", () => {
    const { obstacles } = compare(measured(), later({ tables: [{ ...PITCHES, rows: 1_030 }] }));
    expect(obstacles).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { compare } from "../../../../../../tools/indexes/report/compare.ts";
import { logScale, placeOf } from "../../../../../../tools/indexes/report/plot.ts";
import { reportHtml } from "../../../../../../tools/indexes/report/reportHtml.ts";
import { reportMarkdown } from "../../../../../../tools/indexes/report/reportMarkdown.ts";
import { browse, fast, measured } from "./bed.ts";

const insert = { name: "pitches.insert", sample: "usual", kind: "write", text: "i" } as const;
const comparison = compare(
  measured({ queries: [browse(), browse({ ...insert, walBytes: 487 }), browse({ name: "<gone>" })] }),
  measured({
    label: "after",
    queries: [fast(), fast({ ...insert, walBytes: 833 })],
    indexes: [
      { name: "by_genre", table: "pitches", definition: 'CREATE INDEX by_genre ON pitches ("a<b")', bytes: 8_192 },
    ],
  }),
);

describe("a report", () => {
  const html = reportHtml(comparison);
  const markdown = reportMarkdown(comparison);

  it.each([
    ["HTML", html],
    ["Markdown", markdown],
  ])("in %s tells buffers, latency with its interval, write cost, the indexes and what has no numbers", (_, report) => {
    expect(report).toContain("25,001 → 22");
    expect(report).toMatch(/0\.01 \(0\.\d+ to 0\.\d+\)/);
    expect(report).toContain("487 → 833");
    expect(report).toMatch(/added: `?CREATE INDEX by_genre/);
    expect(report).toMatch(/gone(>|&gt;) \(rare\): only in/);
    expect(report).toContain("99 % interval by paired bootstrap");
  });

  it("in HTML needs nothing from anywhere: no script, no address, no link", () => {
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|https?:|src=|href=/);
  });

  it("in HTML escapes what comes from the database", () => {
    expect(html).toContain("&lt;gone&gt;");
    expect(html).toContain("a&lt;b");
    expect(html).not.toContain("<gone>");
  });

  it("in HTML has all its plots, each with a mark for each query", () => {
    expect(html.match(/<svg /g)).toHaveLength(3);
    expect(html.match(/<circle /g)).toHaveLength(2);
    expect(html.match(/<rect /g)).toHaveLength(6);
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("begins with the machine's own speed where that changed, and names the reads that are dearer now", () => {
    const steady = browse({ name: "marks.by-id", buffers: 2, ms: Array.from({ length: 20 }, (_, at) => 1 + at / 100) });
    const before = measured({ queries: [steady, browse({ buffers: 20 })] });
    const slower = { ...steady, ms: steady.ms.map((ms) => ms * 3) };
    const after = measured({ label: "after", queries: [slower, browse({ buffers: 400 })] });
    const [, , first = ""] = reportMarkdown(compare(before, after)).split("\n");
    expect(first).toMatch(/^Reads whose plan and buffers did not change took 3 .* times as long/);
    expect(reportMarkdown(compare(before, after))).toContain(
      "Reads with more buffers, 1 in all: pitches.browse (rare) 20 → 400.",
    );
    expect(reportMarkdown(compare(before, before))).not.toContain("Reads with more buffers");
  });

  it("claims nothing and draws nothing where nothing may be claimed", () => {
    const empty = compare(measured({ tables: [] }), measured({ label: "after", queries: [] }));
    expect(reportMarkdown(empty)).toContain("Nothing is claimed");
    expect(reportHtml(empty)).not.toContain("<svg");
  });
});

describe("a logarithmic axis", () => {
  it("ends at whole powers of ten, with 1 always on it", () => {
    expect(logScale([22, 25_001])).toEqual({ min: 1, max: 100_000 });
    expect(logScale([0.03, 0.4])).toEqual({ min: 0.01, max: 1 });
    expect(logScale([])).toEqual({ min: 1, max: 10 });
  });

  it.each([
    [1, 0],
    [10, 0.5],
    [100, 1],
    [0, 0],
    [1_000, 1],
  ])("puts %d at %d of its length", (value, place) => {
    expect(placeOf(value, { min: 1, max: 100 })).toBeCloseTo(place, 12);
  });
});

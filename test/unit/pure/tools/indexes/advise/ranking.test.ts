import { describe, expect, it } from "vitest";
import type { Candidate } from "../../../../../../tools/indexes/advise/candidate.ts";
import { judgeTrial } from "../../../../../../tools/indexes/advise/judgeTrial.ts";
import { mergedWorkload } from "../../../../../../tools/indexes/advise/mergedWorkload.ts";
import { type Proven, rankProven } from "../../../../../../tools/indexes/advise/rankProven.ts";
import type { Trial } from "../../../../../../tools/indexes/advise/trial.ts";
import { worthwhile } from "../../../../../../tools/indexes/advise/worthwhile.ts";
import { counted } from "./bed.ts";

const browse = counted();
const list = counted({ name: "pitches.of-creator" });

function candidate(name: string): Candidate {
  const origin = { kind: "proposed" } as const;
  const place = { schema: "public", relation: "pitches", table: "pitches" };
  return { name, ...place, definition: "pitches (genre)", isUnique: false, origin, queries: [browse] };
}

function tried(runs: readonly (readonly [typeof browse, number, number])[], name = "new"): Trial {
  return {
    candidate: candidate(name),
    runs: runs.map(([query, before, after]) => ({ query, sample: "rare", before, after })),
    indexBytes: 8_192,
    buildMs: 1,
  };
}

describe("a trial", () => {
  it("helps by the time that was counted and the share of buffers saved", () => {
    const judged = judgeTrial(
      tried([
        [browse, 1_000, 100],
        [browse, 1_000, 900],
        [list, 50, 50],
      ]),
    );
    expect(judged).toMatchObject({ kind: "helps", best: { before: 1_000, after: 100 }, savedMs: 500 });
  });

  it.each([
    ["nothing becomes half as much", [[browse, 1_000, 501]]],
    [
      "another query than its own is helped",
      [
        [browse, 1_000, 1_000],
        [list, 1_000, 1],
      ],
    ],
    ["none of its queries could be run", [[list, 10, 10]]],
  ] as const)("is useless when %s", (_, runs) => {
    expect(judgeTrial(tried(runs)).kind).toBe("useless");
  });

  it("harms when a query as a whole reads a fifth more, however much another saves", () => {
    const judged = judgeTrial(
      tried([
        [browse, 10_000, 10],
        [list, 100, 121],
      ]),
    );
    expect(judged).toMatchObject({ kind: "harms", worst: { query: list, after: 121 } });
  });

  it("helps and says which runs became worse, where the query as a whole did not", () => {
    const judged = judgeTrial(
      tried([
        [browse, 10_000, 10],
        [browse, 100, 190],
        [browse, 100, 300],
      ]),
    );
    expect(judged).toMatchObject({ kind: "helps", best: { after: 10 }, worse: [{ after: 300 }, { after: 190 }] });
  });

  it("does not harm by a page or two", () => {
    expect(
      judgeTrial(
        tried([
          [browse, 10_000, 10],
          [list, 3, 6],
        ]),
      ).kind,
    ).toBe("helps");
  });
});

describe("the rank of what is proven", () => {
  const proven = (name: string, savedMs: number, walPerWrite: number | undefined, writes: number): Proven => {
    const trial = tried([[browse, 10, 1]], name);
    const [best = { query: browse, sample: "", before: 0, after: 0 }] = trial.runs;
    return { trial, judgement: { kind: "helps", best, worse: [], savedMs }, walPerWrite, writes };
  };

  it("is time saved for each byte of WAL", () => {
    const ranked = rankProven([
      proven("dear", 1_000, 100, 1_000),
      proven("cheap", 500, 10, 1_000),
      proven("on a table that is only read", 10, 100, 0),
      proven("small", 20, undefined, 50),
    ]);
    expect(ranked.map(({ trial }) => trial.candidate.name)).toEqual([
      "small",
      "on a table that is only read",
      "cheap",
      "dear",
    ]);
  });
});

describe("the workload", () => {
  const statement = { ...counted({ name: undefined, text: "SELECT", source: "pg_stat_statements" }), queryId: "1" };

  it("names the application's statements, and sums nodes and texts of one name", () => {
    const merged = mergedWorkload(
      [[statement, { ...statement, queryId: "2", slowMs: 90 }], [statement]],
      new Map([
        ["1", "pitches.browse"],
        ["2", "pitches.browse"],
      ]),
      [],
    );
    expect(merged).toMatchObject([{ name: "pitches.browse", calls: 300, totalMs: 3_000, slowMs: 90 }]);
  });

  it.each([
    ["the Worker", 5_000, "worker"],
    ["the database", 10, "pg_stat_statements"],
  ])("counts a query of both once, as %s does which counted more", (_, totalMs, source) => {
    const merged = mergedWorkload([[statement]], new Map([["1", "pitches.browse"]]), [counted({ totalMs })]);
    expect(merged).toMatchObject([{ name: "pitches.browse", source }]);
  });

  it("keeps unknown statements apart", () => {
    expect(mergedWorkload([[statement, { ...statement, queryId: "2" }]], new Map(), [])).toHaveLength(2);
  });

  it.each([
    ["slow at times", { slowMs: 20, totalMs: 1 }, true],
    ["a large share", { slowMs: 1, totalMs: 100 }, true],
    ["neither", { slowMs: 1, totalMs: 1 }, false],
  ])("is worth looking at where it is %s", (_, change, isWorth) => {
    const rest = counted({ name: "rest", totalMs: 1_000, slowMs: 1 });
    expect(worthwhile([rest, counted({ name: "it", ...change })]).some(({ name }) => name === "it")).toBe(isWorth);
  });
});

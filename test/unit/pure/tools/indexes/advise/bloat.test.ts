import { describe, expect, it } from "vitest";
import { bloatedIndexes } from "../../../../../../tools/indexes/advise/bloatedIndexes.ts";
import type { BtreeFacts } from "../../../../../../tools/indexes/advise/btreeFacts.ts";
import { estimatedPages } from "../../../../../../tools/indexes/advise/estimatedPages.ts";

const uuid = { widthBytes: 16, nullShare: 0 };
const btree: BtreeFacts = {
  schema: "public",
  name: "pitches_pkey",
  qualified: "public.pitches_pkey",
  pages: 10_000,
  rows: 500_000,
  columns: [uuid],
  fillFactor: 90,
  pageBytes: 8_192,
  leafFreeShare: null,
  isKnown: true,
};

describe("pages that a btree needs", () => {
  it.each([
    // 8,152 bytes of a page at 90 %, 28 an entry (line pointer 4, header 8, uuid 16): 262 a page.
    ["uuids", { columns: [uuid] }, 1 + Math.ceil(500_000 / 262)],
    ["uuids packed full", { columns: [uuid], fillFactor: 100 }, 1 + Math.ceil(500_000 / 291)],
    // Padded to 8, and a header with a bitmap of nulls.
    [
      "short texts, a half of them null",
      { columns: [{ widthBytes: 10, nullShare: 0.5 }] },
      1 + Math.ceil(500_000 / 262),
    ],
    ["a time and a uuid", { columns: [{ widthBytes: 8, nullShare: 0 }, uuid] }, 1 + Math.ceil(500_000 / 203)],
    ["nothing", { rows: 0 }, 1],
  ])("of %s are counted as nbtree lays them out", (_, change, pages) => {
    expect(estimatedPages({ ...btree, ...change })).toBe(pages);
  });
});

describe("a bloated index", () => {
  it("is mostly air, and as much of it as is worth a rebuild", () => {
    expect(bloatedIndexes([btree])).toMatchObject([
      {
        object: "public.pitches_pkey",
        certainty: "estimated",
        numbers: { pages: 10_000, neededPages: 1_910, bloatShare: 0.809 },
        command: "REINDEX INDEX CONCURRENTLY public.pitches_pkey;",
      },
    ]);
  });

  it.each<[string, Partial<BtreeFacts>]>([
    ["as full as random keys leave it", { pages: 2_700 }],
    ["small", { pages: 900, rows: 100 }],
    ["of columns without statistics", { isKnown: false }],
    ["smaller than expected, its equal keys stored once", { pages: 400 }],
    ["seen to be full, whatever statistics say", { leafFreeShare: 0.12 }],
  ])("is not one that is %s", (_, change) => {
    expect(bloatedIndexes([{ ...btree, ...change }])).toEqual([]);
  });

  it("is measured where its pages can be looked at, statistics or not", () => {
    expect(bloatedIndexes([{ ...btree, isKnown: false, leafFreeShare: 0.82 }])).toMatchObject([
      { certainty: "measured", numbers: { bloatShare: 0.8, neededPages: 2_000 } },
    ]);
  });
});

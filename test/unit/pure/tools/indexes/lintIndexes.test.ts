import { describe, expect, it } from "vitest";
import type { IndexEntry } from "../../../../../sql/indexes/entry.ts";
import type { LintFacts } from "../../../../../tools/indexes/lint/facts.ts";
import { lintIndexes } from "../../../../../tools/indexes/lintIndexes.ts";

const LIST = `SELECT p.id FROM things p JOIN users u ON u.id = p.user_id
WHERE p.status = 'published' AND p.genre = $1 AND (p.created_at, p.id) < ($2::timestamptz, $3::uuid)
ORDER BY p.created_at DESC, p.id DESC
LIMIT $4`;

const FACTS: LintFacts = {
  constraints: [
    { name: "things_pkey", definition: "things (id)" },
    { name: "pairs_pkey", definition: "pairs (one, other)" },
  ],
  updated: { things: { hot: ["views", "title"], rare: ["genre"] } },
  texts: [
    { name: "things.list", shape: "genre", text: LIST },
    { name: "things.list", shape: "all", text: LIST.replace(" AND p.genre = $1", "") },
    { name: "things.oldest", shape: undefined, text: "SELECT FROM things ORDER BY created_at, id LIMIT $1" },
    { name: "things.nulls", shape: undefined, text: "SELECT FROM things ORDER BY created_at DESC NULLS LAST LIMIT $1" },
  ],
};

function entry(definition: string, more: Partial<IndexEntry> = {}): IndexEntry {
  return {
    name: "the_index",
    table: "things",
    columns: [],
    definition,
    phase: 1,
    queries: [],
    proofs: [],
    writeBudget: { walPerInsert: 2, hotLoss: 0 },
    dropRule: "never",
    verdict: { kind: "ship" },
    ...more,
  };
}

const proof = (query: string, shape?: string) => ({
  query,
  ...(shape === undefined ? {} : { shape }),
  maxBuffers: { common: 1, rare: 1 },
});

function rulesOf(definition: string, more: Partial<IndexEntry> = {}, others: readonly IndexEntry[] = []) {
  const findings = lintIndexes([entry(definition, more), ...others], FACTS);
  return findings.filter(({ entry: name }) => name === (more.name ?? "the_index")).map(({ rule }) => rule);
}

describe("a column pinned by the index's own predicate", () => {
  it.each([
    ["in front", "things (status, genre) WHERE status = 'published'", ["pinned-column"]],
    ["at the end", "things (genre, status) WHERE status = 'published'", ["pinned-column"]],
    [
      "as the server prints it",
      "things USING btree (status, id) WHERE (status = 'published'::text)",
      ["pinned-column"],
    ],
    ["among several conditions", "things (id, kind) WHERE kind = 'a' AND read_at IS NULL", ["pinned-column"]],
    ["as nothing", "things (read_at, genre) WHERE read_at IS NULL", ["pinned-column"]],
    ["not, where the predicate holds another column", "things (genre) WHERE status = 'published'", []],
    ["not, where the predicate leaves several values", "things (status) WHERE status <> 'draft'", []],
    ["not, where either of two is enough", "things (status) WHERE status = 'a' OR genre = 'b'", []],
    ["not, without a predicate", "things (status, genre)", []],
    ["not, in an expression of it", "things (lower(status)) WHERE status = 'published'", []],
  ])("is found %s", (_, definition, rules) => {
    expect(rulesOf(definition)).toEqual(rules);
  });

  it("comes with the definition that can be sought", () => {
    const definition = "things (status, genre, created_at DESC) WHERE status = 'published'";
    expect(lintIndexes([entry(definition)], FACTS)[0]).toMatchObject({
      fixed: "things (genre, created_at DESC) WHERE status = 'published'",
    });
  });
});

describe("an index that another one makes superfluous", () => {
  const wider = entry("things (genre, created_at DESC)", { name: "wider" });
  it.each([
    ["the same keys", "things (genre, created_at DESC)", {}, ["duplicate"]],
    ["the same keys backwards", "things (genre DESC, created_at)", {}, ["duplicate"]],
    ["the first key", "things (genre)", {}, ["redundant-prefix"]],
    ["the first key, as the server prints it", "public.things USING btree (genre)", {}, ["redundant-prefix"]],
    ["the first key backwards", "things (genre DESC)", {}, ["redundant-prefix"]],
    ["the keys of the primary key", "things (id)", {}, ["duplicate"]],
    ["the first key of a constraint", "pairs (one)", { table: "pairs" }, ["redundant-prefix"]],
    ["a unique copy of a constraint", "things (id)", { isUnique: true }, ["duplicate"]],
  ] as const)("is found: %s", (_, definition, more, rules) => {
    expect(rulesOf(definition, more, [wider])).toEqual(rules);
  });

  it.each([
    ["it enforces a rule", "things (genre)", { isUnique: true }],
    ["it has other rows", "things (genre) WHERE status = 'published'", {}],
    ["another operator class", "things (genre text_pattern_ops)", {}],
    ["another collation", 'things (genre COLLATE "C")', {}],
    ["another method", "things USING hash (genre)", {}],
    ["it carries what the other does not", "things (genre) INCLUDE (logline)", {}],
    ["another key comes first", "things (created_at DESC)", {}],
    ["one direction of two", "things (genre, created_at)", {}],
    ["nulls at the other end", "things (genre NULLS FIRST)", {}],
  ] as const)("is not found where %s", (_, definition, more) => {
    expect(rulesOf(definition, more, [wider])).toEqual([]);
  });

  it("is not found where the other one is not to be shipped", () => {
    const rejected = { ...wider, verdict: { kind: "rejected", reason: "tried" } } as const;
    expect(rulesOf("things (genre)", {}, [rejected])).toEqual([]);
  });
});

describe("an index over a column that updates change again and again", () => {
  it.each([
    ["as key", "things (views DESC, id DESC)", ["hot-column"]],
    ["in INCLUDE", "things (genre) INCLUDE (views)", ["hot-column"]],
    ["in the predicate", "things (genre) WHERE views > 0", ["hot-column"]],
    ["in an expression", "things (lower(title))", ["hot-column"]],
    ["in the predicate of a BRIN index", "things USING brin (created_at) WHERE views > 0", ["hot-column"]],
    ["not, in BRIN alone", "things USING brin (views)", []],
    ["not, where it changes seldom", "things (genre)", []],
    ["not, in a name that begins alike", "things (title_id)", []],
    ["not, on another table", "others (views)", []],
  ])("is found %s", (_, definition, rules) => {
    expect(rulesOf(definition)).toEqual(rules);
  });

  it("is let be where its budget says what that costs", () => {
    expect(rulesOf("things (views)", { writeBudget: { walPerInsert: 2, hotLoss: 100 } })).toEqual([]);
  });
});

describe("an index that does not give the order of its list", () => {
  it.each([
    ["the order", "things (genre, created_at DESC, id DESC)", proof("things.list", "genre"), []],
    ["the order backwards", "things (genre, created_at, id)", proof("things.list", "genre"), []],
    [
      "the order behind what the text holds",
      "things (status, created_at DESC, id DESC)",
      proof("things.list", "all"),
      [],
    ],
    ["no order", "things (genre)", proof("things.list", "genre"), []],
    ["a filter that is absent", "things (genre, created_at DESC, id DESC)", proof("things.list"), ["absent-filter"]],
    ["no tie-breaker", "things (genre, created_at DESC)", proof("things.list", "genre"), ["missing-tie-breaker"]],
    ["nulls at the other end", "things (created_at DESC NULLS LAST, id)", proof("things.list", "all"), ["nulls-order"]],
    ["nulls at the other end, asked for", "things (created_at DESC)", proof("things.nulls"), ["nulls-order"]],
    ["nulls as asked for", "things (created_at DESC NULLS LAST)", proof("things.nulls"), []],
    ["nulls as asked for, backwards", "things (created_at NULLS FIRST)", proof("things.nulls"), []],
    ["an ascending order backwards", "things (created_at DESC, id DESC)", proof("things.oldest"), []],
    ["other methods", "things USING gin (created_at)", proof("things.list"), []],
  ])("is found by its texts: %s", (_, definition, by, rules) => {
    expect(rulesOf(definition, { proofs: [by] })).toEqual(rules);
  });

  it("is not asked for the order where its proof is not", () => {
    const proofs = [{ ...proof("things.list"), isOrdered: false }];
    expect(rulesOf("things (genre, created_at DESC)", { proofs })).toEqual([]);
  });
});

it("finds names that Postgres would cut off, counted in bytes", () => {
  expect(rulesOf("things (genre)", { name: "a".repeat(63) })).toEqual([]);
  expect(rulesOf("things (genre)", { name: "a".repeat(64) })).toEqual(["long-name"]);
  expect(rulesOf("things (genre)", { name: "ä".repeat(32) })).toEqual(["long-name"]);
});

import { describe, expect, it } from "vitest";
import { conditions } from "../../../../../../tools/indexes/advise/conditions.ts";
import { proposals } from "../../../../../../tools/indexes/advise/proposals.ts";
import { proposedCandidates } from "../../../../../../tools/indexes/advise/proposedCandidates.ts";
import { counted, index } from "./bed.ts";

describe("conditions of a plan", () => {
  it.each([
    ["(p.genre = $1)", [["p", "genre", "=", 1]]],
    [
      "((p.status = 'published'::text) AND (p.genre = $2))",
      [
        ["p", "status", "=", undefined],
        ["p", "genre", "=", 2],
      ],
    ],
    ["((genre)::text = $1)", [[undefined, "genre", "=", 1]]],
    ["(expires_at < $1)", [[undefined, "expires_at", "<", 1]]],
    ["((a = 1) AND ((b = 2) OR (c = 3)))", [[undefined, "a", "=", undefined]]],
    ["(title = 'a AND (b'::text)", [[undefined, "title", "=", undefined]]],
    [
      `(("V"."userId" = $1) AND ("odd AND (name" > 3))`,
      [
        ["V", "userId", "=", 1],
        [undefined, "odd AND (name", ">", undefined],
      ],
    ],
    [`(("orderKind")::text = $2)`, [[undefined, "orderKind", "=", 2]]],
    [`("say ""x""" = $1)`, [[undefined, 'say "x"', "=", 1]]],
    ["(a.x = b.y)", []],
    ["(lower(email) = $1)", []],
    ["(read_at IS NULL)", []],
    ["", []],
  ])("%s", (filter, expected) => {
    const found = conditions(filter).map(({ alias, column, operator, parameter }) => [
      alias,
      column,
      operator,
      parameter,
    ]);
    expect(found).toEqual(expected);
  });
});

const scan = (filter: string, change: object = {}) => ({
  "Node Type": "Seq Scan",
  "Relation Name": "pitches",
  Schema: "public",
  Alias: "p",
  Filter: filter,
  ...change,
});

describe("a proposal", () => {
  it("has the columns that are compared with a value, then those that the rows are sorted by", () => {
    const plan = {
      "Node Type": "Limit",
      Plans: [
        {
          "Node Type": "Sort",
          "Sort Key": ["p.created_at DESC", "p.id DESC", "u.name"],
          Plans: [{ "Node Type": "Hash Join", Plans: [scan("((p.genre = $1) AND (p.views > $2))")] }],
        },
      ],
    };
    expect(proposals(plan)).toEqual([
      { schema: "public", table: "pitches", keys: ["genre", "created_at DESC", "id DESC"] },
    ]);
  });

  it.each([
    ["a range where nothing is sorted", scan("((p.genre = $1) AND (p.views > $2))"), ["genre", "views"]],
    [
      "four columns at most",
      scan("((p.a = 1) AND (p.b = 1) AND (p.c = 1) AND (p.d = 1) AND (p.e = 1))"),
      ["a", "b", "c", "d"],
    ],
  ])("has %s", (_, plan, keys) => {
    expect(proposals(plan)).toMatchObject([{ keys }]);
  });

  it("knows no order through an aggregate", () => {
    const plan = {
      "Node Type": "Sort",
      "Sort Key": ["genre"],
      Plans: [{ "Node Type": "Aggregate", Plans: [scan("(p.status = $1)")] }],
    };
    expect(proposals(plan)).toMatchObject([{ keys: ["status"] }]);
  });

  it.each([
    ["an index scan", scan("(p.genre = $1)", { "Node Type": "Index Scan" })],
    ["a scan that nothing narrows", scan("")],
    ["conditions that no btree answers", scan("(lower(p.title) ~~ $1)")],
  ])("is not made of %s", (_, plan) => {
    expect(proposals(plan)).toEqual([]);
  });
});

describe("a candidate from proposals", () => {
  const query = counted({ name: undefined, text: "SELECT 1" });
  const plan = scan("(p.genre = $1)");
  const large = new Map([["public.pitches", { sqlName: "pitches", writes: 1, pages: 1_000, hotShare: null }]]);

  it("is made once of several statements that want the same", () => {
    const other = counted({ name: undefined, text: "SELECT 2" });
    const found = proposedCandidates(
      [
        { query, plan },
        { query: other, plan },
      ],
      [],
      large,
    );
    expect(found).toMatchObject([
      { name: "pitches_genre_idx", definition: "pitches (genre)", queries: [query, other] },
    ]);
  });

  it.each([
    ["an index begins with its keys", [index("genre", "USING btree (genre, id)")], large],
    [
      "its table is small",
      [],
      new Map([["public.pitches", { sqlName: "pitches", writes: 1, pages: 3, hotShare: null }]]),
    ],
  ])("is not made where %s", (_, indexes, tables) => {
    expect(proposedCandidates([{ query, plan }], indexes, tables)).toEqual([]);
  });

  it("has quotes where its names need them, and a name that needs none and is free", () => {
    const odd = scan(`(("V"."userId" = $1) AND ("V"."order" = 2))`, {
      "Relation Name": "Order Lines",
      Schema: "My App",
      Alias: "V",
    });
    const sorted = { "Node Type": "Sort", "Sort Key": ['"V"."At" DESC', '"V".id'], Plans: [odd] };
    const tables = new Map([
      ["My App.Order Lines", { sqlName: '"My App"."Order Lines"', writes: 1, pages: 1_000, hotShare: null }],
    ]);
    const taken = [index("order_lines_userid_order_at_id_idx", "USING btree (genre)")];
    expect(proposedCandidates([{ query, plan: sorted }], taken, tables)).toMatchObject([
      {
        name: "order_lines_userid_order_at_id_2_idx",
        definition: '"My App"."Order Lines" ("userId", "order", "At" DESC, id)',
        relation: "Order Lines",
      },
    ]);
    const there = {
      ...index("Order Lines By User", ""),
      schema: "My App",
      table: "Order Lines",
      definition: `CREATE INDEX "By User" ON "My App"."Order Lines" USING btree ("userId", "order", "At" DESC, id, x)`,
    };
    expect(proposedCandidates([{ query, plan: sorted }], [there], tables)).toEqual([]);
  });

  it("is made where such an index is invalid, or of some rows alone", () => {
    const none = [
      index("a", "USING btree (genre)", { isValid: false }),
      index("b", "USING btree (genre) WHERE (x = 1)"),
    ];
    expect(proposedCandidates([{ query, plan }], none, large)).toHaveLength(1);
  });
});

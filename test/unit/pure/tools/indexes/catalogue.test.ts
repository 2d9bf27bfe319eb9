import { describe, expect, it } from "vitest";
import { ENTRIES } from "../../../../../sql/indexes/catalogue.ts";
import type { IndexEntry } from "../../../../../sql/indexes/entry.ts";
import { UPDATED_COLUMNS } from "../../../../../sql/indexes/updatedColumns.ts";
import { catalogueTroubles } from "../../../../../tools/indexes/catalogueTroubles.ts";
import { updatesIn } from "../../../../../tools/indexes/lint/readText.ts";
import { lintIndexes } from "../../../../../tools/indexes/lintIndexes.ts";
import { MADE_UP_SAMPLES } from "../../../../../tools/indexes/madeUpSamples.ts";
import { parseDefinition } from "../../../../../tools/indexes/parseDefinition.ts";
import { sampledQueries } from "../../../../../tools/indexes/sampledQueries.ts";
import { indexesIn, schemaIndexes } from "../../../../../tools/indexes/schemaIndexes.ts";

const queries = sampledQueries(MADE_UP_SAMPLES);
const schema = schemaIndexes();
const texts = queries.flatMap(({ name, samples }) =>
  samples.map(({ shape, query }) => ({ name, shape, text: query.text })),
);

/** As the owner wrote them. */
const OWNERS = [
  "UNIQUE users (email)",
  "UNIQUE sessions (token)",
  "pitches (status) WHERE status = 'published'",
  "pitches (status, genre, format, production_stage, created_at DESC) WHERE status = 'published'",
  "pitches (user_id)",
  "pitches USING gin (to_tsvector('english', title || ' ' || logline))",
  "ndas (pitch_id, user_id)",
  "sessions (expires_at)",
];

const PROOF = { query: "pitches.browse", maxBuffers: { common: 1, rare: 1 } };

describe("the catalogue", () => {
  it("has at least sixty candidates, each with a name of its own", () => {
    expect(ENTRIES.length).toBeGreaterThanOrEqual(60);
    expect(new Set(ENTRIES.map(({ name }) => name)).size).toBe(ENTRIES.length);
  });

  it("has the owner's eight as the owner wrote them", () => {
    const owners = ENTRIES.filter(({ isOwners }) => isOwners);
    const written = owners.map(({ isUnique, definition }) => `${isUnique ? "UNIQUE " : ""}${definition}`);
    expect(written.sort()).toEqual([...OWNERS].sort());
  });

  it("names the table and every column that a definition mentions, and no other", () => {
    for (const { name, table, columns, definition } of ENTRIES) {
      const { table: parsed, keys, include, predicate = "" } = parseDefinition(definition);
      expect(parsed, name).toBe(table);
      const mentioned = [...keys.map(({ expression }) => expression), ...include, predicate].join(" ");
      const words = new Set(mentioned.replace(/'[^']*'/g, "").match(/\b[a-z_]+\b/g));
      const functions = ["lower", "to_tsvector"];
      expect([...words].filter((word) => !functions.includes(word)).sort(), name).toEqual([...columns].sort());
    }
  });

  it("has no trouble: it serves queries that there are, by texts that there are, and ships no fault", () => {
    expect(catalogueTroubles(ENTRIES, queries)).toEqual([]);
  });

  it.each<[string, (entry: IndexEntry) => IndexEntry, RegExp]>([
    ["an unknown query", (entry) => ({ ...entry, queries: ["no.such"], proofs: [] }), /serves the query no\.such/],
    ["none", (entry) => ({ ...entry, queries: [], proofs: [] }), /is to be shipped, and serves no query/],
    [
      "a proof of a query that it does not serve",
      (entry) => ({ ...entry, queries: ["accounts.by-email"] }),
      /has a proof for pitches\.browse, and does not/,
    ],
    [
      "a shape that there is not",
      (entry) => ({ ...entry, proofs: [{ ...PROOF, shape: "odd" }] }),
      /as odd, which there is not/,
    ],
    ["the name of another", (entry) => ({ ...entry, name: "users_email_key" }), /users_email_key is there twice/],
    [
      "half a definition",
      (entry) => ({ ...entry, definition: "pitches (lower(title)" }),
      /^pitches_newest: A parenthesis/,
    ],
    ["a definition of another table", (entry) => ({ ...entry, definition: "users (id)" }), /must begin its definition/],
    [
      "a column that its predicate holds",
      (entry) => ({ ...entry, definition: "pitches (status, id) WHERE status = 'published'" }),
      /pinned-column/,
    ],
  ])("is in trouble with an entry that has %s", (_, change, trouble) => {
    const changed = ENTRIES.map((entry) => (entry.name === "pitches_newest" ? change(entry) : entry));
    expect(catalogueTroubles(changed, queries).join("\n")).toMatch(trouble);
  });

  it("finds the faults of the owner's set", () => {
    const faulty = lintIndexes(ENTRIES, { constraints: schema.constraints, updated: UPDATED_COLUMNS, texts });
    const rules = (name: string) => faulty.filter(({ entry }) => entry === name).map(({ rule }) => rule);
    expect(rules("idx_pitches_status")).toEqual(["pinned-column"]);
    expect(rules("idx_pitches_browse")).toEqual(["pinned-column", "absent-filter", "missing-tie-breaker"]);
    expect(rules("idx_pitches_user_id")).toEqual(["redundant-prefix"]);
    expect(rules("idx_pitches_search")).toEqual(["hot-column"]);
  });

  it("has every index that the schema makes, defined the same", () => {
    for (const [name, definition] of schema.made) {
      expect(
        ENTRIES.find((entry) => entry.name === name),
        name,
      ).toMatchObject({ definition, verdict: { kind: "ship" } });
    }
  });
});

describe("the columns that updates change", () => {
  it("are declared for every UPDATE of a named query", () => {
    for (const { name, text } of texts) {
      for (const [table, column] of updatesIn(text)) {
        const { hot = [], rare = [] } = UPDATED_COLUMNS[table] ?? {};
        expect([...hot, ...rare], `${name} changes ${table}.${column}`).toContain(column);
      }
    }
  });

  it("are read from a statement's assignments alone", () => {
    const text = `UPDATE things SET one = CASE WHEN a = 1 THEN f(x, y) END, other = coalesce(b, 'x, y = z')
WHERE id = $1`;
    expect(updatesIn(text)).toEqual([
      ["things", "one"],
      ["things", "other"],
    ]);
  });
});

it("reads primary keys, unique constraints and indexes from the schema's text", () => {
  const { constraints, made } = indexesIn(`CREATE TABLE things (
  id uuid PRIMARY KEY, -- it's (
  code text NOT NULL CONSTRAINT things_code_key UNIQUE CONSTRAINT c CHECK (length(code) IN (1, 2))
);
CREATE TABLE pairs (one uuid REFERENCES things, other uuid, PRIMARY KEY (one, other));
CREATE UNIQUE INDEX pairs_other ON pairs (lower(other))
WHERE one IS NULL;`);
  expect(constraints).toEqual([
    { name: "things_pkey", definition: "things (id)" },
    { name: "things_code_key", definition: "things (code)" },
    { name: "pairs_pkey", definition: "pairs (one, other)" },
  ]);
  expect(made).toEqual(new Map([["pairs_other", "pairs (lower(other)) WHERE one IS NULL"]]));
});

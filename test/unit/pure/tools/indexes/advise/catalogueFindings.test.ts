import { describe, expect, it } from "vitest";
import { indexEntryOf } from "../../../../../../tools/indexes/advise/indexEntryOf.ts";
import type { IndexFacts } from "../../../../../../tools/indexes/advise/indexFacts.ts";
import { invalidIndexes } from "../../../../../../tools/indexes/advise/invalidIndexes.ts";
import { lintedIndexes } from "../../../../../../tools/indexes/advise/lintedIndexes.ts";
import { redundantIndexes } from "../../../../../../tools/indexes/advise/redundantIndexes.ts";
import { unusedIndexes } from "../../../../../../tools/indexes/advise/unusedIndexes.ts";
import { index } from "./bed.ts";

const names = (findings: readonly { readonly object: string }[]) => findings.map(({ object }) => object);

describe("a redundant index", () => {
  const longer = index("b_long", "USING btree (genre, created_at DESC)");

  it.each<[string, IndexFacts]>([
    ["has the first keys of another", index("a", "USING btree (genre)")],
    ["has them in exactly the reverse order", index("a", "USING btree (genre DESC)")],
    ["is the same as one that is named before it", index("z", "USING btree (genre, created_at DESC)")],
  ])("%s", (_, short) => {
    const found = redundantIndexes([short, longer]);
    expect(names(found)).toEqual([`public.${short.name}`]);
    expect(found).toMatchObject([
      {
        certainty: "certain",
        numbers: { by: longer.definition },
        command: `DROP INDEX CONCURRENTLY public.${short.name};`,
      },
    ]);
  });

  it.each<[string, IndexFacts]>([
    ["that is unique", index("a", "USING btree (genre)", { isUnique: true })],
    ["of a constraint", index("a", "USING btree (genre)", { constraint: "pitches_excl" })],
    ["that is the replica identity", index("a", "USING btree (genre)", { isReplicaIdentity: true })],
    ["over other rows", index("a", "USING btree (genre) WHERE (status = 'published'::text)")],
    ["by another operator class", index("a", "USING btree (genre text_pattern_ops)")],
    ["by another collation", index("a", 'USING btree (genre COLLATE "de_DE")')],
    ["with nulls at the other end", index("a", "USING btree (genre NULLS FIRST)")],
    ["in half the reverse order", index("a", "USING btree (genre DESC, created_at DESC)")],
    ["that includes what the other has not", index("a", "USING btree (genre) INCLUDE (title)")],
    ["of another table", index("a", "USING btree (genre)", { table: "users" })],
    ["of another schema", index("a", "USING btree (genre)", { schema: "other" })],
    ["by other keys", index("a", "USING btree (created_at DESC)")],
    ["of another method", index("a", "USING hash (genre)")],
    ["that is no index yet", index("a", "USING btree (genre)", { isValid: false })],
    [
      "of a table that is named alike but for capitals",
      { ...index("a", ""), definition: 'CREATE INDEX a ON "Pitches" (genre)' },
    ],
    ["whose definition is not understood", { ...index("a", ""), definition: "CREATE INDEX a ON pitches genre" }],
  ])("is none %s", (_, other) => {
    expect(redundantIndexes([other, longer])).toEqual([]);
  });

  it("is not covered by an invalid one", () => {
    expect(redundantIndexes([index("a", "USING btree (genre)"), { ...longer, isValid: false }])).toEqual([]);
  });

  it("is named once of three that are the same, and one of them stays", () => {
    const found = redundantIndexes(["a", "b", "c"].map((name) => index(name, "USING btree (genre)")));
    expect(names(found)).toEqual(["public.b", "public.c"]);
  });

  it("goes before a unique one that is the same", () => {
    const found = redundantIndexes([
      index("a", "USING btree (email)"),
      index("z", "USING btree (email)", { isUnique: true }),
    ]);
    expect(names(found)).toEqual(["public.a"]);
  });
});

describe("an index whose names need quotes", () => {
  const table = '"My App"."Order Lines"';
  const odd = (name: string, tail: string, change: Partial<IndexFacts> = {}) =>
    index(name, tail, {
      schema: "My App",
      table: "Order Lines",
      qualified: `"My App"."${name}"`,
      definition: `CREATE INDEX "${name}" ON ${table} ${tail}`,
      ...change,
    });

  it("is redundant like any other, and its command has the quotes", () => {
    const found = redundantIndexes([
      odd("By ON kind", 'USING btree ("orderKind")'),
      odd("byKindAt", 'USING btree ("orderKind", "At" DESC)'),
    ]);
    expect(found).toMatchObject([
      { object: "My App.By ON kind", command: 'DROP INDEX CONCURRENTLY "My App"."By ON kind";' },
    ]);
  });

  it("is pinned by its own predicate like any other", () => {
    const tail = `USING btree ("orderKind", "At") WHERE ("orderKind" = 'a'::text)`;
    expect(lintedIndexes([odd("pinned", tail)], [], new Map())[0]?.command).toContain(
      `CREATE INDEX CONCURRENTLY ON ${table} USING btree ("At") WHERE "orderKind" = 'a';`,
    );
  });
});

describe("a linted index", () => {
  const lead = index("lead", "USING btree (status, genre) WHERE (status = 'published'::text)");
  const tables = new Map([
    ["public.pitch_counters", { sqlName: "pitch_counters", writes: 1, pages: 1, hotShare: 0.02 }],
  ]);

  it("has a column that its own predicate holds to one value, and is told how it would be without", () => {
    const found = lintedIndexes([lead], [], tables);
    expect(found).toMatchObject([{ object: "public.lead", sentence: expect.stringMatching(/^pinned-column: /) }]);
    expect(found[0]?.command.split("\n")).toEqual([
      expect.stringMatching(/^CREATE INDEX CONCURRENTLY ON .*\(genre\) WHERE .*;$/),
      "DROP INDEX CONCURRENTLY public.lead;",
    ]);
  });

  it.each([
    ["of varchar", "((status)::text = 'published'::text)"],
    ["of an enum", "(status = 'published'::pitch_status)"],
  ])("has a pinned column %s", (_, predicate) => {
    const found = lintedIndexes([index("lead", `USING btree (status, genre) WHERE ${predicate}`)], [], tables);
    expect(found).toMatchObject([{ sentence: expect.stringMatching(/^pinned-column: /) }]);
  });

  it("is over a column that every view changes, with the share of updates that are still HOT", () => {
    const views = index("views", "USING btree (views DESC)", { table: "pitch_counters" });
    expect(lintedIndexes([views], [], tables)).toMatchObject([
      { sentence: expect.stringMatching(/^hot-column: /), numbers: { hotShare: 0.02 } },
    ]);
  });

  it("is none that the catalogue allows its price, nor one that is well", () => {
    const score = index("pitch_counters_score", "USING btree (score DESC)", { table: "pitch_counters" });
    const read = indexEntryOf(score);
    const budget = read === undefined ? [] : [{ ...read, writeBudget: { walPerInsert: 2, hotLoss: 100 } }];
    expect(lintedIndexes([score], budget, tables)).toEqual([]);
    expect(lintedIndexes([index("good", "USING btree (genre, created_at DESC)")], [], tables)).toEqual([]);
  });
});

describe("an unused index", () => {
  const DAY = 86_400_000;
  const nowMs = 100 * DAY;
  const quiet = { sinceMs: nowMs - 40 * DAY, scans: new Map([["public.read", 1]]) };

  it("is one that no node has read for longer than a month, with the window and its definition", () => {
    const found = unusedIndexes(
      [index("idle", "USING btree (genre)"), index("read", "USING btree (format)")],
      [quiet, quiet],
      {
        nowMs,
        hasReplicas: true,
        entries: [],
        builtMs: new Map(),
      },
    );
    expect(found).toMatchObject([
      {
        object: "public.idle",
        certainty: "measured",
        numbers: { scans: 0, nodes: 2, windowDays: 40, restore: expect.stringMatching(/^CREATE INDEX idle/) },
        command: "DROP INDEX CONCURRENTLY public.idle;",
      },
    ]);
  });

  it("of the catalogue is told with what it is for and when it goes, and since when was counted", () => {
    const idle = index("idle", "USING btree (genre)");
    const read = indexEntryOf(idle);
    const entries = read === undefined ? [] : [{ ...read, queries: ["pitches.browse"], dropRule: "nobody browses" }];
    expect(unusedIndexes([idle], [quiet], { nowMs, hasReplicas: true, entries, builtMs: new Map() })).toMatchObject([
      {
        numbers: {
          countedSince: "1970-03-02T00:00:00.000Z",
          catalogue: "for pitches.browse; it goes when nobody browses; deploy would build it again",
        },
      },
    ]);
  });

  it("is a doubt when it was built after the counters began, for it was not there to be read", () => {
    const options = { nowMs, hasReplicas: true, entries: [], builtMs: new Map([["idle", nowMs - 3 * DAY]]) };
    const [young, old] = unusedIndexes(
      [index("idle", "USING btree (genre)"), index("old", "USING btree (format)")],
      [quiet],
      options,
    );
    expect(young).toMatchObject({ certainty: "unproven", numbers: { windowDays: 3 } });
    expect(old).toMatchObject({ certainty: "measured", numbers: { windowDays: 40 } });
  });

  it("is none when a replica alone reads it", () => {
    const replica = { ...quiet, scans: new Map([["public.idle", 3]]) };
    expect(
      unusedIndexes([index("idle", "USING btree (genre)")], [quiet, replica], {
        nowMs,
        hasReplicas: true,
        entries: [],
        builtMs: new Map(),
      }),
    ).toEqual([]);
  });

  it.each([
    ["the window of the youngest counters is short", nowMs - 2 * DAY, true, /2 days; but that window is too short/],
    ["no replica was asked", nowMs - 40 * DAY, false, /no replica was asked/],
  ])("is a doubt when %s", (_, sinceMs, hasReplicas, sentence) => {
    const found = unusedIndexes([index("idle", "USING btree (genre)")], [quiet, { ...quiet, sinceMs }], {
      nowMs,
      hasReplicas,
      entries: [],
      builtMs: new Map(),
    });
    expect(found).toMatchObject([{ certainty: "unproven", sentence: expect.stringMatching(sentence) }]);
  });

  it.each<[string, Partial<IndexFacts>]>([
    ["unique", { isUnique: true }],
    ["of a constraint", { constraint: "pitches_pkey" }],
    ["looked up by a foreign key", { foreignKey: "pitches_user_id_fkey" }],
    ["the replica identity", { isReplicaIdentity: true }],
    ["of a partitioned table", { isPartitioned: true }],
    ["invalid", { isValid: false }],
  ])("is never one that is %s", (_, change) => {
    const window = { nowMs, hasReplicas: true, entries: [], builtMs: new Map() };
    expect(unusedIndexes([index("idle", "USING btree (user_id)", change)], [quiet], window)).toEqual([]);
  });
});

describe("an invalid index", () => {
  const broken = { isValid: false, isReady: false };

  it.each<[string, Partial<IndexFacts>, RegExp]>([
    ["that no write knows", broken, /nothing writes it, its name is taken/],
    ["that every write pays for", { ...broken, isReady: true }, /every write still pays for it, and no read uses it\./],
    ["that rejects rows", { ...broken, isReady: true, isUnique: true }, /it also rejects duplicates/],
  ])("is a leftover %s", (_, change, sentence) => {
    expect(invalidIndexes([index("left", "USING btree (genre)", change)])).toMatchObject([
      { object: "public.left", sentence: expect.stringMatching(sentence), certainty: "certain" },
    ]);
  });

  it.each<[string, Partial<IndexFacts>]>([
    ["whose build still runs", { ...broken, builderPid: 42 }],
    ["that waits for the parts of its table", { ...broken, isPartitioned: true }],
    ["that is valid", {}],
  ])("is none %s", (_, change) => {
    expect(invalidIndexes([index("left", "USING btree (genre)", change)])).toEqual([]);
  });
});

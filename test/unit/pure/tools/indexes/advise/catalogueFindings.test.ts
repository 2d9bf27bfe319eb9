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
        command: `DROP INDEX CONCURRENTLY public.${short.name}`,
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
    ["whose definition is not understood", { ...index("a", ""), definition: 'CREATE INDEX a ON "Odd" (genre)' }],
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

describe("a linted index", () => {
  const lead = index("lead", "USING btree (status, genre) WHERE (status = 'published'::text)");
  const tables = new Map([["pitch_counters", { writes: 1, pages: 1, hotShare: 0.02 }]]);

  it("has a column that its own predicate holds to one value, and is told how it would be without", () => {
    const found = lintedIndexes([lead], [], tables);
    expect(found).toMatchObject([{ object: "public.lead", sentence: expect.stringMatching(/^pinned-column: /) }]);
    expect(found[0]?.command).toMatch(
      /^CREATE INDEX CONCURRENTLY ON .*\(genre\) WHERE .*; then DROP INDEX CONCURRENTLY/,
    );
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
      },
    );
    expect(found).toMatchObject([
      {
        object: "public.idle",
        certainty: "measured",
        numbers: { scans: 0, nodes: 2, windowDays: 40, restore: expect.stringMatching(/^CREATE INDEX idle/) },
        command: "DROP INDEX CONCURRENTLY public.idle",
      },
    ]);
  });

  it("is none when a replica alone reads it", () => {
    const replica = { ...quiet, scans: new Map([["public.idle", 3]]) };
    expect(
      unusedIndexes([index("idle", "USING btree (genre)")], [quiet, replica], { nowMs, hasReplicas: true }),
    ).toEqual([]);
  });

  it.each([
    ["the window of the youngest counters is short", nowMs - 2 * DAY, true, /2 days; but that window is too short/],
    ["no replica was asked", nowMs - 40 * DAY, false, /no replica was asked/],
  ])("is a doubt when %s", (_, sinceMs, hasReplicas, sentence) => {
    const found = unusedIndexes([index("idle", "USING btree (genre)")], [quiet, { ...quiet, sinceMs }], {
      nowMs,
      hasReplicas,
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
    const window = { nowMs, hasReplicas: true };
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

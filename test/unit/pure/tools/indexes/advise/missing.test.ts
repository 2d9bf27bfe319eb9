import { describe, expect, it } from "vitest";
import type { IndexEntry, Verdict } from "../../../../../../sql/indexes/entry.ts";
import { catalogueCandidates } from "../../../../../../tools/indexes/advise/catalogueCandidates.ts";
import { unprovenFinding } from "../../../../../../tools/indexes/advise/missingFinding.ts";
import { counted, index } from "./bed.ts";

const BY_GENRE: IndexEntry = {
  name: "pitches_by_genre",
  table: "pitches",
  columns: ["genre"],
  definition: "pitches (genre)",
  phase: 2,
  queries: ["pitches.browse"],
  proofs: [],
  writeBudget: { walPerInsert: 2, hotLoss: 2 },
  dropRule: "nobody browses",
  verdict: { kind: "ship" },
};
const columns = new Set(["pitches.genre"]);

const findings = (verdict: Verdict, indexes = [index("other", "USING btree (id)")]) =>
  catalogueCandidates([{ ...BY_GENRE, verdict }], indexes, [counted()], columns).map(unprovenFinding);

describe("what the catalogue has and the database has not", () => {
  it("is told with the queries that want it, their numbers and the deploy that builds it", () => {
    expect(findings({ kind: "ship" })).toMatchObject([
      {
        object: "pitches_by_genre",
        certainty: "unproven",
        numbers: {
          queries: "pitches.browse",
          calls: 100,
          totalMs: 1_000,
          slowestMs: 50,
          definition: "pitches (genre)",
        },
        command: "npm run cli -- indexes deploy --phase 2",
      },
    ]);
  });

  it("is told, where it is optional, with when it is worth it and as an option of the deploy", () => {
    expect(findings({ kind: "optional", when: "rare pairs are browsed" })).toMatchObject([
      {
        numbers: { optional: "worth it where rare pairs are browsed" },
        command: "npm run cli -- indexes deploy --phase 2 --with pitches_by_genre",
      },
    ]);
  });

  it.each([
    ["it is there under its name", [index("pitches_by_genre", "USING btree (id)")]],
    ["it is there under another name", [index("of_others", "USING btree (genre)")]],
  ])("is nothing where %s", (_, indexes) => {
    expect(findings({ kind: "ship" }, indexes)).toEqual([]);
  });

  it("is nothing where it was rejected, and not found in another schema's table of that name", () => {
    expect(findings({ kind: "rejected", reason: "dear" })).toEqual([]);
    const elsewhere = index("of_others", "USING btree (genre)", { schema: "app" });
    expect(findings({ kind: "ship" }, [elsewhere])).toHaveLength(1);
  });
});

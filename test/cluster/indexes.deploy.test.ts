import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deploy } from "../../tools/indexes/deploy/deploy.ts";
import { plan } from "../../tools/indexes/deploy/plan.ts";
import { stagingName } from "../../tools/indexes/deploy/statements.ts";
import { status } from "../../tools/indexes/deploy/status.ts";
import { verify } from "../../tools/indexes/deploy/verify.ts";
import { CATALOGUE, DRAMAS, EMAIL, entry, GENRE, type IndexBed, startIndexBed } from "./support/indexBed.ts";

let bed: IndexBed;
beforeAll(async () => {
  bed = await startIndexBed();
});
afterAll(() => bed.stop());
beforeEach(() => bed.fresh());
afterEach(() => bed.endAll());

const deployed = (phase: 1 | 2 | 3, more: Partial<Parameters<typeof deploy>[0]> = {}) =>
  deploy({ ...bed.runOf(), entries: CATALOGUE, phase, ...more });

const did = ({ indexes }: Awaited<ReturnType<typeof deploy>>) =>
  Object.fromEntries(indexes.map((each) => [each.name, each.did]));

describe("a deploy", () => {
  it("builds a phase's indexes as the catalogue says, with statistics and a row in the ledger each", async () => {
    expect(did(await deployed(1))).toEqual({ films_genre: "built", people_email_key: "built" });
    expect(await bed.indexes()).toMatchObject([
      { name: "films_genre", valid: true, definition: expect.stringMatching(/USING btree \(genre, year DESC\)$/) },
      {
        name: "people_email_key",
        valid: true,
        definition: expect.stringMatching(/^CREATE UNIQUE .*lower\(email\)\)$/),
      },
    ]);
    expect(await bed.ledger()).toEqual([
      "films_genre build begun",
      "films_genre build done",
      "people_email_key build begun",
      "people_email_key build done",
      "people_email_key analyze begun",
      "people_email_key analyze done",
    ]);
    const { rows } = await bed.client.query("SELECT 1 FROM pg_stats WHERE tablename = 'people_email_key'");
    expect(rows).toHaveLength(1);
    const verified = await verify({ ...bed.runOf(), entries: CATALOGUE, phase: 1 });
    expect(verified.map(({ state }) => state.kind)).toEqual(["valid-same", "valid-same"]);
  });

  it("rests between two builds, and after none that was there already", async () => {
    const run = bed.runOf({ restMs: 700 });
    const ends: number[] = [];
    const report = (event: Parameters<typeof run.report>[0]) => {
      if (event.event === "finished") ends.push(performance.now());
    };
    await deployed(1, { ...run, report });
    expect((ends[1] ?? 0) - (ends[0] ?? 0)).toBeGreaterThanOrEqual(700);
    await deployed(1, { ...run, report });
    expect((ends[3] ?? 0) - (ends[2] ?? 0)).toBeLessThan(700);
  });

  it("sends no DDL the second time", async () => {
    const first = await bed.ddlDuring(() => deployed(1));
    expect(first.filter((statement) => statement.includes("CONCURRENTLY"))).toHaveLength(2);
    const ledger = await bed.ledger();
    const again = await bed.ddlDuring(async () => {
      expect(did(await deployed(1))).toEqual({ films_genre: "unchanged", people_email_key: "unchanged" });
    });
    expect(again).toEqual([]);
    expect(await bed.ledger()).toEqual(ledger);
  });

  it("does not begin a phase while an earlier one is incomplete, and names what is missing", async () => {
    const ddl = await bed.ddlDuring(() =>
      expect(deployed(2)).rejects.toMatchObject({
        code: "refused",
        message: expect.stringMatching(/films_genre \(phase 1\) is absent.*people_email_key.*--phase 1/),
      }),
    );
    expect(ddl).toEqual([]);
    await deployed(1);
    expect(did(await deployed(2))).toEqual({ films_dramas: "built" });
  });

  it("plans with sizes and statements, sends no DDL for it and leaves nothing", async () => {
    await bed.client.query("CREATE INDEX films_dramas ON films (year DESC, id DESC) WHERE genre = 'drama'");
    let planned: Awaited<ReturnType<typeof plan>> | undefined;
    const ddl = await bed.ddlDuring(async () => {
      planned = await plan({ ...bed.runOf(), entries: CATALOGUE });
    });
    expect(ddl).toEqual([]);
    const [genre, , dramas] = planned?.entries ?? [];
    expect(genre).toMatchObject({ verdict: "ship", reason: null, state: { kind: "absent" } });
    expect(genre?.statements).toEqual([
      'CREATE INDEX CONCURRENTLY "films_genre" ON "public"."films" (genre, year DESC)',
    ]);
    expect(genre?.estimatedBytes).toBeGreaterThan(50_000);
    expect(dramas).toMatchObject({ state: { kind: "valid-same" }, statements: [] });
  });

  it("adopts what is there already as the catalogue wants it, once, and never as its own", async () => {
    await bed.client.query("CREATE INDEX films_genre ON films USING btree (genre ASC, year DESC NULLS FIRST)");
    expect(did(await deployed(1))).toMatchObject({ films_genre: "adopted" });
    expect(await bed.ledger("films_genre")).toEqual(["adopt done"]);
    expect(await bed.ddlDuring(() => deployed(1))).toEqual([]);
  });

  it("refuses another definition under the same name with a diff, and swaps it only when told to", async () => {
    await bed.client.query("CREATE INDEX films_genre ON films (genre, year)");
    const before = await bed.indexes();
    const refused = await deployed(1);
    expect(refused.isComplete).toBe(false);
    expect(refused.indexes[0]?.text).toMatch(
      /--replace.*\n- USING btree \(genre, year\)\n\+ USING btree \(genre, year DESC\)$/s,
    );
    expect((await bed.indexes()).find(({ name }) => name === "films_genre")).toEqual(before[0]);
    expect(did(await deployed(1, { isReplacing: true }))).toMatchObject({ films_genre: "replaced" });
    expect(await bed.names()).toEqual(["films_genre", "people_email_key"]);
    expect((await bed.indexes())[0]?.definition).toMatch(/\(genre, year DESC\)$/);
    expect(await bed.ddlDuring(() => deployed(1, { isReplacing: true }))).toEqual([]);
  });

  it("goes on with a replacement that was interrupted, wherever that was", async () => {
    const staging = stagingName("films_genre");
    await bed.client.query(`CREATE INDEX films_genre ON films (genre, year)`);
    await bed.client.query(`CREATE INDEX ${staging} ON films (genre, year DESC)`);
    expect(did(await deployed(1, { isReplacing: true }))).toMatchObject({ films_genre: "replaced" });
    await bed.client.query(`ALTER INDEX films_genre RENAME TO ${staging}`); // as if killed before it was renamed
    expect(did(await deployed(1))).toMatchObject({ films_genre: "replaced" });
    await bed.client.query(`CREATE INDEX ${staging} ON films (genre)`);
    expect(did(await deployed(1))).toMatchObject({ films_genre: "unchanged" });
    expect(await bed.names()).toEqual(["films_genre", "people_email_key"]);
    expect((await bed.indexes())[0]?.definition).toMatch(/ON public.films USING btree \(genre, year DESC\)$/);
  });

  it("refuses to replace what a constraint has, and a name that belongs to something else", async () => {
    await bed.client.query(
      "ALTER TABLE films ADD CONSTRAINT films_genre UNIQUE (genre, id); CREATE INDEX people_email_key ON films (id)",
    );
    const { indexes } = await deployed(1, { isReplacing: true });
    expect(indexes[0]?.text).toMatch(/belongs to the constraint films_genre: it cannot be replaced \(2BP01\)/);
    expect(indexes[1]?.text).toMatch(/the name belongs to an index of films/);
  });

  it("builds again what is in the ledger and gone, after the status has said so", async () => {
    await deployed(1);
    await bed.client.query("DROP INDEX films_genre");
    expect((await status(bed.url, CATALOGUE)).drifted).toEqual(["films_genre"]);
    expect(did(await deployed(1))).toEqual({ films_genre: "built", people_email_key: "unchanged" });
    expect((await status(bed.url, CATALOGUE)).drifted).toEqual([]);
  });

  it("lists what nobody manages, and leaves it alone", async () => {
    await bed.client.query("CREATE INDEX by_hand ON films (title)");
    await deployed(1);
    expect((await status(bed.url, CATALOGUE)).unmanaged).toEqual([{ name: "by_hand", table: "films", isValid: true }]);
    expect(await bed.names()).toContain("by_hand");
  });

  it("skips what the database cannot have, with the reason, and leaves a partitioned table's index alone", async () => {
    await bed.client.query(`
      CREATE TABLE views (id int, at int) PARTITION BY RANGE (at);
      CREATE TABLE views_1 PARTITION OF views FOR VALUES FROM (0) TO (9);
      CREATE INDEX views_at ON ONLY views (at)`);
    const table = (name: string, of: string, columns: string[], tail = `(${columns[0]})`) =>
      entry({ name, table: of, columns, definition: `${of} ${tail}` });
    const entries = [
      table("views_at", "views", ["at"]),
      table("views_id", "views", ["id"]),
      table("gone_id", "gone", ["id"]),
      table("films_rating", "films", ["rating"]),
      table("films_trigrams", "films", ["title"], "USING gin (title nowhere_trgm_ops)"),
    ];
    const { indexes, isComplete } = await deployed(1, { entries });
    expect(isComplete).toBe(true);
    expect(indexes.map(({ text }) => text)).toEqual([
      expect.stringMatching(/becomes valid when each partition's index is attached/),
      expect.stringMatching(/partitioned: build it on each partition/),
      "skipped: the database has no such table",
      "skipped: the table has no column rating",
      expect.stringMatching(/no operator class nowhere_trgm_ops/),
    ]);
    expect(await bed.names()).toContain("views_at (invalid)");
  });

  it("builds an optional index when it is named, and refuses a rejected, foreign or unknown one", async () => {
    const when = "somebody browses by title";
    const title = entry({ ...GENRE, name: "films_title", columns: ["title"], definition: "films (title)" });
    const entries = [
      GENRE,
      EMAIL,
      { ...title, verdict: { kind: "optional", when } as const },
      { ...DRAMAS, verdict: { kind: "rejected", reason: "measured, and slower" } as const },
    ];
    expect(did(await deployed(1, { entries }))).not.toHaveProperty("films_title");
    expect(did(await deployed(1, { entries, optional: ["films_title"] }))).toMatchObject({ films_title: "built" });
    for (const [name, why] of [
      ["films_dramas", /rejected by the catalogue: measured, and slower/],
      ["nobody", /has no index nobody/],
    ] as const) {
      await expect(deployed(1, { entries, optional: [name] })).rejects.toThrow(why);
    }
  });
});

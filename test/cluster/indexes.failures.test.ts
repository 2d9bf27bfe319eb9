import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deploy } from "../../tools/indexes/deploy/deploy.ts";
import { CATALOGUE, EMAIL, entry, GENRE, type IndexBed, startIndexBed } from "./support/indexBed.ts";

let bed: IndexBed;
beforeAll(async () => {
  bed = await startIndexBed();
});
afterAll(() => bed.stop());
beforeEach(() => bed.fresh());
afterEach(() => bed.endAll());

describe("duplicates", () => {
  it("are told in groups that show no key, before anything is built; other tables get their indexes", async () => {
    await bed.client.query(`
      INSERT INTO people SELECT 10000 + n, 'PERSON' || n || '@Example.com' FROM generate_series(1, 15) n;
      INSERT INTO people VALUES (20000, 'Person3@example.com')`);
    const run = bed.runOf();
    const later = entry({ name: "people_id", table: "people", columns: ["id"], definition: "people (id)" });
    const { indexes, isComplete } = await deploy({ ...run, entries: [EMAIL, later, GENRE], phase: 1 });
    expect(isComplete).toBe(false);
    const [email] = indexes;
    expect(email?.text).toMatch(/the largest ten groups.*\n {2}3 rows with key [0-9a-f]{12}…, at ctid \(\d+,\d+\)/);
    expect(email?.text.split("\n")).toHaveLength(11);
    const { rows } = await bed.client.query("SELECT detail FROM breakwater.index_ledger");
    expect(JSON.stringify([run.events, rows])).not.toMatch(/example\.com/i);
    expect(indexes).toContainEqual(expect.objectContaining({ name: "people_id", did: "failed" }));
    expect(await bed.names()).toEqual(["films_genre"]);
  });

  it("that come in while it builds leave nothing, and show no key either", async () => {
    const writer = await bed.holding("BEGIN", "INSERT INTO people VALUES (20000, 'PERSON3@example.com')");
    const run = bed.runOf({ waitBudgetMs: 20_000 });
    const deploying = deploy({ ...run, entries: [EMAIL], phase: 1 });
    await bed.inPhase(/waiting for writers/);
    await writer.query("COMMIT");
    const { indexes } = await deploying;
    expect(indexes[0]?.text).toMatch(/2 rows with key/);
    expect(await bed.names()).toEqual([]);
    const { rows } = await bed.client.query("SELECT detail FROM breakwater.index_ledger");
    expect(JSON.stringify([run.events, rows])).not.toMatch(/example\.com/i);
    expect(await bed.ledger()).toEqual([
      "people_email_key build begun",
      "people_email_key build failed",
      "people_email_key drop begun",
      "people_email_key drop done",
    ]);
  });
});

describe("a lack of room", () => {
  it("is seen before anything is built, by a sample", async () => {
    const ddl = await bed.ddlDuring(() =>
      expect(deploy({ ...bed.runOf({ maxBytes: 20_000 }), entries: CATALOGUE, phase: 1 })).rejects.toMatchObject({
        code: "space",
        exitCode: 5,
        message: expect.stringMatching(/films_genre was not begun: it would take about \d+ kB: more than --max-size/),
      }),
    );
    expect(ddl.filter((statement) => statement.includes("CONCURRENTLY"))).toEqual([]);
  });

  it("is added up over a run", async () => {
    const title = { ...GENRE, name: "films_title", columns: ["title"], definition: "films (title)" };
    const run = bed.runOf({ maxBytes: 200_000 });
    await expect(deploy({ ...run, entries: [GENRE, title], phase: 1 })).rejects.toThrow(/are built already/);
    expect(await bed.names()).toEqual(["films_genre"]);
  });

  it("on the server stops the deploy without another try, and leaves nothing", async () => {
    await bed.client.query(
      "INSERT INTO films SELECT n, repeat(md5(n::text), 8), md5(n::text), n FROM generate_series(10000, 60000) n",
    );
    await bed.client.query("VACUUM ANALYZE films");
    const name = new URL(bed.url).pathname.slice(1);
    await bed.client.query(`ALTER DATABASE ${name} SET temp_file_limit = '6MB'`);
    await bed.client.query(`ALTER DATABASE ${name} SET maintenance_work_mem = '1MB'`);
    const run = bed.runOf();
    // The sort of a sample has room; that of the whole has not.
    const wide = { ...GENRE, columns: ["title", "genre"], definition: "films (title, genre)" };
    await expect(deploy({ ...run, entries: [wide], phase: 1 })).rejects.toMatchObject({
      code: "space",
      message: expect.stringMatching(/no room for it \(temporary file size exceeds/),
    });
    expect(await bed.names()).toEqual([]);
    expect((await bed.ledger()).filter((each) => each.endsWith("build begun"))).toHaveLength(1);
    await bed.client.query(`ALTER DATABASE ${name} SET temp_file_limit = '1MB'`);
    await expect(deploy({ ...run, entries: [wide], phase: 1 })).rejects.toMatchObject({
      code: "space",
      message: expect.stringMatching(/was not begun: the server has no room for its rehearsal/),
    });
  });
});

describe("an entry that the server cannot make", () => {
  it("fails by itself, in a sentence", async () => {
    const wrong = entry({ name: "films_wrong", table: "films", columns: ["id"], definition: "films (nonsense(id))" });
    const { indexes } = await deploy({ ...bed.runOf(), entries: [wrong, EMAIL], phase: 1 });
    expect(indexes[0]?.text).toMatch(/^films_wrong cannot be built here: function nonsense\(integer\) does not exist/);
    expect(indexes[1]?.did).toBe("built");
  });

  it("is refused at load where its name is too long, doubled, or its definition names another table", async () => {
    const { checkedEntries } = await import("../../tools/indexes/deploy/checkedEntries.ts");
    expect(() => checkedEntries([{ ...GENRE, name: "é".repeat(32) }])).toThrow(/name of 64 bytes.*after 63/);
    expect(() => checkedEntries([{ ...GENRE, name: "x".repeat(63) }])).not.toThrow();
    expect(() => checkedEntries([GENRE, GENRE])).toThrow(/films_genre is there twice/);
    expect(() => checkedEntries([{ ...GENRE, table: "film" }])).toThrow(/begin its definition with its table/);
    expect(() => checkedEntries([{ ...GENRE, phase: 4 }])).toThrow(/Entry 1 of the catalogue: phase is wrong/);
  });
});

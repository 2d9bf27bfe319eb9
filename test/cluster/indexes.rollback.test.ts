import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { deploy } from "../../tools/indexes/deploy/deploy.ts";
import { rollback } from "../../tools/indexes/deploy/rollback.ts";
import { status } from "../../tools/indexes/deploy/status.ts";
import { CATALOGUE, type IndexBed, startIndexBed, type TestRun } from "./support/indexBed.ts";

let bed: IndexBed;
beforeAll(async () => {
  bed = await startIndexBed();
});
afterAll(() => bed.stop());
beforeEach(() => bed.fresh());
afterEach(() => bed.endAll());

const deployed = (phase: 1 | 2) => deploy({ ...bed.runOf(), entries: CATALOGUE, phase });
const rolledBack = (phase: 1 | 2, run: TestRun = bed.runOf()) => rollback({ ...run, phase });

describe("a rollback", () => {
  it("drops a phase's indexes concurrently, and leaves the others and the catalogue as before", async () => {
    await deployed(1);
    const before = await bed.indexes();
    await deployed(2);
    const ddl = await bed.ddlDuring(async () => {
      expect(await rolledBack(2)).toEqual({ phase: 2, dropped: ["films_dramas"], kept: [] });
    });
    expect(ddl).toEqual(['DROP INDEX CONCURRENTLY "public"."films_dramas"']);
    expect(await bed.indexes()).toEqual(before);
    expect(await rolledBack(2)).toEqual({ phase: 2, dropped: [], kept: [] });
    expect((await status(bed.url, CATALOGUE)).drifted).toEqual([]);
  });

  it("leaves alone what it only found there", async () => {
    await bed.client.query("CREATE INDEX films_genre ON films (genre, year DESC)");
    await deployed(1);
    expect(await rolledBack(1)).toEqual({ phase: 1, dropped: ["people_email_key"], kept: ["films_genre"] });
    expect(await bed.names()).toEqual(["films_genre"]);
  });

  it("drops nothing where a constraint has taken one over", async () => {
    await deployed(1);
    await bed.client.query("CREATE UNIQUE INDEX CONCURRENTLY people_plain ON people (email)");
    await bed.client.query("DROP INDEX people_email_key; ALTER INDEX people_plain RENAME TO people_email_key");
    await bed.client.query("ALTER TABLE people ADD CONSTRAINT people_email_key UNIQUE USING INDEX people_email_key");
    await expect(rolledBack(1)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringMatching(/Nothing was dropped: .*people_email_key \(people_email_key\) \(2BP01\)/),
    });
    expect(await bed.names()).toEqual(["films_genre"]);
  });

  it("that is interrupted leaves an index half dropped, which is shown, and finished by a rerun", async () => {
    await deployed(1);
    const reader = await bed.holding("BEGIN", "SELECT count(*) FROM films");
    const run = bed.runOf({ waitBudgetMs: 20_000 });
    const rolling = rolledBack(1, run);
    const isInvalid = async () => (await bed.names()).includes("films_genre (invalid)");
    expect(await until(isInvalid, 15_000)).toBe(true);
    run.abort();
    await expect(rolling).rejects.toMatchObject({ code: "cancelled" });
    const seen = (await status(bed.url, CATALOGUE)).entries.find(({ entry }) => entry.name === "films_genre");
    expect(seen?.state).toEqual({ kind: "half-dropped" });
    await reader.query("ROLLBACK");
    expect((await rolledBack(1)).dropped).toContain("films_genre");
    expect(await bed.names()).toEqual([]);
  });

  it("that was interrupted is undone by a deploy: finished, and built anew", async () => {
    await deployed(1);
    const reader = await bed.holding("BEGIN", "SELECT count(*) FROM films");
    const blocked = bed.runOf({ waitBudgetMs: 300, attempts: 1 });
    await expect(rolledBack(1, blocked)).rejects.toMatchObject({ code: "blocked" });
    expect(blocked.events).toContainEqual(
      expect.objectContaining({
        event: "blocked",
        text: expect.stringMatching(/blocked by pid \d+.*idle in transaction/),
      }),
    );
    await reader.query("ROLLBACK");
    expect((await deployed(1)).isComplete).toBe(true);
    expect(await bed.names()).toContain("films_genre");
  });

  it("waits for a reader on a replica that uses the index, and so keeps replay going", async () => {
    await deployed(1);
    const replica = await bed.cluster.resolve("node-2");
    const url = bed.url.replace(/:\d+\//, `:${replica.port}/`);
    const there = await bed.open(url);
    const arrived = async () => (await there.query("SELECT to_regclass('films_genre') AS it")).rows[0].it !== null;
    await until(arrived, 10_000);
    await there.query("BEGIN");
    await there.query("SELECT count(*) FROM films WHERE genre = 'drama' AND year = 1999");
    const waiting = bed.runOf({ patienceMs: 30_000 });
    const rolling = rollback({ ...waiting, replicaUrls: [url], phase: 1 });
    const isTold = () => waiting.events.some((each) => "text" in each && /a reader on the replica/.test(each.text));
    expect(await until(isTold, 15_000)).toBe(true);
    await bed.client.query("INSERT INTO other VALUES (77)");
    const isReplayed = async () => (await there.query("SELECT 1 FROM other WHERE id = 77")).rowCount === 1;
    expect(await until(isReplayed, 5_000)).toBe(true);
    await there.query("COMMIT");
    expect((await rolling).dropped).toEqual(["people_email_key", "films_genre"]);
  });
});

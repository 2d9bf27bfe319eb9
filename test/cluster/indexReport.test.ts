import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Measurement } from "../../tools/indexes/report/measurement.ts";
import { readMeasurement, saveMeasurement } from "../../tools/indexes/report/measurementFile.ts";
import { takeBaseline } from "../../tools/indexes/report/takeBaseline.ts";
import { writeReport } from "../../tools/indexes/report/writeReport.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { seed } from "../../tools/seed/seed.ts";
import { startTestCluster } from "./support/cluster.ts";

describe("a report on two baselines", () => {
  let bed: Awaited<ReturnType<typeof startTestCluster>>;
  let client: Client;
  let connectionString: string;
  let folder: string;

  beforeAll(async () => {
    bed = await startTestCluster();
    ({ connectionString } = await bed.cluster.resolve("primary"));
    await migrate({ connectionString });
    await seed({ connectionString, pitches: 4_000, seed: 1 });
    client = new Client({ connectionString });
    await client.connect();
    await client.query("VACUUM ANALYZE");
    folder = await mkdtemp(join(tmpdir(), "breakwater-report-"));
    await take("before");
    await client.query("CREATE INDEX by_genre ON pitches (genre, created_at DESC, id DESC) WHERE status = 'published'");
    await take("after");
  });
  afterAll(async () => {
    await client.end();
    await bed.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function take(label: string, hasWrites = true) {
    const runs = hasWrites ? 5 : 1;
    return save(await takeBaseline({ connectionString, label, runs, hasWrites }));
  }

  /** As of one commit: somebody may commit while this runs. */
  const save = (taken: Measurement) => saveMeasurement(folder, { ...taken, commit: "one" });

  const rows = async () => (await client.query("SELECT count(*)::int AS n FROM pitches")).rows[0]?.n;

  it("claims fewer buffers for what the index serves, shows what writes pay, and is a page of its own", async () => {
    const { queries, left, paths } = await writeReport({ folder, before: "before", after: "after", allowed: [] });
    const browse = queries.find(({ name, sample }) => name === "pitches.browse" && sample === "newest+genre, common");
    expect(browse).toMatchObject({ buffers: "fewer", after: { indexes: expect.arrayContaining(["by_genre"]) } });
    expect(browse?.noClaim).toBeUndefined();
    const insert = queries.find(({ name }) => name === "pitches.insert");
    expect(insert?.kind).toBe("write");
    expect(insert?.before.walBytes).toBeGreaterThan(100);
    expect(left.filter(({ reason }) => !reason.includes("ON CONFLICT"))).toEqual([]);
    const [html = "", markdown = ""] = await Promise.all(paths.map((path) => readFile(path, "utf8")));
    expect(html).toContain("CREATE INDEX by_genre");
    expect(markdown).toMatch(/\| pitches\.browse \| newest\+genre, common \| [\d,]+ → [\d,]+ \|/);
  });

  it("undoes every write that it measured", async () => {
    const before = await rows();
    const { queries } = await readMeasurement(folder, "after");
    expect(queries.some(({ kind }) => kind === "write")).toBe(true);
    expect(before).toBe(4_000);
  });

  it("cannot write at all where writes were not asked for", async () => {
    const { queries } = await takeBaseline({ connectionString, label: "reads", runs: 1, hasWrites: false });
    expect(queries.filter(({ kind }) => kind === "write")).toEqual([]);
    expect(queries.filter(({ trouble }) => trouble?.includes("read-only"))).toEqual([]);
  });

  it("claims nothing of a table that was never analysed", async () => {
    await client.query("DELETE FROM pg_statistic WHERE starelid = 'pitches'::regclass");
    await take("blind", false);
    await client.query("ANALYZE pitches");
    const { queries } = await writeReport({ folder, before: "blind", after: "after", allowed: [] });
    const browse = queries.find(({ name }) => name === "pitches.browse");
    expect(browse?.noClaim).toMatch(/pitches was never analysed when "blind" was taken/);
  });

  it("is refused between different sizes, unless that is known", async () => {
    await client.query("DELETE FROM likes WHERE ctid < '(20,0)'");
    await client.query("VACUUM ANALYZE likes");
    await take("smaller", false);
    const options = { folder, before: "before", after: "smaller" };
    await expect(writeReport({ ...options, allowed: [] })).rejects.toThrow(
      /their data differs: likes had .*--allow data/,
    );
    await expect(writeReport({ ...options, allowed: ["data"] })).resolves.toMatchObject({ paths: expect.any(Array) });
  });

  it("measures a database in which not everything has happened yet, and says of what there was nothing", async () => {
    await client.query("DELETE FROM password_resets; DELETE FROM pitches WHERE status = 'draft'");
    const taken = await takeBaseline({ connectionString, label: "young", runs: 1, hasWrites: false });
    expect(taken.missing).toEqual(["rows in password_resets", "password reset", "draft"]);
    expect(taken.queries.filter(({ trouble }) => trouble !== undefined)).toEqual([]);
    await save(taken);
    const allowed = ["data"] as const;
    const { paths } = await writeReport({ folder, before: "before", after: "young", allowed });
    expect(await readFile(paths[1] ?? "", "utf8")).toMatch(/with values that no row has.*password_resets.*draft/);
  });

  it("is refused, in a sentence, where nothing is published, and where the tables are not there", async () => {
    const at = (name: string) => connectionString.replace(/[^/]+$/, name);
    const baseline = (name: string) =>
      takeBaseline({ connectionString: at(name), label: "x", runs: 1, hasWrites: false });
    await client.query("CREATE DATABASE hollow");
    await expect(baseline("hollow")).rejects.toThrow(/^The database has no sessions: .*npm run cli -- migrate/);
    await migrate({ connectionString: at("hollow") });
    await expect(baseline("hollow")).rejects.toThrow(/^The database has no published pitch/);
  });

  it("says how a baseline that is missing is made", async () => {
    await expect(writeReport({ folder, before: "none", after: "after", allowed: [] })).rejects.toThrow(
      /indexes bench --label none/,
    );
  });
});

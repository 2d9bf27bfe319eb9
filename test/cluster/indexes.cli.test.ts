import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ENTRIES } from "../../sql/indexes/catalogue.ts";
import { until } from "../../tools/cluster/processes.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { CATALOGUE, type IndexBed, startIndexBed } from "./support/indexBed.ts";
import { type IndexCli, indexCli } from "./support/indexCli.ts";

let bed: IndexBed;
let folder: string;
let started: IndexCli[] = [];
beforeAll(async () => {
  bed = await startIndexBed();
  folder = await mkdtemp(join(tmpdir(), "breakwater-indexes-"));
  await writeFile(join(folder, "catalogue.json"), JSON.stringify(CATALOGUE));
});
afterAll(async () => {
  await bed.stop();
  await rm(folder, { recursive: true });
});
beforeEach(() => bed.fresh());
afterEach(async () => {
  for (const { child } of started) child.kill("SIGKILL");
  started = [];
  await bed.endAll();
});

function cli(command: string, ...args: string[]): IndexCli {
  const where = ["--database-url", bed.url, "--catalogue", join(folder, "catalogue.json")];
  const run = indexCli(command, ...where, ...args);
  started.push(run);
  return run;
}

const lines = (text: string) => text.trim().split("\n");

describe("`indexes`", () => {
  it("deploys, plans, verifies, tells and undoes on the command line", async () => {
    expect(await cli("verify").ended).toBe(2);
    const deploying = cli("deploy", "--phase", "1");
    expect([await deploying.ended, deploying.printed().error]).toEqual([0, ""]);
    const { out } = deploying.printed();
    expect(lines(out).at(-1)).toBe("Phase 1 is complete: 2 indexes.");
    expect(lines(out)).toContain("films_genre: built");
    expect(["\r", "\u001b"].some((control) => out.includes(control))).toBe(false); // a line a change, no bar
    const verifying = cli("verify", "--phase", "1");
    expect([await verifying.ended, verifying.printed().out]).toEqual([0, "All 2 indexes are as the catalogue says.\n"]);
    const telling = cli("status");
    expect(await telling.ended).toBe(0);
    expect(telling.printed().out).toMatch(/films_dramas .* absent/);
    const planning = cli("plan", "--phase", "2");
    expect(await planning.ended).toBe(0);
    expect(planning.printed().out).toMatch(/Would be sent:\nCREATE INDEX CONCURRENTLY "films_dramas" ON/);
    const undoing = cli("rollback", "--phase", "1");
    expect(await undoing.ended).toBe(0);
    expect(undoing.printed().out).toMatch(/Phase 1 is rolled back: 2 indexes dropped\.\n$/);
    expect(await bed.names()).toEqual([]);
  });

  it("tells with --json an object a line, whose progress never falls and is whole only at the end", async () => {
    await bed.client.query(
      "INSERT INTO films SELECT n, md5(n::text), md5(n::text), n FROM generate_series(10000, 150000) n",
    );
    const deploying = cli("deploy", "--phase", "1", "--json");
    expect(await deploying.ended).toBe(0);
    const events = lines(deploying.printed().out).map((line) => JSON.parse(line));
    expect(events.at(-1)).toMatchObject({ event: "end", phase: 1, isComplete: true, deadlocks: 0 });
    const progress = events.filter(({ event, name }) => event === "progress" && name === "films_genre");
    const shares = progress.map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
    expect(shares.filter((share) => share > 0.99)).toEqual([1]);
  });

  it("dry runs without DDL, and refuses with the exit codes of its help", async () => {
    const ddl = await bed.ddlDuring(async () => {
      const dry = cli("deploy", "--phase", "2", "--dry-run", "--json");
      expect(await dry.ended).toBe(0);
      const planned = JSON.parse(dry.printed().out);
      expect(planned.inTheWay).toEqual([expect.stringMatching(/films_genre/), expect.stringMatching(/people_email/)]);
      const refused = cli("deploy", "--phase", "2", "--json");
      expect(await refused.ended).toBe(1);
      expect(JSON.parse(refused.printed().out)).toMatchObject({ event: "error", code: "refused" });
      expect(refused.printed().error).toMatch(/^Phase 2 was not begun/);
    });
    expect(ddl).toEqual([]);
    // The schema of a session's temporary tables stays when they go: whoever made one can be told from it.
    const { rows } = await bed.client.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pg\\_temp\\_%'");
    expect(rows).toEqual([]);
    const helping = cli("deploy", "--help");
    expect(await helping.ended).toBe(0);
    expect(helping.printed().out).toMatch(/Exit codes: 0 done; 1 refused/);
  });

  it("cleans up at the first Ctrl-C, with exit code 130", async () => {
    await bed.snapshot();
    const deploying = cli("deploy", "--phase", "1");
    await bed.inPhase(/old snapshots/);
    expect(await deploying.prints(/films_genre: blocked by pid \d+, idle in transaction/)).toBe(true);
    deploying.child.kill("SIGINT");
    expect(await deploying.ended).toBe(130);
    expect(deploying.printed().error).toMatch(/Stopping: .*\nInterrupted: what was built is kept/);
    expect(await bed.names()).toEqual([]);
    expect(await bed.ledger("films_genre")).toContain("build cancelled");
  });

  it("leaves at the second Ctrl-C, with the statement that cleans up", async () => {
    await bed.writer(); // what is left cannot be dropped while it is open
    const deploying = cli("deploy", "--phase", "1");
    await bed.inPhase(/waiting for writers/);
    deploying.child.kill("SIGINT");
    expect(await deploying.prints(/Stopping/)).toBe(true);
    await until(async () => (await bed.ledger("films_genre")).includes("drop begun"), 10_000);
    deploying.child.kill("SIGINT");
    expect(await deploying.ended).toBe(130);
    expect(deploying.printed().error).toContain(
      'To clean up: DROP INDEX CONCURRENTLY IF EXISTS "public"."films_genre";',
    );
  });

  it("that is killed takes its build with it, and the next deploy goes on within five seconds", async () => {
    const holder = await bed.snapshot();
    const killed = cli("deploy", "--phase", "1");
    const pid = await bed.inPhase(/old snapshots/);
    killed.child.kill("SIGKILL");
    const isGone = async () =>
      (await bed.client.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1", [pid])).rowCount === 0;
    expect(await until(isGone, 3_000)).toBe(true);
    expect(await bed.names()).toEqual(["films_genre (invalid)"]);
    expect(await bed.ledger("films_genre")).toEqual(["build begun"]);
    await holder.query("ROLLBACK");
    const startedAt = performance.now();
    const again = cli("deploy", "--phase", "1");
    expect(await again.prints(/films_genre: repaired/)).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await again.ended).toBe(0);
    expect(await bed.names()).toEqual(["films_genre", "people_email_key"]);
  });
});

describe("the marketplace's own catalogue", () => {
  it("is planned whole, and deployed phase by phase on its own tables, the second time without DDL", async () => {
    await bed.client.query("DROP TABLE films, people, other");
    await migrate({ connectionString: bed.url });
    const own = (...args: string[]) => {
      const run = indexCli(...args, "--database-url", bed.url);
      started.push(run);
      return run;
    };
    const planning = own("plan", "--json");
    expect(await planning.ended).toBe(0);
    const { entries } = JSON.parse(planning.printed().out);
    expect(entries.length).toBeGreaterThanOrEqual(60);
    for (const { name, table, phase, queries, proof, verdict, reason, ...rest } of entries) {
      expect([typeof name, typeof table, rest.statements]).toEqual(["string", "string", expect.any(Array)]);
      expect([1, 2, 3]).toContain(phase);
      expect(["ship", "optional", "rejected"]).toContain(verdict);
      expect([queries, proof], name).toEqual([expect.any(Array), expect.any(Array)]);
      const isRule = ENTRIES.some((each) => each.name === name && each.isUnique === true);
      if (verdict === "ship") expect([queries.length > 0, proof.length > 0 || isRule], name).toEqual([true, true]);
      else expect(reason, name).toEqual(expect.stringMatching(/\w/)); // for some: that no query asks for it
    }
    const dry = await bed.ddlDuring(async () => {
      for (const phase of ["1", "2", "3"]) expect(await own("deploy", "--phase", phase, "--dry-run").ended).toBe(0);
    });
    expect(dry).toEqual([]);
    const all = async () => {
      for (const phase of ["1", "2", "3"]) {
        const deploying = own("deploy", "--phase", phase);
        expect([await deploying.ended, deploying.printed().error]).toEqual([0, ""]);
      }
    };
    await all();
    expect(await bed.ddlDuring(all)).toEqual([]);
    const verifying = own("verify");
    expect([await verifying.ended, verifying.printed().error]).toEqual([0, ""]);
  });

  it("is planned on the owner's own tables as well: what lacks its columns says so, and the owner's eight are known", async () => {
    await bed.client.query("DROP TABLE films, people, other");
    await bed.client.query(await readFile(join(import.meta.dirname, "support/ownersSchema.sql"), "utf8"));
    const planning = indexCli("plan", "--json", "--database-url", bed.url);
    started.push(planning);
    let entries: { name: string; verdict: string; reason: string; statements: string[]; state: { kind: string } }[] =
      [];
    const ddl = await bed.ddlDuring(async () => {
      expect([await planning.ended, planning.printed().error]).toEqual([0, ""]);
      ({ entries } = JSON.parse(planning.printed().out));
    });
    expect(ddl).toEqual([]);
    const skipped = entries.filter(({ state }) => state.kind === "skipped");
    expect(skipped.length).toBeGreaterThan(10);
    for (const { name, reason, statements } of skipped) {
      expect(reason, name).toMatch(
        /^the (table has no column|database has no such table|database has no operator class)/,
      );
      expect(statements).toEqual([]);
    }
    expect(skipped.find(({ name }) => name === "sessions_token_hash_lookup")?.reason).toMatch(/no column token_hash/);
    const sent = entries.filter(({ statements }) => statements.length > 0).map(({ name }) => name);
    expect(sent).toContain("pitches_newest");
    const owners = ENTRIES.filter(({ isOwners }) => isOwners).map(({ name }) => name);
    expect(owners).toHaveLength(8);
    for (const each of entries.filter(({ name }) => owners.includes(name))) expect(each.state.kind).toBe("absent");
  });
});

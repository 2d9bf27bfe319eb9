import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { deploy } from "../../tools/indexes/deploy/deploy.ts";
import { CATALOGUE, type IndexBed, startIndexBed, type TestRun } from "./support/indexBed.ts";

let bed: IndexBed;
beforeAll(async () => {
  bed = await startIndexBed();
});
afterAll(() => bed.stop());
beforeEach(() => bed.fresh());
afterEach(() => bed.endAll());

const deployed = (run: TestRun) => deploy({ ...run, entries: CATALOGUE, phase: 1 });

const has = ({ events }: TestRun, event: string, text: RegExp) =>
  events.some((each) => each.event === event && "text" in each && text.test(each.text));

describe("a transaction in the way of a build", () => {
  it("is named before any DDL where it is older than the budget", async () => {
    const holder = await bed.snapshot();
    const pid = (await holder.query("SELECT pg_backend_pid() AS pid")).rows[0].pid;
    await sleep(400); // its age is what is judged
    const ddl = await bed.ddlDuring(() =>
      expect(deployed(bed.runOf({ waitBudgetMs: 200 }))).rejects.toMatchObject({
        code: "blocked",
        exitCode: 3,
        message: expect.stringMatching(new RegExp(`pid ${pid}, idle in transaction \\d+m?s, "SELECT pg_backend_pid`)),
      }),
    );
    expect(ddl).toEqual([]);
  });

  it("is told while it is waited for; over the budget the build gives way, and comes back", async () => {
    const run = bed.runOf({ waitBudgetMs: 700, attempts: 10 });
    const holder = await bed.snapshot();
    const deploying = deployed(run);
    expect(await until(() => has(run, "postponed", /blocked by pid \d+, idle in transaction/), 20_000)).toBe(true);
    expect(has(run, "blocked", /blocked by pid \d+, idle in transaction \d/)).toBe(true);
    await holder.query("COMMIT"); // it was left alone all the time
    expect((await deploying).isComplete).toBe(true);
    expect(await bed.names()).toEqual(["films_genre", "people_email_key"]);
    expect(await bed.ledger("films_genre")).toContain("build blocked");
  });

  it("that does not end is given up for now: what could not be built is said, and nothing of it is left", async () => {
    const run = bed.runOf({ waitBudgetMs: 400, attempts: 2, backOffMs: 50 });
    await bed.holding("BEGIN", "LOCK TABLE films IN SHARE UPDATE EXCLUSIVE MODE");
    const { isComplete, indexes } = await deployed(run);
    expect(isComplete).toBe(false);
    expect(indexes.find(({ name }) => name === "films_genre")).toMatchObject({
      did: "blocked",
      text: expect.stringMatching(/after 2 attempts: .*pid \d+/),
    });
    expect(await bed.names()).toEqual(["people_email_key"]);
  });

  it("is no alarm where it is idle, READ COMMITTED and wrote another table", async () => {
    await bed.holding("BEGIN", "INSERT INTO other VALUES (99)");
    await sleep(300);
    const run = bed.runOf({ waitBudgetMs: 200 });
    expect((await deployed(run)).isComplete).toBe(true);
    expect(run.events.map(({ event }) => event)).not.toContain("postponed");
  });

  it.each([
    ["VACUUM holds it", "LOCK TABLE films IN SHARE UPDATE EXCLUSIVE MODE"],
    ["ALTER holds it", "LOCK TABLE films IN ACCESS EXCLUSIVE MODE"],
  ])("lets an index on another table go first: %s", async (_, lock) => {
    const run = bed.runOf({ waitBudgetMs: 500, attempts: 10 });
    const holder = await bed.holding("BEGIN", lock);
    const deploying = deployed(run);
    const isOvertaken = () => run.events.some((each) => each.event === "finished" && each.name === "people_email_key");
    expect(await until(isOvertaken, 30_000)).toBe(true);
    await holder.query("ROLLBACK");
    const { indexes, isComplete } = await deploying;
    expect(isComplete).toBe(true);
    expect(indexes.map(({ name }) => name)).toEqual(["people_email_key", "films_genre"]);
  });
});

describe("somebody whom a build holds up", () => {
  it("gets the table at once: the build gives way, so that nobody queues behind", async () => {
    const run = bed.runOf({ waitBudgetMs: 30_000, attempts: 10 });
    const holder = await bed.snapshot();
    const deploying = deployed(run);
    await bed.inPhase(/old snapshots/);
    const altering = await bed.open();
    const startedAt = performance.now();
    await altering.query("ALTER TABLE films ADD COLUMN rating int");
    const tookMs = performance.now() - startedAt;
    expect(has(run, "postponed", /waited for the build, and writers would have queued/) || tookMs < 500).toBe(true);
    expect(tookMs).toBeLessThan(2_000);
    await holder.query("ROLLBACK");
    expect((await deploying).isComplete).toBe(true);
  });

  it("is not made a deadlock's victim: the build gives way before the server has to choose", async () => {
    const run = bed.runOf({ waitBudgetMs: 30_000, attempts: 10 });
    const writer = await bed.writer();
    const deploying = deployed(run);
    await bed.inPhase(/waiting for writers/);
    await writer.query("LOCK TABLE films IN SHARE ROW EXCLUSIVE MODE"); // waits for the build, which waits for it
    await writer.query("COMMIT");
    const { isComplete, deadlocks } = await deploying;
    expect([isComplete, deadlocks]).toEqual([true, 0]);
  });

  it("is counted where the server was quicker, and the build's own result is told as it is", async () => {
    const run = bed.runOf({ waitBudgetMs: 30_000, attempts: 10 });
    const writer = await bed.open();
    await writer.query("SET deadlock_timeout = '1ms'");
    await writer.query("BEGIN");
    await writer.query("UPDATE films SET title = title WHERE id = 1");
    const deploying = deployed(run);
    await bed.inPhase(/waiting for writers/);
    await expect(writer.query("LOCK TABLE films IN SHARE ROW EXCLUSIVE MODE")).rejects.toMatchObject({ code: "40P01" });
    await writer.end(); // its statistics go with it
    const { isComplete, deadlocks } = await deploying;
    expect([isComplete, deadlocks]).toEqual([true, 1]);
    expect(has(run, "note", /1 deadlocks.*\(40P01\)/)).toBe(true);
  });
});

describe("a second deployer", () => {
  it("leaves within two seconds, naming the first; nobody deadlocks; a dead one's lock is free", async () => {
    const holder = await bed.snapshot();
    const first = deployed(bed.runOf({ waitBudgetMs: 20_000 }));
    const pid = await bed.inPhase(/old snapshots/);
    const startedAt = performance.now();
    await expect(deployed(bed.runOf())).rejects.toMatchObject({
      code: "held",
      message: expect.stringMatching(new RegExp(`held by breakwater indexes \\(\\S+ ${process.pid}\\) \\(pid ${pid} `)),
    });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await holder.query("ROLLBACK");
    expect(await first).toMatchObject({ isComplete: true, deadlocks: 0 });
    expect((await deployed(bed.runOf())).isComplete).toBe(true);
  });
});

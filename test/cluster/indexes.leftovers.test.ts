import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTcpRelay } from "../../tools/chaos/tcpRelay.ts";
import { until } from "../../tools/cluster/processes.ts";
import { deploy } from "../../tools/indexes/deploy/deploy.ts";
import { status } from "../../tools/indexes/deploy/status.ts";
import { CATALOGUE, EMAIL, GENRE, type IndexBed, startIndexBed } from "./support/indexBed.ts";

let bed: IndexBed;
beforeAll(async () => {
  bed = await startIndexBed();
});
afterAll(() => bed.stop());
beforeEach(() => bed.fresh());
afterEach(() => bed.endAll());

const deployed = (run = bed.runOf(), entries = CATALOGUE) => deploy({ ...run, entries, phase: 1 });

/** What an interrupted CREATE INDEX CONCURRENTLY leaves: not ready while a writer is waited for, else ready. */
async function leave(statement: string, isReady: boolean): Promise<void> {
  const holder = isReady ? await bed.snapshot() : await bed.writer();
  const builder = await bed.open();
  await builder.query("SET lock_timeout = '300ms'");
  await expect(builder.query(statement)).rejects.toMatchObject({ code: "55P03" });
  await holder.query("ROLLBACK");
}

/** The database over a relay, whose connections can be cut. */
async function relayed() {
  const relay = await startTcpRelay((await bed.cluster.resolve("primary")).port);
  const url = new URL(bed.url);
  url.port = String(relay.port);
  return { relay, connectionString: url.href };
}

const stateOf = async (name: string) =>
  (await status(bed.url, CATALOGUE)).entries.find(({ entry }) => entry.name === name)?.state;

describe("what an interrupted build left", () => {
  it("is told, dropped and built anew", async () => {
    await leave("CREATE INDEX CONCURRENTLY films_genre ON films (genre, year DESC)", false);
    expect(await stateOf("films_genre")).toEqual({ kind: "leftover", isReady: false, rejectsWrites: false });
    const { indexes } = await deployed();
    expect(indexes[0]).toMatchObject({ did: "repaired" });
    expect(await bed.names()).toEqual(["films_genre", "people_email_key"]);
    expect(await bed.ledger("films_genre")).toEqual(["drop begun", "drop done", "build begun", "build done"]);
  });

  it("is said to reject writes where it does", async () => {
    await leave("CREATE UNIQUE INDEX CONCURRENTLY people_email_key ON people (lower(email))", true);
    const insert = () => bed.client.query("INSERT INTO people VALUES (9000, 'PERSON1@example.com')");
    await expect(insert()).rejects.toMatchObject({ code: "23505" });
    expect(await stateOf("people_email_key")).toMatchObject({ kind: "leftover", rejectsWrites: true });
    const run = bed.runOf();
    const { indexes } = await deployed(run);
    expect(indexes[1]).toMatchObject({ did: "repaired" });
    expect(run.events).toContainEqual(
      expect.objectContaining({ name: "people_email_key", text: expect.stringMatching(/it rejected writes/) }),
    );
  });

  it("is not what another session is building: that is waited for, named, and never dropped", async () => {
    const holder = await bed.snapshot();
    const builder = await bed.open();
    const building = builder.query("CREATE INDEX CONCURRENTLY films_genre ON films (genre, year DESC)");
    const pid = await bed.inPhase(/old snapshots/);
    expect(await stateOf("films_genre")).toMatchObject({ kind: "building", busy: { pid } });
    const impatient = bed.runOf({ patienceMs: 1_000 });
    await expect(deployed(impatient, [GENRE])).rejects.toMatchObject({
      code: "blocked",
      message: expect.stringMatching(new RegExp(`pid ${pid} is at it already \\(CREATE INDEX CONCURRENTLY\\)`)),
    });
    const patient = deployed(bed.runOf({ patienceMs: 20_000 }), [GENRE]);
    await holder.query("ROLLBACK");
    await building;
    expect((await patient).indexes[0]).toMatchObject({ did: "adopted" });
    expect(await bed.ledger("films_genre")).toEqual(["adopt done"]);
  });

  it("is told from a build by another role, whose progress this one may not see", async () => {
    const holder = await bed.snapshot();
    await bed.client.query(`DROP ROLE IF EXISTS deployer; CREATE ROLE deployer LOGIN;
      GRANT ALL ON SCHEMA breakwater, public TO deployer; GRANT ALL ON ALL TABLES IN SCHEMA breakwater TO deployer`);
    const builder = await bed.open();
    const building = builder.query("CREATE INDEX CONCURRENTLY films_genre ON films (genre, year DESC)");
    const pid = await bed.inPhase(/old snapshots/);
    const run = bed.runOf({ patienceMs: 800, waitBudgetMs: 60_000 });
    const connectionString = bed.url.replace("breakwater:breakwater@", "deployer:x@");
    await expect(deployed({ ...run, connectionString }, [GENRE])).rejects.toThrow(`pid ${pid} is at it already`);
    expect(run.events).toContainEqual(
      expect.objectContaining({ event: "note", text: expect.stringMatching(/Grant it pg_read_all_stats/) }),
    );
    await holder.query("ROLLBACK");
    await building;
    expect(await bed.names()).toEqual(["films_genre"]);
    await bed.client.query("DROP OWNED BY deployer; DROP ROLE deployer");
  });
});

describe("a deploy whose build is cut off", () => {
  const cutOff = async (cut: (pid: number) => Promise<unknown>, run = bed.runOf({ waitBudgetMs: 20_000 })) => {
    const holder = await bed.snapshot();
    const deploying = deployed(run);
    deploying.catch(() => {}); // awaited below
    const pid = await bed.inPhase(/old snapshots/);
    await cut(pid);
    await until(async () => (await bed.ledger("films_genre")).length > 1, 5_000);
    await holder.query("ROLLBACK");
    return deploying;
  };

  it.each([
    ["its backend is terminated", "SELECT pg_terminate_backend($1)"],
    ["somebody cancels it", "SELECT pg_cancel_backend($1)"],
  ])("comes back once it has backed off: %s", async (_, cut) => {
    const run = bed.runOf({ waitBudgetMs: 20_000 });
    const { indexes, isComplete } = await cutOff((pid) => bed.client.query(cut, [pid]), run);
    expect(isComplete).toBe(true);
    expect(indexes.find(({ name }) => name === "films_genre")?.did).toMatch(/built|repaired/);
    expect(run.events.filter(({ event }) => event === "postponed")).toHaveLength(1);
    expect(await bed.names()).toEqual(["films_genre", "people_email_key"]);
  });

  it("does not notice that its watchdog is terminated", async () => {
    const { isComplete } = await cutOff((pid) =>
      bed.client
        .query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name LIKE 'breakwater indexes%' AND pid <> $1`,
          [pid],
        )
        .then(() =>
          bed.client.query(
            "INSERT INTO breakwater.index_ledger (by, name, relation, phase, action, state, statement) VALUES ('test', 'films_genre', 'films', 1, 'pause', 'done', '')",
          ),
        ),
    );
    expect(isComplete).toBe(true);
    expect(await bed.names()).toEqual(["films_genre", "people_email_key"]);
  });

  it("comes back when the network drops both its connections", async () => {
    const { relay, connectionString } = await relayed();
    const run = { ...bed.runOf({ waitBudgetMs: 20_000 }), connectionString };
    const { isComplete } = await cutOff(async () => relay.cut(), run);
    expect(isComplete).toBe(true);
    expect(run.events.filter(({ event }) => event === "postponed")).toHaveLength(1);
    expect(await bed.names()).toEqual(["films_genre", "people_email_key"]);
    relay.close();
  });

  it("asks for its connections until there are some again, and loses no attempt meanwhile", async () => {
    const { relay, connectionString } = await relayed();
    const run = { ...bed.runOf({ waitBudgetMs: 20_000, attempts: 2 }), connectionString };
    const away = async () => {
      relay.refuse(true);
      relay.cut();
      setTimeout(() => relay.refuse(false), 2_000); // a server that recovers takes as long
    };
    expect((await cutOff(away, run)).isComplete).toBe(true);
    expect(await bed.names()).toEqual(["films_genre", "people_email_key"]);
    relay.close();
  });

  it("ends in a sentence, and with the code for later, where its connections do not come back", async () => {
    const { relay, connectionString } = await relayed();
    const run = { ...bed.runOf({ waitBudgetMs: 20_000, attempts: 1 }), connectionString };
    const away = async () => {
      relay.refuse(true);
      relay.cut();
    };
    await expect(cutOff(away, run)).rejects.toMatchObject({
      code: "blocked",
      exitCode: 3,
      message: expect.stringMatching(/connection was lost.*What was built is kept/),
    });
    relay.close();
  });

  it("cancels, drops what is left and says so in the ledger when it is interrupted", async () => {
    const run = bed.runOf({ waitBudgetMs: 20_000 });
    await bed.snapshot();
    const deploying = deployed(run);
    await bed.inPhase(/old snapshots/);
    run.abort();
    await expect(deploying).rejects.toMatchObject({ code: "cancelled", exitCode: 130 });
    expect(await bed.names()).toEqual([]);
    expect(await bed.ledger()).toEqual([
      "films_genre build begun",
      "films_genre build cancelled",
      "films_genre drop begun",
      "films_genre drop done",
    ]);
  });

  it("finds a build that was finished and never noted, and has it as its own", async () => {
    await bed.client.query("CREATE INDEX films_genre ON films (genre, year DESC)");
    await bed.client.query(
      `INSERT INTO breakwater.index_ledger (by, name, relation, phase, action, state, statement)
        VALUES ('a deploy that was killed', 'films_genre', 'films', 1, 'build', 'begun', '')`,
    );
    expect((await deployed()).indexes[0]).toMatchObject({ did: "unchanged" });
    expect(await bed.ledger("films_genre")).toEqual(["build begun", "build done"]);
    expect((await deployed(bed.runOf(), [EMAIL])).isComplete).toBe(true);
  });
});

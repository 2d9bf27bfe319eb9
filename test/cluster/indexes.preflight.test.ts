import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../tools/cluster/processes.ts";
import { deploy } from "../../tools/indexes/deploy/deploy.ts";
import { plan } from "../../tools/indexes/deploy/plan.ts";
import { status } from "../../tools/indexes/deploy/status.ts";
import { CATALOGUE, type IndexBed, startIndexBed, type TestRun } from "./support/indexBed.ts";
import { startPoolerStandIn } from "./support/poolerStandIn.ts";

let bed: IndexBed;
beforeAll(async () => {
  bed = await startIndexBed();
});
afterAll(() => bed.stop());
beforeEach(() => bed.fresh());
afterEach(() => bed.endAll());

const deployed = (run: TestRun, more: Partial<Parameters<typeof deploy>[0]> = {}) =>
  deploy({ ...run, entries: CATALOGUE, phase: 1, ...more });

const refused = (connectionString: string, why: RegExp) =>
  expect(deployed(bed.runOf(), { connectionString })).rejects.toMatchObject({
    code: "refused",
    message: expect.stringMatching(why),
  });

const tells = ({ events }: TestRun, text: RegExp) =>
  until(() => events.some((each) => "text" in each && text.test(each.text)), 15_000);

describe("a deploy refuses, before anything else,", () => {
  it("a standby and a read-only session, in words", async () => {
    const standby = (await bed.cluster.resolve("replica")).connectionString;
    await refused(standby, /is a standby: give the primary's address\. Indexes are built on a primary/);
    await refused(`${bed.url}?options=-c%20default_transaction_read_only%3Don`, /is read-only for this user/);
  });

  it("a pooler's host, with the direct one", () =>
    refused("postgres://u:secret@ep-x-pooler.eu.example.invalid/x", /^ep-x-pooler\S+ is a pooler: give the direct/));

  it("a pooler that does not look like one", async () => {
    const pooler = await startPoolerStandIn((await bed.cluster.resolve("primary")).port);
    const url = new URL(bed.url);
    url.port = String(pooler.port);
    await refused(url.href, /is a pooler: two statements were answered by two backends \(pid \d+ and \d+\)/);
    pooler.close();
  });

  it("a database without the ledger, and one that does not answer", async () => {
    await bed.client.query("DROP TABLE breakwater.index_ledger");
    await refused(bed.url, /keeps no ledger of indexes yet: run `npm run cli -- install` first/);
    await refused("postgres://u@127.0.0.1:1/x", /nothing listens there/);
    await refused("garbage", /is not postgres:/);
    const planned = await plan({ ...bed.runOf(), entries: CATALOGUE });
    expect(planned.inTheWay).toContainEqual(expect.stringMatching(/no ledger/));
  });
});

describe("a deploy's sessions", () => {
  it("are not cut off by what their role has set", async () => {
    await bed.client.query(`DROP ROLE IF EXISTS hasty; CREATE ROLE hasty LOGIN SUPERUSER;
      ALTER ROLE hasty SET statement_timeout = '300ms'; ALTER ROLE hasty SET lock_timeout = '100ms';
      ALTER ROLE hasty SET transaction_timeout = '300ms'`);
    const holder = await bed.snapshot();
    const run = bed.runOf({ waitBudgetMs: 20_000 });
    const connectionString = bed.url.replace("breakwater:breakwater@", "hasty:x@");
    const deploying = deployed(run, { connectionString });
    await bed.inPhase(/old snapshots/);
    expect(await tells(run, /blocked by pid/)).toBe(true);
    await until(() => run.events.filter(({ event }) => event === "blocked").length >= 2, 5_000);
    await holder.query("ROLLBACK");
    expect((await deploying).isComplete).toBe(true);
    expect(run.events.map(({ event }) => event)).not.toContain("postponed");
    await bed.client.query("DROP ROLE hasty");
  });
});

describe("a replica's lag", () => {
  it("is waited for in sight before a build, and ends in a sentence when it stays", async () => {
    await bed.cluster.lag("node-2", 3_000);
    // Replay stops before the first commit that is younger than its delay: what comes after that is the lag.
    for (const from of [10_000, 20_000]) {
      await bed.client.query(`INSERT INTO films SELECT $1 + n, 'x', 'drama', 2000 FROM generate_series(1, 9000) n`, [
        from,
      ]);
    }
    const impatient = bed.runOf({ maxLagBytes: 100_000, patienceMs: 300 });
    await expect(deployed(impatient)).rejects.toMatchObject({
      code: "blocked",
      message: expect.stringMatching(/replica node-2 is \S+ and \S+ \S+ behind \(limit/),
    });
    expect(await bed.names()).toEqual([]);
    const patient = bed.runOf({ maxLagBytes: 100_000, patienceMs: 30_000 });
    const deploying = deployed(patient);
    expect(await tells(patient, /node-2 is/)).toBe(true);
    await bed.cluster.lag("node-2", 0);
    expect((await deploying).isComplete).toBe(true);
    expect(await bed.ledger("films_genre")).toEqual(
      expect.arrayContaining(["pause begun", "pause done", "build done"]),
    );
  });
});

describe("Breakwater's own breaker", () => {
  let admin: Server;
  let answer: { status: number; state: string };
  let url: string;
  beforeEach(async () => {
    answer = { status: 200, state: "closed" };
    admin = createServer((request, response) => {
      const isAdmin = request.headers.authorization === "Bearer right" && request.url === "/admin/breaker";
      response.writeHead(isAdmin ? answer.status : 401, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ nodes: [{ name: "node-1", state: answer.state }], isolate: [] }));
    }).listen(0, "127.0.0.1");
    await once(admin, "listening");
    url = `http://127.0.0.1:${(admin.address() as AddressInfo).port}`;
  });
  afterEach(() => admin.close());

  const breaker = (ifUnknown: "wait" | "go" = "wait", adminToken = "right") => ({ url, adminToken, ifUnknown });

  it("pauses a deploy between two indexes, and lets it go on at the next one", async () => {
    const run = bed.runOf({ patienceMs: 30_000 });
    const report: TestRun["report"] = (event) => {
      run.events.push(event);
      if (event.event === "finished" && event.name === "films_genre") answer.state = "open";
    };
    const deploying = deployed(run, { report, breaker: breaker() });
    expect(await tells(run, /the breaker of node-1 is open/)).toBe(true);
    expect(await bed.names()).toEqual(["films_genre"]);
    expect(await bed.ledger("people_email_key")).toEqual(["pause begun"]);
    const { paused } = await status(bed.url, CATALOGUE);
    expect(paused).toBe("before people_email_key: the breaker of node-1 is open");
    answer.state = "closed";
    expect((await deploying).isComplete).toBe(true);
    const builds = (await bed.ledger()).filter((each) => / (build|pause) /.test(each));
    expect(builds.slice(-4)).toEqual([
      "people_email_key pause begun",
      "people_email_key pause done",
      "people_email_key build begun",
      "people_email_key build done",
    ]);
  });

  it("that cannot be asked stops a deploy, unless it was told to go on", async () => {
    answer.status = 503;
    const waiting = bed.runOf({ patienceMs: 300 });
    await expect(deployed(waiting, { breaker: breaker() })).rejects.toMatchObject({ code: "blocked" });
    const going = bed.runOf();
    expect((await deployed(going, { breaker: breaker("go") })).isComplete).toBe(true);
    expect(await tells(going, /answers 503; going on all the same/)).toBe(true);
  });

  it("that does not take the token is no reason to wait", () =>
    expect(deployed(bed.runOf(), { breaker: breaker("go", "wrong") })).rejects.toMatchObject({
      code: "refused",
      message: expect.stringMatching(/does not take this admin token/),
    }));
});

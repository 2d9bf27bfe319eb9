import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ReadResult } from "../../src/database/database.ts";
import { DatabaseState } from "../../src/database/databaseState.ts";
import { hyperdriveTransport } from "../../src/database/hyperdriveTransport.ts";
import { refreshTopology } from "../../src/database/locatePrimary.ts";
import { type Query, query } from "../../src/database/query.ts";
import { read } from "../../src/database/read.ts";
import { RequestScope } from "../../src/database/requestScope.ts";
import { Session } from "../../src/database/session.ts";
import { uuidv7 } from "../../src/database/uuid.ts";
import type { Token } from "../../src/replicas/session/token.ts";
import { bundleBed } from "../../tools/bed/bundleBed.ts";
import { startBed } from "../../tools/bed/startBed.ts";
import { until } from "../../tools/cluster/processes.ts";
import { steadily } from "../../tools/load/steadily.ts";
import { clientOf, PITCH, signUp } from "./support/client.ts";
import { cliRun } from "./support/cliRun.ts";
import { operatorOf, shownNodes } from "./support/operatorOf.ts";
import { sqlOn } from "./support/sqlOn.ts";
import { startTestSystem, type TestSystem } from "./support/system.ts";
import { routeOf, Visitor } from "./support/visitor.ts";

/** What happens to replicas while the primary is well: who is read from, and what is held against whom. */

const NODES = ["node-1", "node-2", "node-3"] as const;
const BROWSE = "/api/pitches?limit=1";

let system: TestSystem;
let send: ReturnType<typeof clientOf>;
let visitor: Visitor;
let author: { id: string; token: string };

beforeAll(async () => {
  system = await startTestSystem(200);
  send = clientOf(system.worker.url);
  author = await signUp(send);
});
afterAll(() => system.stop());
beforeEach(() => {
  visitor = new Visitor(system.worker.url);
});
afterEach(async () => {
  system.proxy.faults.clear();
  for (const node of NODES) await system.cluster.start(node);
});

const publish = async () => {
  const { token } = author;
  const { status, body } = await visitor.send("/api/pitches", { token, json: PITCH });
  expect(status).toBe(201);
  expect((await visitor.send(`/api/pitches/${body.id}/publish`, { token, method: "POST" })).status).toBe(200);
  return body.id as string;
};

/** Requests that the endpoint was sent, but for questions of our own. */
const asked = () =>
  Object.values(system.proxy.stats()).reduce(
    (sum, { requests, statements }) => sum + requests - (statements["breakwater.sample"] ?? 0),
    0,
  );

describe("a replica that hears of nothing any more, and answers", () => {
  it("is read from by nobody after a while, and again when it has caught up", async () => {
    await system.cluster.detach("node-2");
    const isOut = async () => {
      await publish(); // the primary must move on: where nothing is written nobody is behind
      return (await shownNodes(system.worker.url))["node-2"]?.isOut === true;
    };
    expect(await until(isOut, 45_000)).toBe(true);
    expect((await shownNodes(system.worker.url))["node-2"]?.reasons).toContain("out of rotation: too far behind");
    const isHeard = async () => {
      await fetch(`${system.worker.url}/health`); // brings an exchange along
      const reads = await Promise.all(Array.from({ length: 10 }, () => send(BROWSE)));
      return reads.every((got) => routeOf(got).node === "node-3");
    };
    // The owner's word comes with its Collector's next digest, and then with the isolate's next exchange: ten seconds each.
    expect(await until(isHeard, 25_000)).toBe(true);
    for (let count = 0; count < 100; count++) expect(routeOf(await send(BROWSE)).node).toBe("node-3");

    await system.cluster.start("node-2");
    const isBack = async () => (await send(BROWSE)) && (await shownNodes(system.worker.url))["node-2"]?.isOut === false;
    expect(await until(isBack, 30_000)).toBe(true);
  }, 120_000);
});

describe("a read and a write", () => {
  it("cost one request each, with a session as without", async () => {
    const id = await publish();
    const isThere = async () => routeOf(await visitor.send(`/api/pitches/${id}`)).reason !== "moved";
    expect(await until(isThere, 5_000)).toBe(true);
    for (const node of ["node-2", "node-3"]) {
      const isHeld = async () =>
        (await sqlOn(system.cluster, node, `SELECT 1 FROM pitches WHERE id = '${id}'`)).length === 1;
      expect(await until(isHeld, 5_000)).toBe(true);
    }
    for (const [what, ask, status] of [
      ["a bare read", () => send(`/api/pitches/${id}`), 200],
      ["a session's read", () => visitor.send(`/api/pitches/${id}`), 200],
      ["a write, with who is signed in looked up", () => visitor.send("/api/pitches", authored()), 201],
    ] as const) {
      system.proxy.resetStats();
      const got = await ask();
      expect([what, got.status, asked()]).toEqual([what, status, status === 201 ? 2 : 1]);
    }
  });
});

const authored = () => ({ token: author.token, json: PITCH });

describe("a node that sleeps", () => {
  it("is waited for while it wakes, and that is held against nobody", async () => {
    for (const node of ["node-2", "node-3"]) system.proxy.faults.set(node, { asleepMs: 800 });
    const startedAt = performance.now();
    expect((await send(BROWSE)).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    const answers = await steadily(20, 1_000, () => send(BROWSE)).answers;
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const { nodes } = (await operatorOf(system.worker.url)("/replicas")).body.isolate as {
      nodes: { name: string; failuresInARow: number; avoidedForMs: number }[];
    };
    expect(nodes.map(({ failuresInARow, avoidedForMs }) => failuresInARow + avoidedForMs)).toEqual([0, 0, 0]);
  });
});

describe("a role without privileges", () => {
  it("is enough for reads, writes, sessions and the map; what replication shows to superusers is not needed", async () => {
    await sqlOn(
      system.cluster,
      "primary",
      `CREATE ROLE plain LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
       GRANT USAGE ON SCHEMA public, breakwater TO plain;
       GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, breakwater TO plain;
       GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, breakwater TO plain;
       REVOKE ALL ON pg_stat_replication, pg_stat_wal_receiver FROM PUBLIC`,
    );
    const changes = Object.fromEntries(
      Object.entries(system.environment)
        .filter(([name]) => name.startsWith("DATABASE_URL_"))
        .map(([name, url]) => [name, url.replace("breakwater:breakwater@", "plain:plain@")]),
    );
    expect(Object.keys(changes)).toHaveLength(3);
    const worker = await system.another(changes);
    const plain = new Visitor(worker.url);
    const { token } = await signUp(clientOf(worker.url));
    const { status, body } = await plain.send("/api/pitches", { token, json: PITCH });
    expect(status).toBe(201);
    const got = await plain.send(`/api/pitches/${body.id}`, { token });
    expect([got.status, got.headers.get("Breakwater-Consistency")]).toEqual([200, null]);
    const isMapped = async () => {
      await plain.send(BROWSE);
      const nodes = Object.values(await shownNodes(worker.url));
      return nodes.map(({ role, generation }) => `${role} ${generation !== null}`).join() === MAPPED;
    };
    expect(await until(isMapped, 15_000)).toBe(true);
  });
});

const MAPPED = "primary true,replica true,replica true";

describe("the objects' restart under load", () => {
  it("fails no read and no write, and the map is there again", async () => {
    const bed = await startBed({
      bundle: await bundleBed(".breakwater/test-bed-replicas"),
      isolates: 3,
      environment: system.environment,
    });
    try {
      let next = 0;
      const browse = () => (bed.isolates[next++ % 3] as (typeof bed.isolates)[number]).fetch(BROWSE);
      const load = steadily(50, 6_000, browse);
      const resets = [1_000, 2_500, 4_000].map((at) =>
        load.after(at, async () => {
          await bed.host.fault("ReplicaCoordinator", "*", { kind: "reset", times: 1 });
          for (const { url } of bed.isolates) await shownNodes(url);
        }),
      );
      const answers = await load.answers;
      await Promise.all(resets);
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      for (const { url } of bed.isolates) {
        const { status } = await clientOf(url)("/api/pitches", authored());
        expect(status).toBe(201);
        expect(Object.values(await shownNodes(url)).map(({ role }) => role)).toEqual(["primary", "replica", "replica"]);
      }
      expect(await bed.host.clear()).toBeGreaterThan(0);
    } finally {
      await bed.close();
    }
  }, 90_000);
});

describe("what only the nodes themselves know of a read", () => {
  let state: DatabaseState;

  beforeEach(async () => {
    state = await isolateOn("marketplace");
  });

  /** An isolate of its own over that database. */
  async function isolateOn(database: string): Promise<DatabaseState> {
    const nodes = await system.cluster.nodes();
    state = new DatabaseState(
      nodes.map(({ name, connectionString }) => ({
        name,
        maySleep: false,
        open: () => hyperdriveTransport(connectionString.replace(/[^/]+$/, database)),
      })),
    );
    await within((scope) => refreshTopology(scope, 1_000));
    expect(state.topology.primary).toBe("node-1");
    return state;
  }

  /** As one request of an isolate: its own connections, closed afterwards. Of two replicas the first is tried first. */
  async function within<T>(work: (scope: RequestScope) => Promise<T>, session = new Session()): Promise<T> {
    const scope = new RequestScope(state, {
      session,
      deadline: { at: Date.now() + 3_000 },
      mode: "on",
      breakerMode: "on",
      now: Date.now,
      random: () => 0,
      waitUntil: () => {},
    });
    try {
      return await work(scope);
    } finally {
      await scope.close();
    }
  }

  const ask = <Row>(statement: Query<Row>): Promise<ReadResult<Row>> => within((scope) => read(scope, statement));

  it.each([
    ["takes a number", "SELECT nextval('misjudged')::int AS n"],
    ["locks rows", "SELECT 1 AS n FROM users LIMIT 1 FOR UPDATE"],
    ["calls a function that writes", "SELECT misjudged() AS n"],
    ["holds a write", "WITH w AS (INSERT INTO misjudged_rows VALUES (1) RETURNING 1 AS n) SELECT n FROM w"],
  ])(
    "one that %s, taken for a mere read, ends on the primary, once, and is held against no replica",
    async (_, text) => {
      await sqlOn(
        system.cluster,
        "primary",
        `CREATE SEQUENCE IF NOT EXISTS misjudged;
       CREATE TABLE IF NOT EXISTS misjudged_rows (n int);
       TRUNCATE misjudged_rows;
       CREATE OR REPLACE FUNCTION misjudged() RETURNS int LANGUAGE sql AS
         'INSERT INTO misjudged_rows VALUES (1) RETURNING 1'`,
      );
      const there = "SELECT 1 FROM pg_proc WHERE proname = 'misjudged'";
      for (const node of NODES) {
        expect(await until(async () => (await sqlOn(system.cluster, node, there)).length === 1, 5_000)).toBe(true);
      }
      const counted = vi.spyOn(state.instruments, "attempt");
      const { rows, route } = await ask(query<{ n: number }>("test.misjudged", text));
      expect([rows.length, route.node]).toEqual([1, "node-1"]);
      const outcomes = counted.mock.calls.map(([, , outcome]) => outcome);
      counted.mockRestore();
      expect([outcomes.slice(0, -1).every((outcome) => outcome === "role"), outcomes.length > 1]).toEqual([true, true]);
      const written = await sqlOn(system.cluster, "primary", "SELECT count(*)::int AS n FROM misjudged_rows");
      expect(Number(written[0]?.n)).toBeLessThanOrEqual(1);
      for (const node of ["node-2", "node-3"]) expect(state.breakers.effective(node, Date.now()).state).toBe("closed");
    },
  );

  it("one that a standby cancels for a conflict with recovery is answered by another node, and held against none", async () => {
    await sqlOn(
      system.cluster,
      "primary",
      "CREATE TABLE contested AS SELECT n FROM generate_series(1, 1000) n; ALTER TABLE contested SET (autovacuum_enabled = false)",
    );
    await sqlOn(system.cluster, "node-2", "ALTER SYSTEM SET max_standby_streaming_delay = 0");
    await sqlOn(system.cluster, "node-2", "SELECT pg_reload_conf()");
    const there = "SELECT 1 FROM pg_class WHERE relname = 'contested'";
    for (const node of ["node-2", "node-3"]) {
      expect(await until(async () => (await sqlOn(system.cluster, node, there)).length === 1, 5_000)).toBe(true);
    }
    // The snapshot is taken, then it waits, then it needs rows that were cleared away meanwhile.
    const slow = query<{ n: number }>(
      "test.contested",
      "SELECT count(*)::int AS n FROM (SELECT pg_sleep(0.6)) s, contested",
    );
    const reading = ask(slow);
    const sleeps = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '%contested%'";
    expect(await until(async () => (await sqlOn(system.cluster, "node-2", sleeps)).length === 1, 5_000)).toBe(true);
    await sqlOn(system.cluster, "primary", "DELETE FROM contested WHERE n > 500");
    await sqlOn(system.cluster, "primary", "VACUUM contested");
    const { rows, route } = await reading;
    expect([route.node, route.reason]).toEqual(["node-3", "retry"]);
    expect([500, 1_000]).toContain(rows[0]?.n);
    const { failuresInARow, avoidUntil } = state.evidence("node-2");
    expect([failuresInARow, avoidUntil]).toEqual([0, 0]);
    expect((await ask(query("test.after", "SELECT 1 AS n"))).rows).toHaveLength(1);
  });

  it("in a database without the schema a session reads from the primary, which is said once; `install` ends that", async () => {
    await sqlOn(system.cluster, "primary", "CREATE DATABASE elsewhere");
    const there = "SELECT 1 FROM pg_database WHERE datname = 'elsewhere'";
    for (const node of ["node-2", "node-3"]) {
      expect(await until(async () => (await sqlOn(system.cluster, node, there)).length === 1, 5_000)).toBe(true);
    }
    state = await isolateOn("elsewhere");
    const lines = vi.spyOn(console, "error").mockImplementation(() => {});
    const token = (id: string): Token => ({ marks: [{ id, epoch: "1" }], seen: null });
    const mark = uuidv7(Date.now());
    const one = query<{ n: number }>("test.one", "SELECT 1 AS n");
    const asSession = () => within((scope) => read(scope, one), new Session(token(mark)));
    for (let count = 0; count < 3; count++) {
      const { rows, route } = await asSession();
      expect([rows, route.node, route.reason]).toEqual([[{ n: 1 }], "node-1", "strict"]);
    }
    expect(lines.mock.calls.filter(([line]) => String(line).includes("npm run cli -- install"))).toHaveLength(1);
    lines.mockRestore();

    const url = (await system.cluster.resolve("primary")).connectionString.replace(/[^/]+$/, "elsewhere");
    const install = cliRun("install", "--database-url", url);
    expect([await install.ended, install.printed().error]).toEqual([0, ""]);
    expect(install.printed().out).toMatch(/Installed \d+ migrations\./);
    state = await isolateOn("elsewhere");
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query("SELECT breakwater.mark($1, '{anything}', 1)", [mark]);
    await client.end();
    const { rows, route } = await asSession();
    expect([rows, route.node, route.reason]).toEqual([[{ n: 1 }], "node-2", "session"]);
  });
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { until } from "../../../tools/cluster/processes.ts";
import type { DeployEvent } from "../../../tools/indexes/deploy/deployEvent.ts";
import { type Limits, USUAL_LIMITS } from "../../../tools/indexes/deploy/limits.ts";
import type { RunOptions } from "../../../tools/indexes/deploy/run.ts";
import { migrate } from "../../../tools/migrate/migrate.ts";
import { startTestCluster } from "./cluster.ts";

/** An entry with what a deploy needs, and nothing of proofs. */
export function entry(
  given: Pick<IndexEntry, "name" | "table" | "columns" | "definition"> & Partial<IndexEntry>,
): IndexEntry {
  return {
    phase: 1,
    queries: [],
    proofs: [],
    writeBudget: { walPerInsert: 2, hotLoss: 2 },
    dropRule: "never",
    verdict: { kind: "ship" },
    ...given,
  };
}

export const GENRE = entry({
  name: "films_genre",
  table: "films",
  columns: ["genre", "year"],
  definition: "films (genre, year DESC)",
});
export const EMAIL = entry({
  name: "people_email_key",
  table: "people",
  columns: ["email"],
  definition: "people (lower(email))",
  isUnique: true,
});
export const DRAMAS = entry({
  name: "films_dramas",
  table: "films",
  columns: ["year", "id", "genre"],
  definition: "films (year DESC, id DESC) WHERE genre = 'drama'",
  phase: 2,
});

/** Two phases on two tables: a plain one, a unique one on an expression, a partial one. */
export const CATALOGUE: readonly IndexEntry[] = [GENRE, EMAIL, DRAMAS];

/** Quick to give up, so that a test need not wait. */
const QUICK: Limits = {
  ...USUAL_LIMITS,
  restMs: 0,
  waitBudgetMs: 1_500,
  patienceMs: 5_000,
  attempts: 3,
  backOffMs: 200,
  maxBackOffMs: 400,
};

/** What `runOf` gives to a deploy, and what that told. */
export interface TestRun extends RunOptions {
  readonly events: DeployEvent[];
  readonly abort: () => void;
}

export class IndexBed {
  readonly #bed: Awaited<ReturnType<typeof startTestCluster>>;
  readonly #opened: Client[] = [];
  #count = 0;
  /** The database of this test. */
  url = "";
  client = new Client();

  constructor(bed: Awaited<ReturnType<typeof startTestCluster>>) {
    this.#bed = bed;
  }

  get cluster() {
    return this.#bed.cluster;
  }

  /** A database with the ledger and two tables; every DDL that it is sent is in the server's log. */
  async fresh(): Promise<void> {
    const { connectionString } = await this.cluster.resolve("primary");
    const name = `indexes_${++this.#count}`;
    const admin = await this.open(connectionString);
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.query(`ALTER DATABASE ${name} SET log_statement = 'ddl'`);
    this.url = connectionString.replace(/[^/]+$/, name);
    await migrate({ connectionString: this.url, sets: ["breakwater"] });
    this.client = await this.open();
    await this.client.query(`
      CREATE TABLE films (id int PRIMARY KEY, title text NOT NULL, genre text NOT NULL, year int NOT NULL);
      CREATE TABLE people (id int PRIMARY KEY, email text NOT NULL);
      CREATE TABLE other (id int PRIMARY KEY);
      INSERT INTO films SELECT n, 'Film ' || n, (ARRAY['drama', 'comedy', 'western'])[1 + n % 3], 1900 + n % 120
        FROM generate_series(1, 5000) n;
      INSERT INTO people SELECT n, 'person' || n || '@example.com' FROM generate_series(1, 2000) n;
      INSERT INTO other SELECT generate_series(1, 10)`);
    await this.client.query("VACUUM ANALYZE");
  }

  async open(url = this.url): Promise<Client> {
    const client = new Client({ connectionString: url });
    client.on("error", () => {});
    await client.connect();
    await client.query("SET search_path = public"); // by default "$user" first, which is the core's schema here
    this.#opened.push(client);
    return client;
  }

  /** A session with a transaction that is left open. */
  async holding(...statements: string[]): Promise<Client> {
    const client = await this.open();
    for (const statement of statements) await client.query(statement);
    return client;
  }

  /** A transaction that every build waits for in its last phase. */
  snapshot(): Promise<Client> {
    return this.holding("BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT count(*) FROM other");
  }

  /** A transaction that a build on films waits for before it begins. */
  writer(): Promise<Client> {
    return this.holding("BEGIN", "UPDATE films SET title = title WHERE id = 1");
  }

  runOf(limits: Partial<Limits> = {}): TestRun {
    const events: DeployEvent[] = [];
    const controller = new AbortController();
    return {
      connectionString: this.url,
      limits: { ...QUICK, ...limits },
      report: (event) => events.push(event),
      signal: controller.signal,
      events,
      abort: () => controller.abort(),
    };
  }

  /** Name, validity and definition of the indexes that no constraint has. */
  async indexes(): Promise<{ name: string; valid: boolean; ready: boolean; definition: string }[]> {
    const { rows } = await this.client.query(`
      SELECT i.relname AS name, x.indisvalid AS valid, x.indisready AS ready, pg_get_indexdef(i.oid) AS definition
      FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
      WHERE i.relnamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid) ORDER BY 1`);
    return rows;
  }

  async names(): Promise<string[]> {
    return (await this.indexes()).map(({ name, valid }) => (valid ? name : `${name} (invalid)`));
  }

  /** `action state` of each row of the ledger, in order; of one name, if given. */
  async ledger(name?: string): Promise<string[]> {
    const { rows } = await this.client.query(
      "SELECT name, action, state FROM breakwater.index_ledger WHERE $1::text IS NULL OR name = $1 ORDER BY id",
      [name ?? null],
    );
    return rows.map((row) => `${name === undefined ? `${row.name} ` : ""}${row.action} ${row.state}`);
  }

  /** The DDL that this database's server was sent during the work, by anybody. */
  async ddlDuring(work: () => Promise<unknown>): Promise<string[]> {
    const log = join(this.#bed.root, "logs", "node-1.log");
    const before = (await readFile(log, "utf8")).length;
    await work();
    const added = (await readFile(log, "utf8")).slice(before);
    return [...added.matchAll(/LOG: {2}(?:statement|execute [^:]*): (.*)/g)].map(([, statement = ""]) => statement);
  }

  /** Waits until a build of ours is in that phase. */
  async inPhase(phase: RegExp, url = this.url): Promise<number> {
    let pid = 0;
    const client = await this.open(url);
    const isThere = await until(async () => {
      const { rows } = await client.query(
        "SELECT pid, phase FROM pg_stat_progress_create_index WHERE datname = current_database()",
      );
      const found = rows.find((row) => phase.test(row.phase));
      pid = found?.pid ?? 0;
      return found !== undefined;
    }, 15_000);
    if (!isThere) throw new Error(`no build came to ${phase}`);
    return pid;
  }

  async endAll(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((client) => client.end().catch(() => {})));
  }

  async stop(): Promise<void> {
    await this.endAll();
    await this.#bed.stop();
  }
}

export async function startIndexBed(): Promise<IndexBed> {
  return new IndexBed(await startTestCluster());
}

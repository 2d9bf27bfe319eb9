import { Client } from "pg";
import type { IndexEntry, Phase } from "../../sql/indexes/entry.ts";
import { definitionBody } from "../indexes/deploy/definitionBody.ts";
import { type Limits, USUAL_LIMITS } from "../indexes/deploy/limits.ts";

const entry = (name: string, table: string, columns: string[], tail: string, isUnique = false): IndexEntry => ({
  name,
  table,
  columns,
  definition: `${table} ${tail}`,
  isUnique,
  phase: 1,
  queries: [],
  proofs: [],
  writeBudget: { walPerInsert: 2, hotLoss: 2 },
  dropRule: "never",
  verdict: { kind: "ship" },
});

/** Plain, partial, unique on an expression, and GIN: each kind builds, waits and fails in its own way. */
export const CHAOS_ENTRIES: readonly IndexEntry[] = [
  entry("films_genre", "films", ["genre", "year"], "(genre, year DESC)"),
  entry("films_dramas", "films", ["year", "id", "genre"], "(year DESC, id DESC) WHERE genre = 'drama'"),
  entry("people_email_key", "people", ["email"], "(lower(email))", true),
  entry("people_tags", "people", ["tags"], "USING gin (tags)"),
];

export const CHAOS_PHASE: Phase = 1;

/** Quick to give way and quick to come back: a run must not take minutes. */
export const CHAOS_LIMITS: Limits = {
  ...USUAL_LIMITS,
  restMs: 0,
  waitBudgetMs: 600,
  patienceMs: 4_000,
  attempts: 4,
  backOffMs: 150,
  maxBackOffMs: 600,
};

export async function opened(url: string, application = "chaos"): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: application });
  client.on("error", () => {});
  await client.connect();
  await client.query("SET search_path = public"); // by default "$user" first, which is the core's schema here
  return client;
}

/** Tables that take a build some tenths of a second. */
export async function makeTables(client: Client): Promise<void> {
  await client.query(`
    CREATE TABLE films (id int PRIMARY KEY, title text NOT NULL, genre text NOT NULL, year int NOT NULL, note int);
    CREATE TABLE people (id int PRIMARY KEY, email text NOT NULL, tags int[] NOT NULL);
    CREATE TABLE other (id int PRIMARY KEY);
    INSERT INTO films SELECT n, 'Film ' || n, (ARRAY['drama', 'comedy', 'western'])[1 + n % 3], 1900 + n % 120
      FROM generate_series(1, 60000) n;
    INSERT INTO people SELECT n, 'person' || n || '@example.com', ARRAY[n % 100, n % 1000] FROM generate_series(1, 40000) n;
    INSERT INTO other SELECT generate_series(1, 10)`);
  await client.query("VACUUM ANALYZE");
}

/** No index, no ledger: what the next run begins with. */
export async function reset(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(`
    SELECT i.oid::regclass::text AS name FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
    WHERE i.relnamespace = 'public'::regnamespace AND NOT x.indisprimary`);
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  await client.query("TRUNCATE breakwater.index_ledger; DELETE FROM people WHERE id > 1000000");
}

/** What each entry's definition must be, by an index that was made in peace. */
export async function expectedBodies(client: Client): Promise<ReadonlyMap<string, string>> {
  const bodies = new Map<string, string>();
  for (const { name, definition, isUnique } of CHAOS_ENTRIES) {
    await client.query(`CREATE ${isUnique ? "UNIQUE " : ""}INDEX ${name} ON ${definition}`);
    const { rows } = await client.query("SELECT pg_get_indexdef($1::regclass) AS definition", [name]);
    bodies.set(name, definitionBody(rows[0].definition));
  }
  return bodies;
}

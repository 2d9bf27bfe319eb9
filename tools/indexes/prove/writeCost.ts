import type { Client } from "pg";
import { until } from "../../cluster/processes.ts";
import { requireClone } from "./clone.ts";
import { CHANGED_SHARE, MEASURED_WRITES, WRITE_TABLE_FILLFACTOR, WRITE_TABLE_ROWS } from "./constants.ts";
import type { IndexDefinition } from "./indexSets.ts";
import { rounded } from "./latencyOf.ts";
import type { WriteTable } from "./writeTables.ts";

/** What writes to one table cost, each committed by itself. */
export interface WriteCost {
  readonly table: string;
  /** Bytes written ahead, mean of an insert. */
  readonly walPerInsert: number;
  /** The same after a checkpoint with `full_page_writes`: the first touch of each page logs it whole. */
  readonly walPerInsertAfterCheckpoint: number;
  /** Undefined: the application changes no row of it. */
  readonly walPerUpdate: number | undefined;
  /** Per cent of the updates that touched no index. */
  readonly hotShare: number | undefined;
}

/** A schema for copies; gone again with each measurement. */
const SCHEMA = "breakwater_writes";

/**
 * Writes to a copy of a table that has those of the indexes that are of it: the earlier rows fill it, some of the later ones are inserted as they are, then rows
 * drawn at random are changed; one a transaction. No triggers and no foreign keys, so that the table's own indexes are
 * all that differs. Pages keep room for a new version of a row: what is not HOT then is so because of an index.
 *
 * @throws `ProofError` where the database is no clone.
 */
export async function writeCost(
  client: Client,
  of: WriteTable,
  indexes: readonly IndexDefinition[],
): Promise<WriteCost> {
  await requireClone(client);
  const inserts = await rowsOf(client, of.table);
  await client.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  await client.query(`CREATE SCHEMA ${SCHEMA}`);
  try {
    await client.query(`SET search_path = ${SCHEMA}, public`);
    await makeTables(client, of, inserts);
    await makeIndexes(client, of.table, indexes);
    await client.query(`VACUUM ANALYZE ${SCHEMA}.${of.table}`);
    const insert = (half: number) => walOf(client, `CALL ${SCHEMA}.insert_rows(${half})`);
    await client.query("CHECKPOINT");
    const walPerInsert = (await insert(0)) / inserts;
    await setFullPageWrites(client, true);
    await client.query("CHECKPOINT");
    const walPerInsertAfterCheckpoint = (await insert(1)) / inserts;
    await setFullPageWrites(client, false);
    await client.query(`VACUUM ANALYZE ${SCHEMA}.${of.table}`);
    return {
      table: of.table,
      walPerInsert: rounded(walPerInsert),
      walPerInsertAfterCheckpoint: rounded(walPerInsertAfterCheckpoint),
      ...(await updates(client, of)),
    };
  } finally {
    await client.query("RESET search_path");
    await client.query(`DROP SCHEMA ${SCHEMA} CASCADE`);
  }
}

/** How many rows each half of the inserts has: a sixth of a small table at most. */
async function rowsOf(client: Client, table: string): Promise<number> {
  const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM public.${table}`);
  return Math.max(1, Math.min(MEASURED_WRITES, Math.floor((rows[0]?.n ?? 0) / 6)));
}

/** `later_0` and `later_1` hold what is inserted, the table itself what was there before. */
async function makeTables(client: Client, { table, order, insertedAs }: WriteTable, inserts: number): Promise<void> {
  await client.query(
    `CREATE TABLE ${SCHEMA}.${table} (LIKE public.${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING IDENTITY)
      WITH (fillfactor = ${WRITE_TABLE_FILLFACTOR})`,
  );
  const { rows: keys } = await client.query<{ definition: string }>(
    `SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint
    WHERE conrelid = $1::regclass AND contype IN ('p', 'u', 'x')`,
    [`public.${table}`],
  );
  for (const { definition } of keys) await client.query(`ALTER TABLE ${SCHEMA}.${table} ADD ${definition}`);
  await client.query(
    `CREATE TEMP TABLE numbered AS
    SELECT t.ctid AS place, row_number() OVER (ORDER BY ${order} DESC, t.ctid DESC) AS n FROM public.${table} t`,
  );
  const between = (first: number, last: number) =>
    `SELECT t.* FROM public.${table} t JOIN numbered n ON n.place = t.ctid
    WHERE n.n BETWEEN ${first} AND ${last} ORDER BY n.n DESC`;
  await client.query(`CREATE TABLE ${SCHEMA}.later_1 AS ${between(1, inserts)}`);
  await client.query(`CREATE TABLE ${SCHEMA}.later_0 AS ${between(inserts + 1, 2 * inserts)}`);
  for (const half of insertedAs === undefined ? [] : [0, 1]) {
    await client.query(`UPDATE ${SCHEMA}.later_${half} SET ${insertedAs}`);
    await client.query(`VACUUM FULL ${SCHEMA}.later_${half}`); // in the order of their places, without gaps
  }
  await client.query(`INSERT INTO ${SCHEMA}.${table} ${between(2 * inserts + 1, 2 * inserts + WRITE_TABLE_ROWS)}`);
  await client.query("DROP TABLE numbered");
  await client.query(
    `CREATE PROCEDURE ${SCHEMA}.insert_rows(half int) LANGUAGE plpgsql AS $$
    DECLARE
      places tid[];
      place tid;
    BEGIN
      EXECUTE format('SELECT array_agg(ctid ORDER BY ctid) FROM ${SCHEMA}.later_%s', half) INTO places;
      FOREACH place IN ARRAY places LOOP
        EXECUTE format('INSERT INTO ${SCHEMA}.${table} SELECT * FROM ${SCHEMA}.later_%s WHERE ctid = $1', half)
        USING place;
        COMMIT;
      END LOOP;
    END
    $$`,
  );
}

/** The definition names its table without a schema: the copy comes first in the search path. */
async function makeIndexes(client: Client, table: string, indexes: readonly IndexDefinition[]): Promise<void> {
  for (const { table: of, name, definition, isUnique } of indexes) {
    if (of === table) await client.query(`CREATE ${isUnique ? "UNIQUE " : ""}INDEX ${name} ON ${definition}`);
  }
}

async function updates(
  client: Client,
  { table, set }: WriteTable,
): Promise<Pick<WriteCost, "walPerUpdate" | "hotShare">> {
  if (set === undefined) return { walPerUpdate: undefined, hotShare: undefined };
  const place = `${SCHEMA}.${table}`;
  await client.query(
    `CREATE PROCEDURE ${SCHEMA}.update_rows() LANGUAGE plpgsql AS $$
    DECLARE
      places tid[] := ARRAY(
        SELECT ctid FROM ${place} ORDER BY md5(ctid::text) -- the same rows with every set
        LIMIT least(${MEASURED_WRITES}, (SELECT ceil(count(*) * ${CHANGED_SHARE}) FROM ${place}))
      );
      place tid;
    BEGIN
      FOREACH place IN ARRAY places LOOP
        UPDATE ${place} SET ${set} WHERE ctid = place;
        COMMIT;
      END LOOP;
    END
    $$`,
  );
  const counted = async () => {
    await client.query("SELECT pg_stat_force_next_flush()");
    const { rows } = await client.query<{ all: string; hot: string }>(
      `SELECT n_tup_upd AS all, n_tup_hot_upd AS hot FROM pg_stat_user_tables WHERE relid = $1::regclass`,
      [place],
    );
    return { all: Number(rows[0]?.all), hot: Number(rows[0]?.hot) };
  };
  await client.query("CHECKPOINT");
  const before = await counted();
  const wal = await walOf(client, `CALL ${SCHEMA}.update_rows()`);
  const after = await counted();
  const changed = after.all - before.all;
  return { walPerUpdate: rounded(wal / changed), hotShare: rounded((100 * (after.hot - before.hot)) / changed) };
}

/** Bytes written ahead while a statement runs, by it alone: nobody else writes on this server. */
async function walOf(client: Client, statement: string): Promise<number> {
  const position = async () => {
    const { rows } = await client.query<{ bytes: string }>("SELECT pg_current_wal_insert_lsn() - '0/0' AS bytes");
    return Number(rows[0]?.bytes);
  };
  const before = await position();
  await client.query(statement);
  return (await position()) - before;
}

async function setFullPageWrites(client: Client, isOn: boolean): Promise<void> {
  await client.query(`ALTER SYSTEM SET full_page_writes = ${isOn ? "on" : "off"}`);
  await client.query("SELECT pg_reload_conf()");
  const isSet = await until(async () => {
    const { rows } = await client.query<{ value: string }>("SELECT current_setting('full_page_writes') AS value");
    return (rows[0]?.value === "on") === isOn;
  }, 5_000);
  if (!isSet) throw new Error("the server did not read its configuration again");
}

import type { Client } from "pg";
import { connect } from "../migrate/connect.ts";
import { load } from "./load.ts";
import { SeedError } from "./seedError.ts";
import { STATISTICS_TABLES, TABLES } from "./tables.ts";

/** The moment the data is told from: fixed, so that the same seed gives the same rows on every day. */
const DEFAULT_BASE_MS = Date.UTC(2026, 10, 1);

/** Part of the stamp: raised when the same numbers give other rows than before, so that old ones do not pass for them. */
const DATA_VERSION = 3;

/** What keeps a load from happening, in a sentence. */
const TROUBLES: Readonly<Record<string, string>> = {
  "42P01": "The marketplace's tables are missing: run `npm run cli -- migrate` with the same --database-url.",
  "42501": "This user may not fill the tables: use their owner.",
  "55P03": "The tables are held by another seeding or a long transaction: try again when it is over.",
  "53100": "The server's disk is full: make room; nothing was kept.",
};

export interface SeedOptions {
  readonly connectionString: string;
  /** How many pitches, 1 to 5,000,000. */
  readonly pitches: number;
  /** A whole number; the same one gives the same rows. */
  readonly seed: number;
  /** Replace other data that is there. */
  readonly reset?: boolean;
  /** Leave whatever other data is there as it is. */
  readonly onlyIfEmpty?: boolean;
  readonly baseMs?: number;
  /** Told how many pitches of how many are there, and what is being done: before `committing` nothing is kept. */
  readonly onProgress?: (done: number, step: string) => void;
}

/** `seeded`: the rows were made. `present`: exactly these (or, with `onlyIfEmpty`, any) were there already. */
export type SeedResult = "seeded" | "present";

/**
 * Fills the marketplace's tables, all in one transaction: whatever interrupts it, afterwards there is all of it or
 * nothing. Refuses to touch tables that hold anything else, unless told to reset them.
 */
export async function seed(options: SeedOptions): Promise<SeedResult> {
  const { connectionString, pitches, seed: number, baseMs = DEFAULT_BASE_MS, onProgress = () => {} } = options;
  const client = await connect(connectionString);
  const stamp = `seed ${number}, ${pitches} pitches, data ${DATA_VERSION}, base ${new Date(baseMs).toISOString()}`;
  try {
    await client.query("BEGIN");
    await holdTables(client);
    const present = await presentData(client);
    if (present === stamp || (present !== undefined && options.onlyIfEmpty)) return "present";
    if (present !== undefined && !options.reset) {
      throw new SeedError(`The database holds other data (${present}): add --reset to replace all of it.`);
    }
    await client.query(`TRUNCATE ${[...TABLES, ...STATISTICS_TABLES].join(", ")}`);
    const restore = await silenceTriggers(client);
    await load(client, { pitches, seed: number, baseMs, onProgress });
    onProgress(pitches, "statistics");
    await countAll(client);
    await restore();
    await client.query(`COMMENT ON TABLE pitches IS '${stamp}'`);
    onProgress(pitches, "committing");
    await client.query("COMMIT");
    return "seeded";
  } catch (error) {
    if (error instanceof SeedError) throw error;
    const { code = "", message } = error as { code?: string; message?: string };
    throw new SeedError(TROUBLES[code] ?? `The seeding stopped: ${message}.`, { cause: error });
  } finally {
    await client.query("ROLLBACK").catch(() => {}); // after COMMIT it does nothing
    await client.end().catch(() => {});
  }
}

/** From here on nobody else fills the tables: what is found in them is still so when they are emptied. */
async function holdTables(client: Client): Promise<void> {
  await client.query("SET LOCAL lock_timeout = '10s'");
  // The server looks whether we are still there also while it computes: an interrupted load frees its locks at once.
  await client.query("SET LOCAL client_connection_check_interval = '1s'");
  await client.query("SET LOCAL synchronous_commit = off");
  await client.query("LOCK TABLE users, pitches IN SHARE ROW EXCLUSIVE MODE");
}

/** What the triggers would have counted. The planner must know the tables first. */
async function countAll(client: Client): Promise<void> {
  await client.query(`ANALYZE ${TABLES.join(", ")}`);
  await client.query("SELECT rebuild_statistics()");
  await client.query(`ANALYZE ${STATISTICS_TABLES.join(", ")}`);
}

/** What the tables hold: the stamp of an earlier seeding, a word for anything else, undefined when they are empty. */
async function presentData(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ stamp: string | null; filled: boolean }>(
    `SELECT obj_description('pitches'::regclass) AS stamp,
      EXISTS (SELECT FROM pitches) OR EXISTS (SELECT FROM users) AS filled`,
  );
  const [row] = rows;
  if (!row?.filled) return undefined;
  return row.stamp ?? "not made by the seeding";
}

/**
 * Triggers off for this transaction. Foreign keys as well where the user may (a superuser, locally); an owner (on a
 * managed server) switches off his own triggers, and pays for the keys.
 */
async function silenceTriggers(client: Client): Promise<() => Promise<void>> {
  const { rows } = await client.query<{ may: boolean }>(
    "SELECT has_parameter_privilege('session_replication_role', 'SET') AS may",
  );
  if (rows[0]?.may) {
    await client.query("SET LOCAL session_replication_role = replica");
    return async () => {};
  }
  for (const table of TABLES) await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
  return async () => {
    for (const table of TABLES) await client.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
  };
}

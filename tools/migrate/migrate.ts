import type { Client } from "pg";
import { connect } from "./connect.ts";
import { MigrationError } from "./migrationError.ts";
import { type Migration, type MigrationSet, migrationFiles } from "./migrationFiles.ts";

/** How long another runner is waited for. */
const LOCK_WITHIN_MS = 60_000;

/** Where names without a schema go. The core qualifies its own; anything it forgets fails here. */
const SEARCH_PATHS: Readonly<Record<MigrationSet, string>> = { breakwater: "pg_catalog, pg_temp", schema: "public" };

const LOCK = "hashtextextended('breakwater.migrations', 0)";

export interface MigrateOptions {
  readonly connectionString: string;
  /** In this order; default both. */
  readonly sets?: readonly MigrationSet[];
  /** Told of each file that is applied. */
  readonly onProgress?: (step: string) => void;
  /** Where the files come from; the checkout's own by default. */
  readonly files?: (set: MigrationSet) => Promise<readonly Migration[]>;
}

/**
 * Applies what is missing, each file in a transaction of its own or in steps, and records it in `breakwater.migrations`.
 * Refuses a database whose history is not ours. Returns the names applied; running it again applies nothing. Makes sure that
 * `marks` has partitions for the days to come.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const { connectionString, sets = ["breakwater", "schema"], onProgress = () => {}, files = migrationFiles } = options;
  const migrations = (await Promise.all(sets.map(files))).flat();
  const client = await connect(connectionString);
  try {
    await takeLock(client);
    await prepareLedger(client);
    const applied: string[] = [];
    for (const set of sets) {
      const ours = migrations.filter((migration) => migration.set === set);
      for (const migration of await pending(client, set, ours)) {
        onProgress(`${set}/${migration.name}`);
        await apply(client, migration);
        applied.push(`${set}/${migration.name}`);
      }
    }
    await client.query("SELECT breakwater.ensure_partitions()");
    return applied;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Polled, not waited for: a waiter for an advisory lock would hold back index builds (their snapshot wait). */
async function takeLock(client: Client): Promise<void> {
  const end = Date.now() + LOCK_WITHIN_MS;
  for (;;) {
    const { rows } = await client.query(`SELECT pg_try_advisory_lock(${LOCK}) AS taken`);
    if (rows[0]?.taken === true) return;
    if (Date.now() > end) throw new MigrationError("Another migration has been running for a minute: try again later.");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function prepareLedger(client: Client): Promise<void> {
  try {
    await client.query("CREATE SCHEMA IF NOT EXISTS breakwater");
  } catch (cause) {
    const { code, message } = cause as { code?: string; message?: string };
    const why = code === "42501" ? "this user may not create schemas here: use the database's owner" : message;
    throw new MigrationError(`The schema "breakwater" could not be made: ${why}.`, { cause });
  }
  await client.query(`CREATE TABLE IF NOT EXISTS breakwater.migrations (
    set text NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (set, name)
  )`);
}

async function pending(client: Client, set: MigrationSet, ours: readonly Migration[]): Promise<readonly Migration[]> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    "SELECT name, checksum FROM breakwater.migrations WHERE set = $1 ORDER BY name",
    [set],
  );
  for (const [index, { name, checksum }] of rows.entries()) {
    const migration = ours[index];
    if (!migration) {
      throw new MigrationError(
        `The database has ${set}/${name}, which this version does not know: use a newer version.`,
      );
    }
    if (migration.name !== name) {
      throw new MigrationError(`The database has ${set}/${name} where this version has ${set}/${migration.name}.`);
    }
    if (migration.checksum !== checksum) {
      const message = `sql/${set}/${name}.sql was edited after it was applied: restore it, and put the change into a new file.`;
      throw new MigrationError(message);
    }
  }
  return ours.slice(rows.length);
}

/**
 * How a file begins that is repeated, each time in a transaction of its own, until its last statement returns no row: the
 * locks of one that goes through a large table would be held for minutes. Begun again, it must pass over what is done.
 */
const IN_STEPS = "-- In steps";

const NOTHING_KEPT = "could not be applied, nothing of it was kept";

async function apply(client: Client, migration: Migration): Promise<void> {
  const { set, name, text } = migration;
  const isInSteps = text.startsWith(IN_STEPS);
  try {
    while (!(await step(client, migration, isInSteps)));
  } catch (cause) {
    await client.query("ROLLBACK").catch(() => {});
    const reason = cause instanceof Error ? cause.message : String(cause);
    const what = isInSteps ? "stopped half way, and goes on from there when run again" : NOTHING_KEPT;
    throw new MigrationError(`sql/${set}/${name}.sql ${what}: ${reason}.`, { cause });
  }
}

/** Applies the file, or one step of it. Tells whether that was all. */
async function step(client: Client, { set, name, text, checksum }: Migration, isInSteps: boolean): Promise<boolean> {
  await client.query("BEGIN");
  // By the role's own setting, "$user" first, a role named like the core's schema would get the marketplace into it.
  await client.query(`SET LOCAL search_path = ${SEARCH_PATHS[set]}`);
  const last = [await client.query(text)].flat().at(-1);
  const isDone = !isInSteps || last?.rowCount === 0;
  if (isDone) {
    await client.query("INSERT INTO breakwater.migrations (set, name, checksum) VALUES ($1, $2, $3)", [
      set,
      name,
      checksum,
    ]);
  }
  await client.query("COMMIT");
  return isDone;
}

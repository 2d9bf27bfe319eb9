import type { ClientBase } from "pg";
import { ProofError } from "./proofError.ts";

/**
 * A clone is a database of which nothing is missed when its indexes are gone: a copy, or seeded for a proof. It says so
 * itself, in the comment on the database, so that no address given by mistake can pass for one.
 */
const MARK = "breakwater: a clone for proofs, which may be dropped";

/** Makes this database a clone. Only ever for one that was made for it. */
export async function markClone(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(
    "SELECT format('COMMENT ON DATABASE %I IS %L', current_database(), $1::text) AS statement",
    [MARK],
  );
  await client.query(rows[0]?.statement ?? "");
}

/** @throws `ProofError` where this database is no clone: its indexes are somebody's. */
export async function requireClone(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string; mark: string | null }>(
    `SELECT datname AS name, shobj_description(oid, 'pg_database') AS mark
    FROM pg_database WHERE datname = current_database()`,
  );
  const [database] = rows;
  if (database?.mark === MARK) return;
  throw new ProofError(
    `The database "${database?.name}" is no clone: indexes are dropped for a proof in clones alone.`,
  );
}

import type { ClientBase } from "pg";
import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { requireClone } from "./clone.ts";

/**
 * `none`: what backs a primary key, a unique or another constraint. `owner`: that and the owner's entries, as the owner
 * wrote them. `ours`: that, the indexes that the schema's own files make, and the entries to be shipped.
 */
export const SETS = ["none", "owner", "ours"] as const;

export type SetName = (typeof SETS)[number];

/** What of an entry makes its index. */
export type IndexDefinition = Pick<IndexEntry, "name" | "table" | "definition" | "isUnique">;

/** An entry that a database cannot have, and why. */
export interface Skipped {
  readonly name: string;
  readonly reason: string;
}

/** The sets of one clone. Only one of them is there at a time. */
export interface IndexSets {
  /** Beside what backs constraints. */
  readonly of: (set: SetName) => readonly IndexDefinition[];
  /** Entries that no set has, since this database lacks a column. */
  readonly skipped: readonly Skipped[];
  /** Makes the clone have exactly this set. */
  readonly apply: (set: SetName, onProgress?: (step: string) => void) => Promise<void>;
  /** Adds one index to what is there. */
  readonly add: (index: IndexDefinition) => Promise<void>;
  readonly drop: (name: string) => Promise<void>;
}

/**
 * What a clone can be given. The indexes that it came with and the catalogue does not know are the schema's own, and
 * belong to `ours`. Analyses all tables, once: so that no set has other luck with it than another.
 *
 * @throws `ProofError` where the database is no clone.
 */
export async function openIndexSets(client: ClientBase, entries: readonly IndexEntry[]): Promise<IndexSets> {
  await requireClone(client);
  // Rows of a commit that is not on disk yet are not known to be visible to all, so VACUUM does not mark their pages, and
  // no scan would be of an index alone. The same holds for a commit whose neighbours are not: here all wait for theirs.
  await client.query("CHECKPOINT");
  await client.query("VACUUM ANALYZE");
  const known = new Set(entries.map(({ name }) => name));
  const schemas = (await secondaryIndexes(client)).filter(({ name }) => !known.has(name));
  const skipped: Skipped[] = [];
  for (const entry of entries) {
    const missing = await missingColumns(client, entry);
    if (missing.length > 0) skipped.push({ name: entry.name, reason: `there is no ${missing.join(", ")}` });
  }
  const possible = entries.filter(({ name }) => !skipped.some((each) => each.name === name));
  const sets: Readonly<Record<SetName, readonly IndexDefinition[]>> = {
    none: [],
    owner: possible.filter(({ isOwners }) => isOwners),
    ours: [...schemas, ...possible.filter(({ verdict }) => verdict.kind === "ship")],
  };
  return {
    of: (set) => sets[set],
    skipped,
    add: (index) => create(client, index),
    drop: (name) => drop(client, name),
    apply: async (set, onProgress = () => {}) => {
      for (const { name } of await secondaryIndexes(client)) await drop(client, name);
      for (const index of sets[set]) {
        onProgress(index.name);
        await create(client, index);
      }
    },
  };
}

async function create(client: ClientBase, { name, definition, isUnique, table }: IndexDefinition): Promise<void> {
  await client.query(`CREATE ${isUnique ? "UNIQUE " : ""}INDEX ${name} ON ${definition}`);
  // Of an expression the planner knows nothing before; columns it knows already.
  const { rows } = await client.query<{ is_expression: boolean }>(
    "SELECT indexprs IS NOT NULL AS is_expression FROM pg_index WHERE indexrelid = $1::regclass",
    [name],
  );
  if (rows[0]?.is_expression) await client.query(`ANALYZE ${table}`);
}

async function drop(client: ClientBase, name: string): Promise<void> {
  await client.query(`DROP INDEX ${name}`);
}

/** Indexes of the marketplace that back no constraint, as the catalogue would write them. */
async function secondaryIndexes(client: ClientBase): Promise<readonly IndexDefinition[]> {
  const { rows } = await client.query<{ name: string; table: string; definition: string; is_unique: boolean }>(
    `SELECT c.relname AS name, t.relname AS table, i.indisunique AS is_unique,
      regexp_replace(pg_get_indexdef(c.oid), '^CREATE (UNIQUE )?INDEX \\S+ ON (ONLY )?public\\.', '') AS definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
    ORDER BY c.relname`,
  );
  return rows.map(({ name, table, definition, is_unique: isUnique }) => ({ name, table, definition, isUnique }));
}

/** `table.column` of what an entry mentions and this database lacks. */
async function missingColumns(client: ClientBase, { table, columns }: IndexEntry): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM unnest($2::text[]) AS name
    WHERE NOT EXISTS (
      SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attname = name AND NOT a.attisdropped
    )`,
    [table, columns],
  );
  return rows.map(({ name }) => `${table}.${name}`);
}

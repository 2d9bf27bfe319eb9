import type { Client } from "pg";
import { ProofError } from "./proofError.ts";
import { whyNotHere } from "./whyNotHere.ts";

/** A table of a database that is copied. */
export interface SourceTable {
  readonly oid: string;
  /** As SQL writes it, with its schema. */
  readonly table: string;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  /** `CREATE TYPE …` of what its type is made from, where that is an enum. */
  readonly enumeration: string | null;
}

/**
 * Makes a table in a clone as the source has it: columns, and what its plans depend on. No defaults, no triggers, no
 * foreign keys; what is generated becomes a plain column, a domain what it is of. Its keys are made after its rows.
 *
 * @throws `ProofError` where the server of the clone has not what a column is made of.
 */
export async function makeTable(source: Client, clone: Client, { oid, table }: SourceTable): Promise<void> {
  const { rows: columns } = await source.query<Column>(COLUMNS, [oid]);
  try {
    for (const { enumeration } of columns) {
      if (enumeration !== null) await clone.query(enumeration).catch(unlessThere);
    }
    const parts = columns.map(({ name, type, isRequired }) => `${name} ${type}${isRequired ? " NOT NULL" : ""}`);
    await clone.query(`DROP TABLE IF EXISTS ${table} CASCADE; CREATE TABLE ${table} (${parts.join(", ")})`);
  } catch (cause) {
    throw new ProofError(`The table ${table} cannot be made in a copy: ${whyNotHere(cause)}.`, { cause });
  }
}

/** Its primary key, unique and exclusion constraints. */
export async function makeKeys(source: Client, clone: Client, { oid, table }: SourceTable): Promise<void> {
  const { rows } = await source.query<{ name: string; definition: string }>(
    `SELECT quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE conrelid = $1::oid AND contype IN ('p', 'u', 'x') AND conparentid = 0`,
    [oid],
  );
  for (const { name, definition } of rows) {
    await clone.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
  }
}

function unlessThere(error: { code?: string }): void {
  if (error.code !== "42710") throw error;
}

const COLUMNS = `SELECT quote_ident(a.attname) AS name, a.attnotnull AS "isRequired",
  CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod) ELSE format_type(a.atttypid, a.atttypmod) END AS type,
  CASE WHEN e.typtype = 'e' THEN format('CREATE TYPE %s AS ENUM (%s)', e.oid::regtype, (
    SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = e.oid
  )) END AS enumeration
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_type e ON e.oid = CASE WHEN t.typelem <> 0 AND t.typcategory = 'A' THEN t.typelem ELSE t.oid END
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;

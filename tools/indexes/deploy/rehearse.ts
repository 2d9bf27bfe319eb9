import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { MAX_SAMPLE_PAGES, SAMPLE_SHARE, WHOLE_BELOW_PAGES } from "./constants.ts";
import { definitionBody } from "./definitionBody.ts";
import { failureOf } from "./failureOf.ts";
import { IndexError } from "./indexError.ts";
import type { Session } from "./session.ts";
import { definitionTail, qualified } from "./statements.ts";

/** What the server makes of an entry, tried out on temporary tables in a transaction that is rolled back. */
export interface Rehearsal {
  /** As it would print the definition, without names. */
  readonly body: string;
  /** The key's columns and expressions, and the predicate, as it prints them. */
  readonly keys: readonly string[];
  readonly predicate: string | undefined;
  readonly areNullsDistinct: boolean;
  /** Size by a sample of the table; undefined without one. */
  readonly estimatedBytes: number | undefined;
}

/**
 * Builds the index on an empty copy of its table, and, `withSample`, on a part of its rows, to know its normal form and
 * size. Sends DDL for temporary tables only; nothing of it is kept.
 */
export async function rehearse(
  builder: Session,
  entry: IndexEntry,
  { withSample }: { withSample: boolean },
): Promise<Rehearsal> {
  await builder.rows("BEGIN");
  try {
    await builder.rows("SET LOCAL lock_timeout = '1s'");
    await builder.rows(`CREATE TEMP TABLE bw_shape (LIKE ${qualified(entry.table)}) ON COMMIT DROP`);
    const unique = entry.isUnique === true ? "UNIQUE " : "";
    await builder.rows(`CREATE ${unique}INDEX bw_shape_index ON pg_temp.bw_shape ${definitionTail(entry)}`);
    const [shape] = await builder.rows<Shape>(SHAPE);
    if (!shape) throw new Error("the rehearsed index is not there");
    const estimatedBytes = withSample ? await sampleSize(builder, entry, shape.columns) : undefined;
    const { definition, keys, predicate, areNullsDistinct } = shape;
    return {
      body: definitionBody(definition),
      keys,
      predicate: predicate ?? undefined,
      areNullsDistinct,
      estimatedBytes,
    };
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    if (code === undefined || !/^(42|0A|22)/.test(code)) throw cause;
    const why = code === "42501" ? `this role may not do it (${message}): use the tables' owner` : message;
    throw new IndexError("refused", `${entry.name} cannot be built here: ${why}.`, { cause });
  } finally {
    await rollBack(builder);
  }
}

/** A cancel that was meant for the statement before may meet this one: the transaction must not stay open for it. */
async function rollBack(builder: Session): Promise<void> {
  for (let attempt = 1; attempt <= 3; attempt++) {
    const isOver = await builder.rows("ROLLBACK").then(
      () => true,
      (error) => failureOf(error) !== "cancelled",
    );
    if (isOver) return;
  }
}

type Shape = Omit<Rehearsal, "body" | "estimatedBytes"> & { readonly definition: string; readonly columns: string[] };

/** `columns`: all that it depends on, those of expressions and of the predicate as well. */
const SHAPE = `
  SELECT pg_get_indexdef(x.indexrelid) AS definition,
    ARRAY(SELECT pg_get_indexdef(x.indexrelid, n, true) FROM generate_series(1, x.indnkeyatts) n) AS keys,
    pg_get_expr(x.indpred, x.indrelid) AS predicate,
    ARRAY(SELECT DISTINCT quote_ident(a.attname) FROM pg_depend d
      JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      WHERE d.classid = 'pg_class'::regclass AND d.objid = x.indexrelid AND d.refobjid = x.indrelid) AS columns,
    NOT COALESCE((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false) AS "areNullsDistinct"
  FROM pg_index x WHERE x.indexrelid = 'pg_temp.bw_shape_index'::regclass`;

/** Not unique, whatever the index is: duplicates are told of where they matter, in the whole table. */
async function sampleSize(builder: Session, entry: IndexEntry, columns: readonly string[]): Promise<number> {
  const table = qualified(entry.table);
  const [row] = await builder.rows<{ pages: string }>(
    `SELECT pg_relation_size('${table.replaceAll("'", "''")}'::regclass) / 8192 AS pages`,
  );
  const pages = Number(row?.pages ?? 0);
  const share =
    pages <= WHOLE_BELOW_PAGES
      ? 1
      : Math.min(1, Math.max(SAMPLE_SHARE, WHOLE_BELOW_PAGES / pages), MAX_SAMPLE_PAGES / pages);
  await builder.rows(
    `CREATE TEMP TABLE bw_sample ON COMMIT DROP AS SELECT ${columns.join(", ")} FROM ${table} TABLESAMPLE SYSTEM (${share * 100})`,
  );
  await builder.rows(`CREATE INDEX bw_sample_index ON pg_temp.bw_sample ${definitionTail(entry)}`);
  const [sample] = await builder.rows<{ bytes: string }>("SELECT pg_relation_size('pg_temp.bw_sample_index') AS bytes");
  return Math.round(Number(sample?.bytes ?? 0) / share);
}

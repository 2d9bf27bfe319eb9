import { ENTRIES } from "../../sql/indexes/catalogue.ts";
import type { IndexEntry, Phase } from "../../sql/indexes/entry.ts";
import { schemaIndexes } from "../indexes/schemaIndexes.ts";
import type { Artefact } from "./artefacts.ts";

const PHASES: readonly Phase[] = [1, 2, 3];

const MADE = "-- Made by `npm run generate` from the catalogue in this folder. Do not edit.";

/** Leftovers of an interrupted build, and builds that go on: both are invalid, and only one may be dropped. */
const LEFTOVERS = `-- First: what is invalid, and who is building it. A leftover (no builder) goes with DROP INDEX CONCURRENTLY before its
-- name can be used again; a unique one with \`enforced\` rejects rows until then. Leave alone what has a builder.
SELECT c.relname AS name, i.indrelid::regclass AS "table", i.indisready AS maintained,
  i.indisunique AND i.indisready AS enforced, b.pid AS builder, b.phase
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
LEFT JOIN pg_stat_progress_create_index b ON b.index_relid = i.indexrelid
WHERE NOT i.indisvalid AND c.relkind = 'i'
ORDER BY 1;`;

/** The catalogue for a console that knows no other tool: each statement to be sent alone. */
export function indexSql(): readonly Artefact[] {
  const shipped = ENTRIES.filter(({ verdict }) => verdict.kind === "ship");
  const { made } = schemaIndexes();
  return [
    ...PHASES.map((phase) => ({
      path: `sql/indexes/phase-${phase}.sql`,
      content: phaseSql(
        phase,
        shipped.filter((entry) => entry.phase === phase),
        made,
      ),
    })),
    { path: "sql/indexes/verify.sql", content: verifySql(shipped) },
    { path: "sql/indexes/rollback.sql", content: rollbackSql(shipped.filter(({ name }) => !made.has(name))) },
  ];
}

function phaseSql(phase: Phase, entries: readonly IndexEntry[], made: ReadonlyMap<string, string>): string {
  const tables = [...new Set(entries.map(({ table }) => table))];
  return `${MADE}
-- Phase ${phase}. Send each statement alone, outside of a transaction, on the primary's direct address (no pooler), with
-- statement_timeout = 0 and lock_timeout = 0: a build waits for others' transactions, and a short limit leaves it
-- invalid. None has IF NOT EXISTS: that is content with a leftover, and with another index of the same name.

${LEFTOVERS}

${entries.map((entry) => createSql(entry, made.has(entry.name))).join("\n\n")}

-- Last, so that the planner knows what their expressions and their tables hold.
${tables.map((table) => `ANALYZE public.${table};`).join("\n")}
`;
}

function createSql({ name, definition, isUnique, queries }: IndexEntry, isMade: boolean): string {
  const made = isMade ? "\n-- The schema's own files make it: only where the tables came from elsewhere." : "";
  return `-- Serves ${queries.join(", ")}.${made}
CREATE ${isUnique ? "UNIQUE " : ""}INDEX CONCURRENTLY ${name}
ON public.${definition};`;
}

function verifySql(entries: readonly IndexEntry[]): string {
  const rows = entries
    .map(({ name, table, phase, isUnique, definition }) => {
      const wanted = `CREATE ${isUnique ? "UNIQUE " : ""}INDEX ${name} ON ${definition}`;
      return `  (${phase}, '${name}', '${table}',\n    '${wanted.replaceAll("'", "''")}')`;
    })
    .join(",\n");
  return `${MADE}

${LEFTOVERS}

-- What of the catalogue is there: \`state\` is 'valid' for each when all is done. 'another definition': an index of that
-- name that was not made from this catalogue. A table that is not there needs none of its indexes.
SELECT w.phase, w.name, CASE
    WHEN to_regclass('public.' || w.relation) IS NULL THEN 'no such table'
    WHEN i.indexrelid IS NULL THEN 'missing'
    WHEN b.pid IS NOT NULL AND NOT i.indisvalid THEN 'building'
    WHEN NOT i.indisvalid THEN 'leftover'
    WHEN i.indrelid <> to_regclass('public.' || w.relation) OR bare.is_there <> bare.is_wanted THEN 'another definition'
    ELSE 'valid'
  END AS state,
  w.wanted, pg_get_indexdef(i.indexrelid) AS is_there
FROM (VALUES
${rows}
) AS w (phase, name, relation, wanted)
LEFT JOIN pg_index i ON i.indexrelid = to_regclass('public.' || w.name)
LEFT JOIN pg_stat_progress_create_index b ON b.index_relid = i.indexrelid
-- Without what the server adds when it prints a definition.
CROSS JOIN LATERAL (
  SELECT regexp_replace(pg_get_indexdef(i.indexrelid), added.text, '', 'g') AS is_there,
    regexp_replace(w.wanted, added.text, '', 'g') AS is_wanted
  FROM (VALUES ('public\\.| USING btree|::(text|character varying|bpchar)|[() ]')) AS added (text)
) bare
ORDER BY w.phase, w.name;
`;
}

function rollbackSql(entries: readonly IndexEntry[]): string {
  const drops = PHASES.toReversed().map((phase) => {
    const names = entries.filter((entry) => entry.phase === phase).map(({ name }) => name);
    const statements = names.map((name) => `DROP INDEX CONCURRENTLY IF EXISTS public.${name};`).join("\n");
    return `-- Phase ${phase}.\n${statements}`;
  });
  return `${MADE}
-- Back to what the tables' own files made: the last phase first. Send each statement alone. What enforces a rule of the
-- schema is not here. A drop that was interrupted leaves an invalid index: send it again.

${LEFTOVERS}

-- Then, on the primary and on every replica: a transaction left open that used an index keeps its drop waiting, and on
-- a replica it stops the replay of everything until it ends.
SELECT pid, state, now() - xact_start AS open_for, left(query, 60) AS query
FROM pg_stat_activity
WHERE xact_start < now() - interval '10 seconds' AND pid <> pg_backend_pid()
ORDER BY xact_start;

${drops.join("\n\n")}
`;
}

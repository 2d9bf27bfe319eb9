import type { ClientBase } from "pg";
import { sentenceOf } from "../inSentences.ts";
import { STATEMENTS } from "./constants.ts";
import type { WorkloadQuery } from "./workload.ts";

export interface StatementStatistics {
  readonly statements: readonly (WorkloadQuery & { readonly queryId: string })[];
  /** Why there are none or not all. */
  readonly note: string | undefined;
}

const HOW_TO_ENABLE =
  "On Neon: `CREATE EXTENSION pg_stat_statements SCHEMA public` (its counts are lost when the compute sleeps). Elsewhere also `shared_preload_libraries = 'pg_stat_statements'` and a restart.";

/** The statements that took the most time on one node, where the extension is there. */
export async function statementStatistics(client: ClientBase): Promise<StatementStatistics> {
  const { rows: extensions } = await client.query<{ schema: string }>(
    "SELECT extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = 'pg_stat_statements'",
  );
  const [extension] = extensions;
  if (extension === undefined) {
    return {
      statements: [],
      note: `pg_stat_statements is not installed: its statements are unknown. ${HOW_TO_ENABLE}`,
    };
  }
  try {
    const { rows } = await client.query<{
      id: string | null;
      text: string;
      calls: number;
      total: number;
      mean: number;
    }>(
      `SELECT s.queryid::text AS id, s.query AS text, s.calls::float8 AS calls, s.total_exec_time AS total,
        s.mean_exec_time AS mean
      FROM ${extension.schema}.pg_stat_statements s
      WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND s.toplevel
        AND s.query ~* '^([\\s(]*(select|with|update|delete)\\M|<insufficient privilege>)'
        AND s.query !~* '\\m(pg_catalog|pg_stat|pg_class|pg_index|information_schema)'
      ORDER BY s.total_exec_time DESC LIMIT ${STATEMENTS}`,
    );
    const isHidden = rows.some(({ id }) => id === null);
    return {
      statements: rows.flatMap(({ id, text, calls, total, mean }) => {
        if (id === null) return [];
        const source = "pg_stat_statements" as const;
        return [{ queryId: id, name: undefined, text, source, calls, totalMs: total, slowMs: mean }];
      }),
      note: isHidden ? "Other roles' statements are hidden: `GRANT pg_read_all_stats TO` this one." : undefined,
    };
  } catch (error) {
    return { statements: [], note: whyNot(error, extension.schema) };
  }
}

function whyNot(error: unknown, schema: string): string {
  const { code } = error as { code?: string };
  if (code === "42501") return `This user may not read pg_stat_statements: \`GRANT USAGE ON SCHEMA ${schema} TO\` it.`;
  if (code === "42703") return "pg_stat_statements is too old: `ALTER EXTENSION pg_stat_statements UPDATE`.";
  if (code === "55000")
    return `The server does not load pg_stat_statements: its statements are unknown. ${HOW_TO_ENABLE}`;
  const sentence = sentenceOf(error);
  if (sentence === undefined) throw error;
  return `pg_stat_statements does not answer. ${sentence}`;
}

import { type FullQueryResults, type NeonQueryFunction, neon, neonConfig } from "@neondatabase/serverless";
import type { Query } from "./query.ts";
import { type ResultSet, type Transport, TransportFailure } from "./transport.ts";
import { valueParsers } from "./valueParsers.ts";

type Sql = NeonQueryFunction<true, true>;

/** Rides along in the driver's `fetchOptions`: the driver hands them to `fetchFunction` and drops the HTTP status. */
interface Observed {
  status: number | undefined;
  queries: string;
}

let localEndpoint: string | undefined;

/**
 * Points the driver at another endpoint than Neon's own (the local one of `npm start`). The driver keeps this for the
 * whole process, so all nodes share it and are told apart by the host label of their connection strings.
 */
export function useNeonEndpoint(url: string | undefined): void {
  localEndpoint = url;
  if (url !== undefined) neonConfig.fetchEndpoint = () => url;
  neonConfig.fetchFunction = observedFetch;
}

async function observedFetch(url: string, init: RequestInit & { observed?: Observed }): Promise<Response> {
  const { observed, ...rest } = init;
  if (observed && localEndpoint !== undefined) {
    // Our own endpoint counts by query name; Neon's would not know the header.
    rest.headers = { ...(rest.headers as Record<string, string>), "Breakwater-Query": observed.queries };
  }
  const response = await fetch(url, rest);
  if (observed) observed.status = response.status;
  return response;
}

/** Neon's serverless driver over HTTP: one request a statement or batch, nothing to hold or to close. */
export function neonTransport(connectionString: string): Transport {
  const sql: Sql = neon(connectionString, { arrayMode: true, fullResults: true, disableWarningInBrowsers: true });
  return {
    query: (statement, signal) =>
      observe([statement], signal, async (fetchOptions) => {
        // Awaited exactly once: the driver sends the request again for each further `then`.
        const result = await sql.query(statement.text, [...statement.values], {
          fetchOptions,
          types: valueParsers,
        });
        return resultSet(result);
      }),
    batch: (statements, signal) =>
      observe(statements, signal, async (fetchOptions) => {
        const batch = statements.map(({ text, values }) => sql.query(text, [...values], { types: valueParsers }));
        const results = await sql.transaction(batch, { fetchOptions, isolationLevel: "ReadCommitted" });
        return results.map(resultSet);
      }),
    close: async () => {},
  };
}

async function observe<T>(
  statements: readonly Query[],
  signal: AbortSignal,
  send: (fetchOptions: Record<string, unknown>) => Promise<T>,
): Promise<T> {
  const observed: Observed = { status: undefined, queries: statements.map(({ name }) => name).join(",") };
  try {
    return await send({ signal, observed });
  } catch (error) {
    throw failureOf(error, observed.status, signal.aborted);
  }
}

/** The driver's error to ours. It gives fields for a 400 only, and a sentence with the status inside for the rest. */
function failureOf(error: unknown, status: number | undefined, aborted: boolean): TransportFailure {
  const fields = error as { message?: string; code?: string; constraint?: string; table?: string };
  const message = fields.message ?? String(error);
  if (aborted) return new TransportFailure("aborted", message, { cause: error });
  if (status === undefined) return new TransportFailure("connection", message, { cause: error });
  if (status !== 400) return new TransportFailure("http", message, { status, cause: error });
  return new TransportFailure("sql", message, {
    sqlstate: fields.code ?? "",
    status,
    ...(fields.constraint ? { constraint: fields.constraint } : {}),
    ...(fields.table ? { table: fields.table } : {}),
    cause: error,
  });
}

function resultSet(result: FullQueryResults<true>): ResultSet {
  return {
    columns: result.fields.map(({ name }) => name),
    rows: result.rows,
    command: result.command,
    rowCount: result.rowCount ?? 0,
  };
}

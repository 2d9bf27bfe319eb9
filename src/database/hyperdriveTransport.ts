import { Client, type QueryArrayResult } from "pg";
import type { Query } from "./query.ts";
import { type ResultSet, type Transport, TransportFailure } from "./transport.ts";
import { valueParsers } from "./valueParsers.ts";

/** One connection, from the moment it is asked for. `ready` rejects when it could not be made. */
interface Connection {
  readonly client: Client;
  readonly ready: Promise<unknown>;
}

/**
 * Postgres through Hyperdrive with `pg`: one connection a request (sockets may not outlive it), opened at the first
 * statement and closed after the response; Hyperdrive keeps the real pool. Statements are pipelined: a batch is one
 * round trip, its COMMIT already sent when an earlier statement fails, and then answered `ROLLBACK`.
 */
export function hyperdriveTransport(connectionString: string): Transport {
  let open: Connection | undefined;

  async function run<T>(signal: AbortSignal, send: (client: Client) => Promise<T>): Promise<T> {
    open ??= connect(connectionString);
    const connection = open;
    let isConnected = false;
    try {
      await untilAborted(connection.ready, signal);
      isConnected = true;
      return await untilAborted(send(connection.client), signal);
    } catch (error) {
      const failure = failureOf(error, isConnected, signal.aborted);
      // A connection that broke, or still waits for an answer, is of no use to the next attempt.
      if (failure.kind !== "sql" || isFatal(error)) {
        destroy(connection);
        if (open === connection) open = undefined;
      }
      throw failure;
    }
  }

  return {
    query: (statement, signal) => run(signal, async (client) => resultSet(await send(client, statement))),
    batch: (statements, signal) =>
      run(signal, async (client) => {
        const begin = client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
        const sent = statements.map((statement) => send(client, statement));
        const commit = client.query("COMMIT");
        const answers = await Promise.allSettled([begin, ...sent, commit]);
        const refused = answers.find((answer) => answer.status === "rejected");
        if (refused) throw refused.reason;
        const { command } = await commit;
        if (command !== "COMMIT") throw new Error(`COMMIT was answered ${command}`);
        return Promise.all(sent.map(async (answer) => resultSet(await answer)));
      }),
    close: async () => {
      const connection = open;
      open = undefined;
      await connection?.ready.then(() => connection.client.end()).catch(() => {});
    },
  };
}

function connect(connectionString: string): Connection {
  const client = new Client({ connectionString, types: valueParsers, pipeline: true });
  // Without a listener a connection that breaks while idle would throw outside of every request.
  client.on("error", () => {});
  return { client, ready: client.connect() };
}

function send(client: Client, statement: Query): Promise<QueryArrayResult> {
  const config = {
    text: statement.text,
    values: [...statement.values],
    rowMode: "array" as const,
    // Without values `pg` would use the simple protocol, which runs all of several statements in one text. The types
    // do not show this option.
    queryMode: "extended",
  };
  return client.query(config);
}

/** `pg` has no signal: the wait ends here, and the connection is destroyed by the caller. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error("the attempt's time is over"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Ends the socket at once, also one that is still to be opened. */
function destroy({ client, ready }: Connection): void {
  const end = () => {
    // `end()` would wait for the answer that never comes. The types do not show the stream.
    (client as unknown as { connection?: { stream?: { destroy?(): void } } }).connection?.stream?.destroy?.();
  };
  end();
  ready.then(end, () => {});
}

/** Postgres says so when it ends the session with the error. */
function isFatal(error: unknown): boolean {
  const { severity } = error as { severity?: string };
  return severity === "FATAL" || severity === "PANIC";
}

function failureOf(error: unknown, connected: boolean, aborted: boolean): TransportFailure {
  const fields = error as { message?: string; code?: string; constraint?: string; table?: string; severity?: string };
  const message = fields.message ?? String(error);
  if (aborted) return new TransportFailure(connected ? "aborted" : "connect", message, { cause: error });
  // Only an error that Postgres sent has a severity; the runtime's own codes (ECONNRESET) have none.
  if (fields.severity && fields.code) {
    return new TransportFailure("sql", message, {
      sqlstate: fields.code,
      ...(fields.constraint ? { constraint: fields.constraint } : {}),
      ...(fields.table ? { table: fields.table } : {}),
      cause: error,
    });
  }
  return new TransportFailure(connected ? "connection" : "connect", message, { cause: error });
}

function resultSet(result: QueryArrayResult): ResultSet {
  return {
    columns: result.fields.map(({ name }) => name),
    rows: result.rows,
    command: result.command,
    rowCount: result.rowCount ?? 0,
  };
}

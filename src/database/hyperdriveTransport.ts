import { Client, type QueryArrayResult } from "pg";
import type { Query } from "./query.ts";
import { type ResultSet, type Transport, TransportFailure } from "./transport.ts";
import { valueParsers } from "./valueParsers.ts";

/**
 * Postgres through Hyperdrive with `pg`: one connection a request (sockets may not outlive it), opened at the first
 * statement and closed after the response; Hyperdrive keeps the real pool. Statements are pipelined: a batch is one
 * round trip, its COMMIT already sent when an earlier statement fails, and then answered `ROLLBACK`.
 */
export function hyperdriveTransport(connectionString: string): Transport {
  let open: Promise<Client> | undefined;

  async function connected(): Promise<Client> {
    open ??= connect(connectionString).catch((error) => {
      open = undefined;
      throw error;
    });
    return open;
  }

  async function run<T>(signal: AbortSignal, send: (client: Client) => Promise<T>): Promise<T> {
    let client: Client | undefined;
    try {
      client = await untilAborted(connected(), signal);
      return await untilAborted(send(client), signal);
    } catch (error) {
      const failure = failureOf(error, client !== undefined, signal.aborted);
      // A connection that broke or still waits for an answer is of no use to the next attempt.
      if (failure.kind !== "sql") {
        destroy(client);
        open = undefined;
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
      const client = await open?.catch(() => undefined);
      open = undefined;
      await client?.end().catch(() => {});
    },
  };
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString, types: valueParsers, pipeline: true });
  // Without a listener a connection that breaks while idle would throw outside of every request.
  client.on("error", () => {});
  await client.connect();
  return client;
}

function send(client: Client, statement: Query): Promise<QueryArrayResult> {
  return client.query({ text: statement.text, values: [...statement.values], rowMode: "array" });
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

function destroy(client: Client | undefined): void {
  // Ends the socket at once; `end()` would wait for the answer that never comes. The types do not show it.
  (
    client as unknown as { connection?: { stream?: { destroy?(): void } } } | undefined
  )?.connection?.stream?.destroy?.();
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

import { Client } from "pg";
import { MigrationError } from "./migrationError.ts";

/** What a server that will not have us says, in a sentence for whoever ran the command. */
const REFUSALS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there: start the database, or mend the host and port",
  ENOTFOUND: "that host is not known: mend the host",
  ETIMEDOUT: "it does not answer: mend the host, or open the network to it",
  "28P01": "the password is wrong",
  "28000": "that user may not connect: mend the user, or the server's pg_hba.conf",
  "3D000": "there is no database of that name: create it first",
  "57P03": "it is starting up or shutting down: try again in a moment",
  "53300": "it has no connection left: close some, or try again later",
};

/** A connection to a primary that takes writes. Throws `MigrationError` that says what to mend, without the password. */
export async function connect(connectionString: string): Promise<Client> {
  const client = clientFor(connectionString);
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (cause) {
    const { code = "" } = cause as { code?: string };
    const why = REFUSALS[code] ?? (cause instanceof Error ? cause.message : "it refused");
    throw new MigrationError(`Cannot connect to ${client.host}:${client.port}: ${why}.`, { cause });
  }
  const { rows } = await client.query<{ recovering: boolean; readonly: string; version: number }>(
    `SELECT pg_is_in_recovery() AS recovering, current_setting('default_transaction_read_only') AS readonly,
      current_setting('server_version_num')::int AS version`,
  );
  const [server] = rows;
  const trouble =
    server?.recovering === true
      ? "is a standby: give the primary's address"
      : server?.readonly === "on"
        ? "is read-only for this user: use another one"
        : (server?.version ?? 0) < 150_000
          ? "is older than PostgreSQL 15"
          : undefined;
  if (trouble === undefined) return client;
  await client.end();
  throw new MigrationError(`The server at ${client.host}:${client.port} ${trouble}.`);
}

function clientFor(connectionString: string): Client {
  try {
    return new Client({ connectionString, connectionTimeoutMillis: 10_000 });
  } catch (cause) {
    throw new MigrationError("The database URL is not postgres://user:password@host:port/database.", { cause });
  }
}

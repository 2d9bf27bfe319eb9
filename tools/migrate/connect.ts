import type { Client } from "pg";
import { MigrationError } from "./migrationError.ts";
import { openClient } from "./openClient.ts";

/** A connection to a primary that takes writes. Throws `MigrationError` that says what to mend, without the password. */
export async function connect(connectionString: string): Promise<Client> {
  const client = await openClient(connectionString);
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

import { Client } from "pg";
import { IndexError } from "../deploy/indexError.ts";
import { poolerTrouble } from "../deploy/poolerTrouble.ts";
import { READ_LOCK_TIMEOUT_MS, READ_TIMEOUT_MS, SEARCH_PATH } from "./constants.ts";

/**
 * A session that cannot change anything: whatever is sent in it is read-only to the server too. Primary or standby.
 * Throws `IndexError` without the address's password.
 */
export async function openReader(connectionString: string): Promise<Client> {
  let client: Client;
  try {
    client = new Client({ connectionString, connectionTimeoutMillis: 10_000, application_name: "breakwater-advise" });
  } catch (cause) {
    throw new IndexError("refused", "A database URL is postgres://user:password@host:port/database.", { cause });
  }
  client.on("error", () => {}); // the next statement says it
  try {
    await client.connect();
    const trouble = poolerTrouble(client.host, [await backend(client), await backend(client)]);
    if (trouble !== undefined) throw new IndexError("refused", trouble);
    await client.query("SET default_transaction_read_only = on");
    await client.query(`SET search_path = ${SEARCH_PATH}`);
    await client.query(`SET lock_timeout = ${READ_LOCK_TIMEOUT_MS}`); // an index's size waits for whoever alters its table
    await client.query(`SET statement_timeout = ${READ_TIMEOUT_MS}`);
  } catch (cause) {
    await client.end().catch(() => {});
    if (cause instanceof IndexError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new IndexError("refused", `Cannot connect to ${client.host}:${client.port}: ${why}.`, { cause });
  }
  return client;
}

async function backend(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

import type { Client } from "pg";
import { READ_LOCK_TIMEOUT_MS, READ_TIMEOUT_MS, SEARCH_PATH } from "./constants.ts";
import { directClient } from "./directClient.ts";

/**
 * A session that cannot change anything: whatever is sent in it is read-only to the server too. Primary or standby;
 * `what` is what its address is called. Throws `IndexError` without the address's password.
 */
export async function openReader(connectionString: string, what: string): Promise<Client> {
  const client = await directClient(connectionString, what);
  try {
    await client.query("SET default_transaction_read_only = on");
    await client.query(`SET search_path = ${SEARCH_PATH}`);
    await client.query(`SET lock_timeout = ${READ_LOCK_TIMEOUT_MS}`); // an index's size waits for whoever alters its table
    await client.query(`SET statement_timeout = ${READ_TIMEOUT_MS}`);
    return client;
  } catch (cause) {
    await client.end().catch(() => {});
    throw cause;
  }
}

import type { Client } from "pg";
import { MigrationError } from "../../migrate/migrationError.ts";
import { openClient } from "../../migrate/openClient.ts";
import { IndexError } from "../deploy/indexError.ts";
import { poolerTrouble } from "../deploy/poolerTrouble.ts";

/** A session of its own on a server, through no pooler. Throws `IndexError`. */
export async function directClient(connectionString: string, what: string): Promise<Client> {
  let client: Client;
  try {
    client = await openClient(connectionString, what);
  } catch (cause) {
    if (!(cause instanceof MigrationError)) throw cause;
    throw new IndexError("refused", cause.message, { cause });
  }
  const trouble = poolerTrouble(client.host, [await backend(client), await backend(client)]);
  if (trouble === undefined) return client;
  await client.end().catch(() => {});
  throw new IndexError("refused", trouble);
}

async function backend(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

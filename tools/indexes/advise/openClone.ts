import { randomInt } from "node:crypto";
import { Client } from "pg";
import { IndexError } from "../deploy/indexError.ts";
import { startClone } from "../prove/startClone.ts";
import { SEARCH_PATH } from "./constants.ts";

/** Where candidates may be built. `copy`: a Postgres of its own on this machine, filled from the database. */
export type CloneChoice = { readonly kind: "url"; readonly url: string } | { readonly kind: "copy" };

export interface OpenedClone {
  readonly client: Client;
  readonly close: () => Promise<void>;
}

/** Opens, or makes, the database for trials. Refuses one that is the source itself, under whatever address. */
export async function openClone(
  choice: CloneChoice,
  source: { readonly client: Client; readonly connectionString: string },
  onProgress: (step: string) => void,
): Promise<OpenedClone> {
  if (choice.kind === "copy") {
    const started = await copyOf(source.connectionString, onProgress);
    await started.client.query("VACUUM ANALYZE");
    return { client: started.client, close: started.stop };
  }
  const client = new Client({ connectionString: choice.url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query(`SET search_path = ${SEARCH_PATH}`);
    if (await isSameDatabase(source.client, client)) {
      throw new IndexError(
        "refused",
        "The clone is the database itself: give a branch, or a copy that nobody works with.",
      );
    }
  } catch (cause) {
    await client.end().catch(() => {});
    if (cause instanceof IndexError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new IndexError("refused", `Cannot connect to the clone at ${client.host}:${client.port}: ${why}.`, { cause });
  }
  return { client, close: () => client.end() };
}

/** Addresses may differ and still lead to one database: a lock that one session takes is seen by the other. */
async function isSameDatabase(source: Client, clone: Client): Promise<boolean> {
  const key = [randomInt(2 ** 31), randomInt(2 ** 31)];
  await source.query("SELECT pg_advisory_lock($1, $2)", key);
  try {
    const { rowCount } = await clone.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = $2
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      key,
    );
    return rowCount !== 0;
  } finally {
    await source.query("SELECT pg_advisory_unlock($1, $2)", key);
  }
}

async function copyOf(connectionString: string, onProgress: (step: string) => void) {
  try {
    return await startClone({ kind: "database", connectionString }, onProgress);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `The database could not be copied to this machine (${why}): give a branch as --clone-url.`;
    throw new IndexError("refused", message, { cause });
  }
}

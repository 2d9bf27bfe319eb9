import { randomInt } from "node:crypto";
import type { Client } from "pg";
import { IndexError } from "../deploy/indexError.ts";
import { sentenceOf } from "../inSentences.ts";
import { startClone } from "../prove/startClone.ts";
import { SEARCH_PATH } from "./constants.ts";
import { directClient } from "./directClient.ts";

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
  const client = await directClient(choice.url, "The clone's URL");
  try {
    await client.query(`SET search_path = ${SEARCH_PATH}`);
    const { rows } = await client.query<{ recovering: boolean }>("SELECT pg_is_in_recovery() AS recovering");
    if (rows[0]?.recovering) {
      throw new IndexError("refused", "The clone is a standby, where nothing can be built: give a branch, or a copy.");
    }
    if (await isSameDatabase(source.client, client)) {
      throw new IndexError(
        "refused",
        "The clone is the database itself: give a branch, or a copy that nobody works with.",
      );
    }
    return { client, close: () => client.end() };
  } catch (cause) {
    await client.end().catch(() => {});
    throw cause;
  }
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
    return await startClone({ kind: "database", connectionString }, onProgress, { endsAtInterrupt: true });
  } catch (cause) {
    const why = sentenceOf(cause) ?? (cause instanceof Error ? cause.message : String(cause));
    const message = `The database could not be copied to this machine. ${why} Or give a branch as --clone-url.`;
    throw new IndexError("refused", message, { cause });
  }
}

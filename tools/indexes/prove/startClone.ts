import { Client } from "pg";
import { connect } from "../../migrate/connect.ts";
import { migrate } from "../../migrate/migrate.ts";
import { seed } from "../../seed/seed.ts";
import { markClone } from "./clone.ts";
import { copyDatabase } from "./copyDatabase.ts";
import { type ScratchOptions, type ScratchServer, startScratchServer } from "./scratchServer.ts";

/** Where a clone's rows come from. */
export type CloneSource =
  | { readonly kind: "database"; readonly connectionString: string }
  | { readonly kind: "seed"; readonly pitches: number; readonly seed: number };

/** A clone on a server of its own, and a session in it; `stop` ends both and deletes the files. */
export interface StartedClone extends ScratchServer {
  readonly client: Client;
}

/** Starts a Postgres, and makes a clone in it that is filled from a database or seeded. */
export async function startClone(
  source: CloneSource,
  onProgress: (step: string) => void,
  options: ScratchOptions = {},
): Promise<StartedClone> {
  onProgress("starting a Postgres of its own");
  const server = await startScratchServer(options);
  let client: Client | undefined;
  const stop = async () => {
    await client?.end().catch(() => {});
    await server.stop();
  };
  try {
    const { connectionString } = server;
    await migrate({ connectionString });
    client = new Client({ connectionString, options: "-c search_path=public" });
    client.on("error", () => {}); // the server is stopped under it where something else failed
    await client.connect();
    await markClone(client);
    await fill(source, connectionString, client, onProgress);
    return { ...server, client, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function fill(
  source: CloneSource,
  connectionString: string,
  client: Client,
  onProgress: (step: string) => void,
): Promise<void> {
  if (source.kind === "seed") {
    const { pitches, seed: number } = source;
    let told = 0;
    await seed({
      connectionString,
      pitches,
      seed: number,
      onProgress: (done, step) => {
        if (step === "pitches" && done < told + pitches / 10) return;
        told = done;
        onProgress(`seeding: ${done} of ${pitches} pitches, ${step}`);
      },
    });
    return;
  }
  const from = await connect(source.connectionString);
  try {
    await copyDatabase(from, client, (table) => onProgress(`copying ${table}`));
  } finally {
    await from.end();
  }
}

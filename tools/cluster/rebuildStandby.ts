import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import {
  copyDataDirectory,
  isLiveOnly,
  makeOwnedDirectory,
  makeStandby,
  markComplete,
  writeOwned,
} from "./dataDirectory.ts";
import { withClient } from "./postgresServer.ts";
import type { NodeState } from "./state.ts";

/**
 * Makes `node` (which must be down) a standby of the running `primary` from a fresh copy, as pg_basebackup would
 * (which is not in the package): the low-level backup API, WAL by streaming afterwards.
 */
export async function rebuildStandby(primary: NodeState, node: NodeState, binaries: Binaries): Promise<void> {
  await withClient(primary.port, "postgres", async (client) => {
    await client.query("SELECT pg_backup_start('breakwater', true)");
    await copyDataDirectory(primary.dataDir, node.dataDir, binaries, isLiveOnly);
    const { rows } = await client.query("SELECT labelfile FROM pg_backup_stop(false)");
    await writeOwned(join(node.dataDir, "backup_label"), String(rows[0]?.labelfile), binaries);
  });
  await mkdir(join(node.dataDir, "pg_wal"), { recursive: true });
  await makeOwnedDirectory(join(node.dataDir, "pg_wal", "archive_status"), binaries);
  await makeStandby(node.dataDir, binaries);
  await markComplete(node.dataDir, binaries);
}

import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Bundle } from "../tools/local/bundleWorker.ts";
import { run } from "../tools/run.ts";

/** Bundles one file as a Worker of its own into `folder`, offline. @throws with wrangler's words when it does not build. */
export async function bundleEntry(entry: string, folder: string): Promise<Bundle> {
  await rm(folder, { recursive: true, force: true });
  const { code, output } = await run("wrangler", ["deploy", entry, "--dry-run", "--outdir", folder], { capture: true });
  if (code !== 0) throw new Error(`${entry} does not build:\n${output}`);
  return { folder, main: join(folder, basename(entry).replace(/\.ts$/, ".js")), wasm: [] };
}

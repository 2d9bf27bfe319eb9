import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Bundle } from "../tools/local/bundleWorker.ts";
import { run } from "../tools/run.ts";

/** Of wrangler.toml only what a bundle depends on: an entry of its own has none of the Worker's objects. */
const CONFIG = 'name = "entry"\ncompatibility_date = "2026-07-30"\ncompatibility_flags = ["nodejs_compat"]\n';

/** Bundles one file as a Worker of its own into `folder`, offline. @throws with wrangler's words when it does not build. */
export async function bundleEntry(entry: string, folder: string): Promise<Bundle> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const config = join(folder, "wrangler.toml");
  await writeFile(config, CONFIG);
  const args = ["deploy", entry, "--config", config, "--dry-run", "--outdir", folder];
  const { code, output } = await run("wrangler", args, { capture: true });
  if (code !== 0) throw new Error(`${entry} does not build:\n${output}`);
  return { folder, main: join(folder, basename(entry).replace(/\.ts$/, ".js")), wasm: [] };
}

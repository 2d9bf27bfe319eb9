import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../run.ts";

/** The Worker as wrangler would deploy it. */
export interface Bundle {
  readonly folder: string;
  readonly main: string;
  readonly wasm: readonly string[];
}

/** Bundles the Worker, offline. Throws with wrangler's words when it does not build. */
export async function bundleWorker(folder: string): Promise<Bundle> {
  await rm(folder, { recursive: true, force: true });
  const { code, output } = await run("wrangler", ["deploy", "--dry-run", "--outdir", folder], { capture: true });
  if (code !== 0) throw new Error(`The Worker does not build:\n${output}`);
  const files = await readdir(folder);
  return { folder, main: join(folder, "index.js"), wasm: files.filter((file) => file.endsWith(".wasm")) };
}

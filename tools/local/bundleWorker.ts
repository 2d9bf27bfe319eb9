import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { run } from "../run.ts";

/** The Worker as wrangler would deploy it. */
export interface Bundle {
  readonly folder: string;
  readonly main: string;
  readonly wasm: readonly string[];
}

/** Bundles the Worker (or another entry in its place), offline. Throws with wrangler's words when it does not build. */
export async function bundleWorker(folder: string, entry = "src/index.ts"): Promise<Bundle> {
  await rm(folder, { recursive: true, force: true });
  const { code, output } = await run("wrangler", ["deploy", entry, "--dry-run", "--outdir", folder], { capture: true });
  if (code !== 0) throw new Error(`${entry} does not build:\n${output}`);
  const files = await readdir(folder);
  return {
    folder,
    main: join(folder, basename(entry).replace(/\.ts$/, ".js")),
    wasm: files.filter((file) => file.endsWith(".wasm")),
  };
}

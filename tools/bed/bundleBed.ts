import { type Bundle, bundleWorker } from "../local/bundleWorker.ts";

/** Bundles the bed's Worker as the real one is. */
export function bundleBed(folder: string): Promise<Bundle> {
  return bundleWorker(folder, "tools/bed/worker/bedWorker.ts");
}

import { rm } from "node:fs/promises";
import type { TestProject } from "vitest/node";
import { bundleWorker } from "../../../tools/local/bundleWorker.ts";

/** Bundles the Worker once for all test files; each run into a folder of its own, so that two do not meet. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = `.breakwater/test-bundle-${process.pid}`;
  project.provide("bundle", await bundleWorker(folder));
  return () => rm(folder, { recursive: true, force: true });
}

declare module "vitest" {
  export interface ProvidedContext {
    bundle: Awaited<ReturnType<typeof bundleWorker>>;
  }
}

import type { TestProject } from "vitest/node";
import { bundleWorker } from "../../../tools/local/bundleWorker.ts";

/** Bundles the Worker once for all test files. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide("bundle", await bundleWorker(".breakwater/test-bundle"));
}

declare module "vitest" {
  export interface ProvidedContext {
    bundle: Awaited<ReturnType<typeof bundleWorker>>;
  }
}

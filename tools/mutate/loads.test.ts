import { glob } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { PART_VARIABLE } from "./constants.ts";

/**
 * A change that keeps a file from being loaded fails no test: files of tests that import it have none then, and Stryker
 * takes that for success. Loaded out here, since what runs within a test would count as reached by that test alone.
 */
const failures: unknown[] = [];
for await (const path of glob(`src/${process.env[PART_VARIABLE]}/**/*.ts`)) {
  await import(resolve(path)).catch((error: unknown) => failures.push(error));
}

test("every file of the part can be loaded", () => {
  expect(failures).toEqual([]);
});

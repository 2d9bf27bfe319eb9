import type { CacheTest, RawResult } from "./httpCacheTests.ts";

/**
 * What a result means. `failed`: a required test. `not-optimal`: a copy was not used, or so. `yes`, `no`: of a test that
 * only asks. `depends`: a test that this one builds on did not pass. `setup`: it did not come to the point.
 */
export type Verdict = "passed" | "failed" | "not-optimal" | "yes" | "no" | "depends" | "setup";

/** By the package's own rules. Undefined: it was not run. */
export function verdictOf(
  id: string,
  tests: ReadonlyMap<string, CacheTest>,
  results: Readonly<Record<string, RawResult>>,
): Verdict | undefined {
  const [test, result] = [tests.get(id), results[id]];
  if (!test || result === undefined) return undefined;
  const isMet = (needed: string) => ["passed", "yes"].includes(verdictOf(needed, tests, results) ?? "");
  if (test.depends_on && !test.depends_on.every(isMet)) return "depends";
  if (result !== true && result[0] === "Setup") return "setup";
  switch (test.kind) {
    case undefined:
    case "required":
      return result === true ? "passed" : "failed";
    case "optimal":
      return result === true ? "passed" : "not-optimal";
    case "check":
      return result === true ? "yes" : "no";
    default:
      return test.kind satisfies never;
  }
}

import { readFile, rm } from "node:fs/promises";
import { run } from "./run.ts";

/** Runs all test projects (or what the arguments select) and ends in one line for people and machines alike. */
const REPORT = ".breakwater/test-report.json";

/** What needs npm alone; `e2e` needs more, and is asked for by name. */
const EVERYWHERE = ["--project", "pure", "--project", "workerd", "--project", "cluster"];

const given = process.argv.slice(2);

await rm(REPORT, { force: true });
const { code } = await run("vitest", [
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${REPORT}`,
  ...(given.includes("--project") ? given : [...EVERYWHERE, ...given]),
]);
const counts = await readCounts();
// A run that failed outside of any test (a file that does not load) must not read as a green one.
const failed = code === 0 ? counts.failed : Math.max(1, counts.failed);
console.log(`${counts.passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && counts.passed > 0 ? 0 : 1;

async function readCounts(): Promise<{ passed: number; failed: number }> {
  try {
    const report = JSON.parse(await readFile(REPORT, "utf8")) as { numPassedTests: number; numFailedTests: number };
    return { passed: report.numPassedTests, failed: report.numFailedTests };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

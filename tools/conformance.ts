/**
 * Holds shared answers to tests that are made for HTTP caches: `npm run conformance`, or `-- <id>` for one test. Installs
 * the tests in a folder of their own, uses loopback alone, and stops what it started. Ends with 1 where a required test
 * of those that routes can meet failed.
 */
import { bundleEntry } from "../bench/bundleEntry.ts";
import { type CacheTest, openHttpCacheTests } from "./conformance/httpCacheTests.ts";
import { LEFT_OUT, SUITES } from "./conformance/suites.ts";
import { type Verdict, verdictOf } from "./conformance/verdict.ts";
import { startMiniflare } from "./local/startMiniflare.ts";
import { workerdOptions } from "./local/workerdOptions.ts";

/** Half a minute is enough on two busy cores; a test that hangs is not waited for. */
const LIMIT_MS = 240_000;

const [only] = process.argv.slice(2);
const limit = setTimeout(() => {
  console.error(`Not done within ${LIMIT_MS / 1_000} s.`);
  process.exit(1);
}, LIMIT_MS);

const { suites, run, startOrigin } = await openHttpCacheTests();
const chosen = suites
  .filter(({ id }) => (SUITES as readonly string[]).includes(id))
  .map(({ id, tests }) => ({ id, tests: tests.filter((test) => isRun(test)) }));
const bundle = await bundleEntry("tools/bed/worker/passThroughWorker.ts", ".breakwater/conformance");
const origin = await startOrigin();
const { miniflare, close } = await startMiniflare(workerdOptions(bundle, { SOURCE: origin.url }));
try {
  const results = await run(chosen, (await miniflare.ready).origin);
  const tests = new Map(chosen.flatMap((suite) => suite.tests).map((test) => [test.id, test]));
  const tellings = chosen.flatMap((suite) => suite.tests.map(({ id }) => ({ suite: suite.id, id })));
  let failed = 0;
  const table = new Map<string, Map<string, number>>();
  for (const { suite, id } of tellings) {
    const verdict = verdictOf(id, tests, results) ?? "setup";
    const kind = tests.get(id)?.kind ?? "required";
    const counts = table.get(suite) ?? new Map<string, number>();
    counts.set(`${kind} ${verdict}`, (counts.get(`${kind} ${verdict}`) ?? 0) + 1);
    table.set(suite, counts);
    if (verdict === "failed" || (verdict === "setup" && kind === "required")) failed++;
    if (only !== undefined || isWorthALine(verdict)) console.log(`${kind} ${verdict}: ${id} ${wordsOf(results[id])}`);
  }
  for (const [suite, counts] of table) {
    console.log(`${suite}: ${[...counts].map(([what, count]) => `${count} ${what}`).join(", ")}`);
  }
  console.log(failed === 0 ? "No required test failed." : `${failed} required tests failed.`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  clearTimeout(limit);
  await close();
  await origin.close();
}

function isRun({ id, browser_only }: CacheTest): boolean {
  return !browser_only && !Object.hasOwn(LEFT_OUT, id) && (only === undefined || id === only);
}

function isWorthALine(verdict: Verdict): boolean {
  return verdict !== "passed" && verdict !== "yes";
}

function wordsOf(result: unknown): string {
  return Array.isArray(result) ? `(${result[1]})` : "";
}

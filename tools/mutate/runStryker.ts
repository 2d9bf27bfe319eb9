import { createHash } from "node:crypto";
import { glob, mkdir, readFile, rm } from "node:fs/promises";
import { matchesGlob, relative } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { CONCURRENCY, LOOP_MS, MUTATE_FOLDER, PART_VARIABLE } from "./constants.ts";
import { inOneLine, type Mutant, type MutantStatus } from "./mutant.ts";

type Options = ConstructorParameters<typeof Stryker>[0];
type MutantResult = Awaited<ReturnType<Stryker["runMutationTest"]>>[number];

/** Of Stryker's own words: its progress is enough. */
const LOG_LEVEL: string = "warn";

export interface MutationRun {
  /** A folder of `src/` whose tests are in `test/unit/pure/` under the same name. */
  readonly part: string;
  /** Which of its files, as a glob from that folder. */
  readonly files: string;
  /** Everything anew, whatever is known of earlier runs. */
  readonly fresh: boolean;
}

/** Changes the part's files in every way that Stryker knows, one at a time, and runs the tests that reach the change. */
export async function runStryker({ part, files, fresh }: MutationRun): Promise<Mutant[]> {
  process.env[PART_VARIABLE] = part;
  const results = await new Stryker({
    mutate: [`src/${part}/${files}`],
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner"],
    vitest: { configFile: "tools/mutate/vitest.config.ts", related: false },
    coverageAnalysis: "perTest",
    concurrency: CONCURRENCY,
    timeoutMS: LOOP_MS,
    incremental: true,
    incrementalFile: await knownFile(part),
    force: fresh,
    tempDirName: `${MUTATE_FOLDER}/sandbox`,
    ignorePatterns: ["/.breakwater", "/bench", "/docs", "/dist", "/coverage"],
    tsconfigFile: "none", // Stryker would read it with an interface that TypeScript 7 no longer has
    reporters: [process.stdout.isTTY ? "progress" : "progress-append-only"],
    allowConsoleColors: process.stdout.isTTY,
    warnings: { slow: false, preprocessorErrors: true, unknownOptions: true, unserializableOptions: true },
    logLevel: LOG_LEVEL as NonNullable<Options["logLevel"]>, // an enum that it does not export
  }).runMutationTest();
  const isWanted = ({ file }: Mutant) => matchesGlob(file, `src/${part}/${files}`); // Stryker tells of all it knows
  return (await Promise.all(results.map(mutantOf))).filter(isWanted);
}

/**
 * The results of earlier runs, as long as they hold. Stryker itself looks at the tests and at each mutant's own file; a
 * change in any other, that the mutant's tests pass through, makes all of them void.
 */
async function knownFile(part: string): Promise<string> {
  const inputs = [
    "src/**/*.ts",
    `test/unit/pure/${part}/**/*.ts`,
    "tools/mutate/{vitest.config,sameChance,loads.test,runStryker}.ts",
  ];
  const paths = ["package-lock.json"];
  for await (const path of glob(inputs)) if (!path.startsWith("test/") || !path.endsWith(".test.ts")) paths.push(path);
  const hash = createHash("sha256");
  for (const path of paths.sort()) hash.update(`${path}\n${await readFile(path, "utf8")}\n`);
  await mkdir(MUTATE_FOLDER, { recursive: true });
  const known = `${MUTATE_FOLDER}/${part}-${hash.digest("hex").slice(0, 16)}.json`;
  for await (const other of glob(`${MUTATE_FOLDER}/${part}-*.json`)) if (other !== known) await rm(other);
  return known;
}

async function mutantOf({ fileName, location, mutatorName, replacement, status }: MutantResult): Promise<Mutant> {
  const { start, end } = location;
  const lines = (await readFile(fileName, "utf8")).split("\n");
  const touched = lines.slice(start.line - 1, end.line);
  const last = touched.length - 1;
  const cut = touched.map((line, at) => {
    return line.slice(at === 0 ? start.column - 1 : 0, at === last ? end.column - 1 : line.length);
  });
  return {
    file: relative(process.cwd(), fileName),
    line: start.line,
    lineText: (touched[0] ?? "").trim(),
    mutator: mutatorName,
    original: inOneLine(cut.join("\n")),
    replacement: inOneLine(replacement ?? ""),
    status: statusOf(status),
  };
}

function statusOf(status: MutantResult["status"]): MutantStatus {
  switch (status) {
    case "Killed":
      return "killed";
    case "Timeout":
      return "timeout";
    case "Survived":
    case "NoCoverage":
      return "survived";
    case "CompileError":
    case "RuntimeError":
    case "Ignored":
    case "Pending":
      return "invalid";
    default:
      return status satisfies never;
  }
}

import { existsSync, readdirSync } from "node:fs";
import { matchesGlob } from "node:path";
import { Argument, Command } from "commander";
import { EXCEPTIONS } from "./mutate/exceptions.ts";
import { judge } from "./mutate/judge.ts";
import { runStryker } from "./mutate/runStryker.ts";
import { told } from "./mutate/told.ts";

/**
 * `npm run mutate -- breaker`: changes the source of a pure part in every way that Stryker knows, one at a time, and asks
 * its tests whether they notice. The last line on stdout is one JSON object. Exit code 1: they did not, somewhere.
 */

const PARTS = readdirSync("src").filter((name) => existsSync(`test/unit/pure/${name}`));
const ALL = "**/*.ts";

const command = new Command("mutate")
  .description("Change a pure part's source, one piece at a time, and see whether its tests notice.")
  .addArgument(new Argument("<part>", "a folder of src/ with tests in test/unit/pure/").choices(PARTS))
  .option("--files <glob>", "which of its files, as a glob from the part's folder", ALL)
  .option("--fresh", "all anew; else results stand for as long as sources and tests do", false)
  .addHelpText("after", "\nWhat no test can tell is named and explained in tools/mutate/exceptions.ts.")
  .showHelpAfterError("(--help lists the options)")
  .parse();
const [part = ""] = command.args;
const { files, fresh } = command.opts<{ files: string; fresh: boolean }>();

const startedAt = performance.now();
const mutants = (await runStryker({ part, files, fresh })).filter(({ status }) => status !== "invalid");
const exceptions = EXCEPTIONS.filter(({ file }) => matchesGlob(file, `src/${part}/${files}`));
const judgement = judge(mutants, exceptions);
const { killed, explained, unexplained, obsolete } = judgement;
const findings = told(judgement);
if (findings !== "") console.error(`\n${findings}\n`);
const mayBeKilled = mutants.length - explained;
console.log(
  JSON.stringify({
    part,
    mutants: mutants.length,
    killed,
    explained,
    survived: unexplained.length,
    obsolete: obsolete.length,
    scorePercent: mayBeKilled === 0 ? 100 : Math.round((1_000 * killed) / mayBeKilled) / 10,
    seconds: Math.round((performance.now() - startedAt) / 1_000),
  }),
);
process.exitCode = findings === "" && mutants.length > 0 ? 0 : 1;

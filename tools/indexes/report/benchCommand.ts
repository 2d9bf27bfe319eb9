import { resolve } from "node:path";
import { SingleBar } from "cli-progress";
import { type Command, InvalidArgumentError } from "commander";
import { targetOf } from "../deploy/target.ts";
import { FOLDER, MAX_RUNS, USUAL_RUNS } from "./constants.ts";
import { measurementPath, saveMeasurement } from "./measurementFile.ts";
import { takeBaseline } from "./takeBaseline.ts";

/** `indexes bench`: measures. */
export function addBench(indexes: Command): void {
  indexes
    .command("bench")
    .description("measure every named query: buffers and latency, kept as a baseline for `indexes report`")
    .requiredOption("--label <label>", "what this baseline is called: before, after, …")
    .option("--database-url <url>", "the database's address; default: the running cluster's primary")
    .option("--runs <n>", "rounds, each of all queries", wholeRuns, USUAL_RUNS)
    .option(
      "--writes",
      "also the application's writes, each rolled back; on a branch, since they lock and leave dead rows",
    )
    .option("--folder <path>", "where baselines are kept", FOLDER)
    .action(bench);
}

interface BenchOptions {
  readonly label: string;
  readonly databaseUrl?: string;
  readonly runs: number;
  readonly writes?: boolean;
  readonly folder: string;
}

async function bench(options: BenchOptions): Promise<void> {
  const { label, runs, writes = false, folder } = options;
  const path = measurementPath(resolve(folder), label); // a wrong label is told now, and not after minutes
  const { connectionString } = await targetOf(options);
  const format = "{bar} {percentage}% {name}";
  const bar = new SingleBar({ format, noTTYOutput: true, notTTYSchedule: 5_000 });
  try {
    const taken = await takeBaseline({
      connectionString,
      label,
      runs,
      hasWrites: writes,
      onProgress: (done, of, name) => {
        if (done === 0) bar.start(of, 0, { name });
        bar.update(done, { name });
      },
    });
    await saveMeasurement(resolve(folder), taken);
    bar.stop();
    const failed = taken.queries.filter(({ trouble }) => trouble !== undefined);
    for (const { name, sample, trouble } of failed) console.error(`${name} (${sample}) has no numbers: ${trouble}`);
    if (taken.missing.length > 0) {
      console.error(`There were no ${taken.missing.join(", no ")}: their queries ran with values that no row has.`);
    }
    console.log(`Measured ${taken.queries.length - failed.length} queries with their parameters: ${path}`);
  } finally {
    bar.stop();
  }
}

function wholeRuns(text: string): number {
  const runs = Number(text);
  if (/^\d+$/.test(text) && runs >= 1 && runs <= MAX_RUNS) return runs;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_RUNS}.`);
}

import { resolve } from "node:path";
import { SingleBar } from "cli-progress";
import { Command, InvalidArgumentError } from "commander";
import { ClusterError } from "../cluster/clusterError.ts";
import { openCluster } from "../cluster/createCluster.ts";
import { MigrationError } from "../migrate/migrationError.ts";
import { seed } from "./seed.ts";
import { SeedError } from "./seedError.ts";

/** `npm run seed -- --pitches N --seed S`: real films, multiplied to any size. */

const program = new Command("seed")
  .description("Fill the marketplace with pitches made from real films. The same numbers give the same rows.")
  .option("--pitches <n>", "how many pitches", wholeNumber(1, 5_000_000), 20_000)
  .option("--seed <n>", "which data", wholeNumber(0, 2 ** 31 - 1), 1)
  .option("--reset", "replace what is there")
  .option("--database-url <url>", "a migrated database; default: the running cluster's primary")
  .showHelpAfterError("(--help lists the options)");

program.parse();
const options = program.opts<{ pitches: number; seed: number; reset?: boolean; databaseUrl?: string }>();
const bar = new SingleBar({
  format: "{bar} {percentage}% {value}/{total} {step}",
  noTTYOutput: true,
  notTTYSchedule: 2_000,
});

let step = "connecting";
process.on("SIGINT", () => {
  if (step === "committing") return; // in a moment it is known whether the rows are kept
  bar.stop();
  console.error("Interrupted: nothing was kept, what was there before is there still.");
  process.exit(130);
});

try {
  const connectionString =
    options.databaseUrl ?? (await (await openCluster(resolve(".breakwater"))).resolve("primary")).connectionString;
  const startedAt = performance.now();
  bar.start(options.pitches, 0, { step: "connecting" });
  const result = await seed({
    connectionString,
    pitches: options.pitches,
    seed: options.seed,
    ...(options.reset ? { reset: true } : {}),
    onProgress: (done, now) => {
      step = now;
      bar.update(done, { step });
    },
  });
  bar.stop();
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(
    result === "present"
      ? "These rows are there already."
      : `Seeded ${options.pitches} pitches (seed ${options.seed}) in ${seconds} s.`,
  );
} catch (error) {
  bar.stop();
  if (!(error instanceof SeedError) && !(error instanceof ClusterError) && !(error instanceof MigrationError))
    throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

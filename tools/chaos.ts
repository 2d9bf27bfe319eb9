import { Command, InvalidArgumentError, Option } from "commander";
import { inLab } from "../bench/lab.ts";
import { type ClusterChaosOptions, clusterChaos } from "./chaos/cluster.ts";
import { EDGES } from "./chaos/edges.ts";
import { type IndexChaosOptions, indexChaos } from "./chaos/indexes.ts";
import { interruptible } from "./chaos/interruptible.ts";
import { type ObjectChaosOptions, objectChaos } from "./chaos/objects.ts";

/**
 * `npm run chaos -- <what>`: breaks parts of a system of its own under load and watches that the promises are kept.
 * Progress and a table go to stderr; the last line on stdout is one JSON object. Exit code 1: a promise was broken.
 */

const count = (least: number, most: number) => (text: string) => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
};

const minutes = (text: string) => {
  const number = Number(text);
  if (number >= 0.2 && number <= 60) return number;
  throw new InvalidArgumentError("Give a number from 0.2 to 60.");
};

const program = new Command("chaos")
  .description("Break parts of a system of its own under load, and watch that no request notices.")
  .showHelpAfterError("(--help lists the options)");

program
  .command("cluster", { isDefault: true })
  .description("break nodes, connections, primaries and objects under load; check every session's promises afterwards")
  .option("--seed <n>", "of the requests, the faults and their moments", count(0, 1_000_000), 1)
  .option("--minutes <n>", "how long", minutes, 3)
  .option("--cache", "with shared answers: counts how often one shows a session less than it saw")
  .option("--log", "write every request and fault to .breakwater/chaos-<seed>.jsonl")
  .action(async (options: ClusterChaosOptions) => {
    const result = await interruptible((lab, interrupted) => clusterChaos(lab, options, interrupted));
    console.log(JSON.stringify(result));
    process.exitCode = result.isKept && (result.isWell || result.isInterrupted) ? 0 : 1;
  });

program
  .command("objects")
  .description("cut each edge between isolates, objects and Prober in turn, on a healthy database")
  .option(
    "--seconds <n>",
    "how long each edge stays cut; from 65 on, isolates must fall back on themselves",
    count(1, 600),
    75,
  )
  .option("--seed <n>", "of the visitors' choices and of the ways to cut", count(0, 1_000_000), 1)
  .option("--rate <n>", "requests a second, at all edges that are cut side by side together", count(1, 500), 42)
  .option("--isolates <n>", "isolates at each edge", count(1, 20), 3)
  .option("--at-once <n>", "edges that are cut side by side", count(1, EDGES.length), EDGES.length)
  .addOption(
    new Option("--edges <names...>", "only these").choices(EDGES.map(({ name }) => name)).default([], "all of them"),
  )
  .action(async (options: ObjectChaosOptions) => {
    const result = await inLab((lab) => objectChaos(lab, options));
    console.log(JSON.stringify(result));
    process.exitCode = result.failed === 0 ? 0 : 1;
  });

program
  .command("indexes")
  .description("strike deploys of indexes at random moments, while an application writes to the same tables")
  .option("--runs <n>", "deploys, each with one fault", count(1, 10_000), 200)
  .option("--seed <n>", "of the faults and their moments", count(0, 1_000_000), 1)
  .action(async (options: IndexChaosOptions) => {
    const { failed, ...result } = await inLab((lab) => indexChaos(lab, options));
    console.log(JSON.stringify(result));
    process.exitCode = failed === 0 ? 0 : 1;
  });

await program.parseAsync();

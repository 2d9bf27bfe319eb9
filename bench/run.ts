/**
 * `npm run bench -- <name>`: comparisons with peers, each on a system of its own in a temporary folder. The last line
 * on stdout is one JSON object, in milliseconds unless a key says otherwise; progress goes to stderr.
 */
import { Command } from "commander";
import { ClusterError } from "../tools/cluster/clusterError.ts";
import { SampleError } from "../tools/indexes/sampleError.ts";
import { MigrationError } from "../tools/migrate/migrationError.ts";
import { SeedError } from "../tools/seed/seedError.ts";
import type { Bench } from "./bench.ts";
import { breakerBench } from "./breaker.ts";
import { cacheBench } from "./cache.ts";
import { deployBench } from "./deploy.ts";
import { exchangeBench } from "./exchange.ts";
import { failoverBench } from "./failover.ts";
import { freshnessBench } from "./freshness.ts";
import { guardBench } from "./guard.ts";
import { inLab } from "./lab.ts";
import { outageBench } from "./outage.ts";
import { replicasBench } from "./replicas.ts";
import { sqlBench } from "./sql.ts";
import { statsBench } from "./stats.ts";
import { transportBench } from "./transport.ts";
import { visibilityBench } from "./visibility.ts";
import { worldBench } from "./world.ts";
import { writesBench } from "./writes.ts";

const BENCHES: readonly Bench[] = [
  breakerBench,
  cacheBench,
  deployBench,
  exchangeBench,
  failoverBench,
  freshnessBench,
  guardBench,
  outageBench,
  replicasBench,
  sqlBench,
  statsBench,
  transportBench,
  visibilityBench,
  worldBench,
  writesBench,
];

const program = new Command("bench")
  .description("Compare, on a system of its own. The last line is one JSON object, in milliseconds.")
  .showHelpAfterError("(--help lists the options)");

for (const bench of BENCHES) {
  const command = program.command(bench.name).description(bench.summary);
  for (const option of bench.options) command.addOption(option);
  command.action((options: Record<string, unknown>) => run(bench, options));
}
program.on("command:*", ([name]: string[]) => {
  const known = BENCHES.map((bench) => bench.name).join(", ");
  console.error(`There is no bench "${name}": name one of ${known} (--help tells what they compare).`);
  process.exit(1);
});

await program.parseAsync();

async function run(bench: Bench, options: Record<string, unknown>): Promise<void> {
  try {
    const result = await inLab((lab) => bench.run(lab, options));
    console.log(JSON.stringify({ bench: bench.name, ...result }));
  } catch (error) {
    const isExpected = [ClusterError, MigrationError, SampleError, SeedError].some(
      (expected) => error instanceof expected,
    );
    console.error(isExpected && error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

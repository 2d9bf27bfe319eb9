import { resolve } from "node:path";
import { Command } from "commander";
import { AdminError } from "./admin/adminError.ts";
import { addBreakerCommands } from "./breaker/cli.ts";
import { addCacheCommands } from "./cache/cli.ts";
import { ClusterError } from "./cluster/clusterError.ts";
import { openCluster } from "./cluster/createCluster.ts";
import { addIndexCommands } from "./indexes/cli.ts";
import { IndexError } from "./indexes/deploy/indexError.ts";
import { migrate } from "./migrate/migrate.ts";
import { MigrationError } from "./migrate/migrationError.ts";
import type { MigrationSet } from "./migrate/migrationFiles.ts";
import { addReplicaCommands } from "./replicas/cli.ts";

/** `npm run cli -- <command>`: what an operator does to a database or a Worker, the running system's or any other. */

const program = new Command("breakwater")
  .description("Prepare and look after a database for Breakwater, and what stands before it.")
  .showHelpAfterError("(--help lists the commands)");

program
  .command("migrate")
  .description("create or update everything on a database: the core's schema and the marketplace's tables")
  .option("--database-url <url>", "the primary's address; default: the running cluster's primary")
  .action((options: { databaseUrl?: string }) => apply(["breakwater", "schema"], options));

program
  .command("install")
  .description("install or update the core's own schema `breakwater` (marks, epochs, requests) on a database")
  .option("--database-url <url>", "the primary's address; default: the running cluster's primary")
  .action((options: { databaseUrl?: string }) => apply(["breakwater"], options));

addIndexCommands(program);
addBreakerCommands(program);
addReplicaCommands(program);
addCacheCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  const isExpected = [MigrationError, ClusterError, IndexError, AdminError].some((kind) => error instanceof kind);
  if (!isExpected) throw error;
  console.error((error as Error).message);
  process.exitCode = error instanceof IndexError ? error.exitCode : 1;
}

async function apply(sets: readonly MigrationSet[], { databaseUrl }: { databaseUrl?: string }): Promise<void> {
  const connectionString = databaseUrl ?? (await runningPrimary());
  const applied = await migrate({ connectionString, sets, onProgress: (step) => console.log(`applying ${step}`) });
  console.log(applied.length === 0 ? "Everything was installed already." : `Installed ${applied.length} migrations.`);
}

async function runningPrimary(): Promise<string> {
  const cluster = await openCluster(resolve(".breakwater"));
  return (await cluster.resolve("primary")).connectionString;
}

import { resolve } from "node:path";
import { Command } from "commander";
import { openCluster } from "./cluster/cluster.ts";
import { ClusterError } from "./cluster/clusterError.ts";
import { migrate } from "./migrate/migrate.ts";
import { MigrationError } from "./migrate/migrationError.ts";

/** `npm run cli -- <command>`: what an operator does to a database, the running cluster's or any other. */

const program = new Command("breakwater")
  .description("Prepare and look after a database for Breakwater.")
  .showHelpAfterError("(--help lists the commands)");

program
  .command("install")
  .description("install or update the core's own schema `breakwater` (marks, epochs, requests) on a database")
  .option("--database-url <url>", "the primary's address; default: the running cluster's primary")
  .action(async ({ databaseUrl }: { databaseUrl?: string }) => {
    const connectionString = databaseUrl ?? (await runningPrimary());
    const applied = await migrate({
      connectionString,
      sets: ["breakwater"],
      onProgress: (step) => console.log(`applying ${step}`),
    });
    console.log(applied.length === 0 ? "Everything was installed already." : `Installed ${applied.length} migrations.`);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof MigrationError) && !(error instanceof ClusterError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function runningPrimary(): Promise<string> {
  const cluster = await openCluster(resolve(".breakwater"));
  return (await cluster.resolve("primary")).connectionString;
}

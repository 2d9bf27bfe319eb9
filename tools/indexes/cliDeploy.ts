import type { Command } from "commander";
import type { Phase } from "../../sql/indexes/entry.ts";
import {
  type CommonOptions,
  type LimitOptions,
  limitsOf,
  phase,
  withBreaker,
  withCommon,
  withLimits,
} from "./cliOptions.ts";
import { deploy } from "./deploy/deploy.ts";
import type { DeployEvent, Did } from "./deploy/deployEvent.ts";
import { IndexError } from "./deploy/indexError.ts";
import { interrupts } from "./deploy/interrupts.ts";
import { loadCatalogue } from "./deploy/loadCatalogue.ts";
import { plan } from "./deploy/plan.ts";
import { planTable } from "./deploy/planTable.ts";
import { reporterFor } from "./deploy/reporter.ts";
import { rollback } from "./deploy/rollback.ts";
import type { RunOptions } from "./deploy/run.ts";
import { cleanUpStatement } from "./deploy/statements.ts";
import { targetOf } from "./deploy/target.ts";

const EXITS = `
Exit codes: 0 done; 1 refused, nothing was begun or the server refused it; 2 some indexes failed, the others are there;
3 something stood in the way for too long, try again later; 4 another deploy is running; 5 no room on the disk; 130 Ctrl-C.
Every command may be repeated at any time: it looks at the database and goes on from there.`;

type DeployOptions = CommonOptions &
  LimitOptions & {
    readonly phase: Phase;
    readonly with?: string[];
    readonly replace?: boolean;
    readonly dryRun?: boolean;
  };

export function addDeploy(indexes: Command): void {
  withBreaker(withLimits(withCommon(indexes.command("deploy"))))
    .description("build a phase's indexes, one at a time, without blocking writes")
    .requiredOption("--phase <n>", "1: sign-in and browsing; 2: lists and expiry; 3: measured extras", phase)
    .option("--with <name...>", "optional indexes of the phase to build as well")
    .option("--replace", "replace an index of the same name that has another definition")
    .option("--dry-run", "say what would be done, and send no DDL")
    .addHelpText("after", EXITS)
    .action(async (options: DeployOptions) => {
      const entries = await loadCatalogue(options.catalogue);
      const { connectionString, replicaUrls, breaker } = await targetOf(options);
      const common = { entries, phase: options.phase, optional: options.with ?? [] };
      if (options.dryRun === true) {
        const dry = await plan({ ...common, connectionString, replicaUrls, limits: limitsOf(options) });
        console.log(options.json ? JSON.stringify(dry) : planTable(dry));
        return;
      }
      await told(options, { connectionString, replicaUrls }, async (run) => {
        const result = await deploy({
          ...run,
          ...common,
          isReplacing: options.replace === true,
          ...(breaker ? { breaker } : {}),
        });
        const named = (what: Did) => result.indexes.filter(({ did }) => did === what).map(({ name }) => name);
        const [failed, blocked] = [named("failed"), named("blocked")];
        if (options.json) console.log(JSON.stringify({ event: "end", ...result }));
        if (blocked.length > 0 && failed.length === 0) {
          throw new IndexError("blocked", `Something stood in the way of ${blocked.join(", ")}: deploy again later.`);
        }
        if (!result.isComplete) {
          throw new IndexError(
            "incomplete",
            `Phase ${result.phase} is incomplete: ${[...failed, ...blocked].join(", ")}. The rest is there.`,
          );
        }
        if (!options.json) console.log(`Phase ${result.phase} is complete: ${result.indexes.length} indexes.`);
      });
    });
}

export function addRollback(indexes: Command): void {
  withLimits(withCommon(indexes.command("rollback")))
    .description("drop what deploys of a phase built, by the ledger, and nothing else")
    .requiredOption("--phase <n>", "1, 2 or 3", phase)
    .addHelpText("after", EXITS)
    .action(async (options: CommonOptions & LimitOptions & { readonly phase: Phase }) => {
      const { connectionString, replicaUrls } = await targetOf(options);
      await told(options, { connectionString, replicaUrls }, async (run) => {
        const result = await rollback({ ...run, phase: options.phase });
        const kept = result.kept.length > 0 ? ` Not ours, and kept: ${result.kept.join(", ")}.` : "";
        const text = `Phase ${result.phase} is rolled back: ${result.dropped.length} indexes dropped.${kept}`;
        console.log(options.json ? JSON.stringify({ event: "end", ...result }) : text);
      });
    });
}

type Where = Pick<RunOptions, "connectionString" | "replicaUrls">;

/** Runs with a reporter and Ctrl-C; what a second Ctrl-C leaves behind is said with the statement that removes it. */
async function told(
  options: CommonOptions & LimitOptions,
  where: Where,
  work: (run: RunOptions) => Promise<void>,
): Promise<void> {
  const isTerminal = process.stdout.isTTY === true;
  const reporter = reporterFor({ json: options.json === true, isTerminal, print: (line) => console.log(line) });
  let building: string | undefined;
  const interrupt = interrupts(() => {
    reporter.close();
    console.error(
      building === undefined
        ? "Left at once; nothing was being built."
        : `Left at once. To clean up: ${cleanUpStatement(building)}`,
    );
  });
  const report = (event: DeployEvent) => {
    if (event.event === "started") building = event.at;
    if (event.event === "finished") building = undefined;
    reporter.report(event);
  };
  try {
    await work({ ...where, limits: limitsOf(options), report, signal: interrupt.signal });
  } catch (error) {
    if (options.json && error instanceof IndexError) {
      reporter.close();
      console.log(JSON.stringify({ event: "error", code: error.code, text: error.message }));
    }
    throw error;
  } finally {
    reporter.close();
    interrupt.close();
  }
}

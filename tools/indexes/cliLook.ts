import type { Command } from "commander";
import type { Phase } from "../../sql/indexes/entry.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import { type CommonOptions, type LimitOptions, limitsOf, phase, withCommon, withLimits } from "./cliOptions.ts";
import { IndexError } from "./deploy/indexError.ts";
import { loadCatalogue } from "./deploy/loadCatalogue.ts";
import { plan } from "./deploy/plan.ts";
import { planTable } from "./deploy/planTable.ts";
import { stateText } from "./deploy/stateText.ts";
import { status } from "./deploy/status.ts";
import { statusText } from "./deploy/statusText.ts";
import { type Target, targetOf } from "./deploy/target.ts";
import { verify } from "./deploy/verify.ts";

export function addPlan(indexes: Command): void {
  withLimits(withCommon(indexes.command("plan")))
    .description("what the catalogue has, and what a deploy would send; sends no DDL itself")
    .option("--phase <n>", "only this phase", phase)
    .option("--with <name...>", "optional indexes of the phase as well")
    .action(async (options: CommonOptions & LimitOptions & { readonly phase?: Phase; readonly with?: string[] }) => {
      const target = await targetOf(options).catch(withoutDatabase);
      const planned = await plan({
        entries: await loadCatalogue(options.catalogue),
        connectionString: target?.connectionString,
        replicaUrls: target?.replicaUrls ?? [],
        phase: options.phase,
        optional: options.with ?? [],
        limits: limitsOf(options),
      });
      console.log(options.json ? JSON.stringify(planned) : planTable(planned));
    });
}

/** The catalogue can be read with no database at hand. */
function withoutDatabase(error: unknown): Target | undefined {
  if (!(error instanceof ClusterError) || error.code !== "not-running") throw error;
  console.error("No cluster is running and no --database-url was given: this is the catalogue alone.");
  return undefined;
}

export function addStatus(indexes: Command): void {
  withCommon(indexes.command("status"))
    .description("what each index is, what drifted from the ledger, and what nobody manages")
    .action(async (options: CommonOptions) => {
      const { connectionString } = await targetOf(options);
      const found = await status(connectionString, await loadCatalogue(options.catalogue));
      const entries = found.entries.map(({ entry, state }) => ({
        name: entry.name,
        table: entry.table,
        phase: entry.phase,
        verdict: entry.verdict.kind,
        state,
      }));
      console.log(options.json ? JSON.stringify({ ...found, entries }) : statusText(found));
    });
}

export function addVerify(indexes: Command): void {
  withCommon(indexes.command("verify"))
    .description("whether every index that ships is valid and exactly as the catalogue says; exit code 2: not all")
    .option("--phase <n>", "up to this phase", phase)
    .action(async (options: CommonOptions & { readonly phase?: Phase }) => {
      const entries = await loadCatalogue(options.catalogue);
      const { connectionString } = await targetOf(options);
      const signal = new AbortController().signal;
      const run = { connectionString, limits: limitsOf({}), report: () => {}, signal };
      const verified = await verify({ ...run, entries, phase: options.phase });
      const wrong = verified.filter(({ state }) => state.kind !== "valid-same" && state.kind !== "skipped");
      const said = verified.map(({ entry, state }) => ({ name: entry.name, phase: entry.phase, state }));
      if (options.json) console.log(JSON.stringify({ isComplete: wrong.length === 0, indexes: said }));
      if (wrong.length > 0) {
        const names = wrong.map(({ entry, state }) => `${entry.name} (${stateText(state)})`).join(", ");
        throw new IndexError("incomplete", `Not as the catalogue says: ${names}.`);
      }
      if (!options.json) console.log(`All ${verified.length} indexes are as the catalogue says.`);
    });
}

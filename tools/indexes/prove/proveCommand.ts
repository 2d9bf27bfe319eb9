import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { ClusterError } from "../../cluster/clusterError.ts";
import { openCluster } from "../../cluster/createCluster.ts";
import { IndexError } from "../deploy/indexError.ts";
import { loadCatalogue } from "../deploy/loadCatalogue.ts";
import { SampleError } from "../sampleError.ts";
import { LEAST_PITCHES, PROOF_PITCHES } from "./constants.ts";
import { openDriverLane } from "./driverLane.ts";
import { findingsOf } from "./findings.ts";
import { lintFindings } from "./lintFindings.ts";
import { ProofError } from "./proofError.ts";
import { proofTable } from "./proofTable.ts";
import { proveIndexes } from "./proveIndexes.ts";
import { type CloneSource, startClone } from "./startClone.ts";

interface ProveOptions {
  readonly databaseUrl?: string;
  readonly pitches?: number;
  readonly query?: readonly string[];
  readonly catalogue?: string;
  readonly json?: boolean;
}

/** `indexes prove`: exit code 1 where a proof fails, a query got worse, an index is of no use or a lint finds something. */
export function addProve(indexes: Command): void {
  indexes
    .command("prove")
    .description("measure what each index of the catalogue does, in a copy: the database itself is only read")
    .option("--database-url <url>", "the database to copy; default: the running cluster's primary, else one is seeded")
    .option("--pitches <n>", `seed so many instead of copying (${PROOF_PITCHES} where nothing runs)`, pitches)
    .option("--query <name...>", "measure these named queries alone")
    .option("--catalogue <file>", "a JSON array of entries; default: the marketplace's own catalogue")
    .option("--json", "one JSON object")
    .action((options: ProveOptions) =>
      prove(options).catch((error) => {
        if (!(error instanceof ProofError) && !(error instanceof SampleError)) throw error;
        throw new IndexError("refused", error.message, { cause: error });
      }),
    );
}

async function prove(options: ProveOptions): Promise<void> {
  const say = (step: string) => console.error(`  ${step}`);
  const entries = await loadCatalogue(options.catalogue);
  const source = await sourceOf(options);
  console.error(
    source.kind === "seed"
      ? `Proving in a Postgres of its own, seeded with ${source.pitches} pitches and deleted afterwards.`
      : "Proving in a copy, in a Postgres of its own that is deleted afterwards: the database is read once, and no more.",
  );
  const clone = await startClone(source, say, { endsAtInterrupt: true });
  const lane = await openDriverLane({ host: "127.0.0.1", port: clone.port });
  try {
    const only = options.query === undefined ? {} : { only: options.query };
    const report = await proveIndexes(clone.client, entries, { onProgress: say, ask: lane.ask, ...only });
    const findings = [...findingsOf(report, entries), ...lintFindings(entries)];
    if (options.json) console.log(JSON.stringify({ ...report, findings }));
    else console.log([proofTable(report, entries), ...findings, verdictOf(findings, report.pitches)].join("\n"));
    if (findings.length > 0) process.exitCode = 1;
  } finally {
    await lane.close();
    await clone.stop();
  }
}

/** The database that is named; else as many pitches as are asked for; else the running cluster; else the usual number. */
async function sourceOf({ databaseUrl, pitches: count }: ProveOptions): Promise<CloneSource> {
  if (databaseUrl !== undefined) return { kind: "database", connectionString: databaseUrl };
  const seeded = { kind: "seed", pitches: count ?? PROOF_PITCHES, seed: 1 } as const;
  if (count !== undefined) return seeded;
  try {
    const primary = await (await openCluster(resolve(".breakwater"))).resolve("primary");
    return primary.pid === null ? seeded : { kind: "database", connectionString: primary.connectionString };
  } catch (error) {
    if (error instanceof ClusterError && error.code === "not-running") return seeded;
    throw error;
  }
}

function verdictOf(findings: readonly string[], count: number): string {
  if (findings.length === 0) return "Everything that is shipped is proved.";
  const told = `${findings.length} findings.`;
  if (count >= PROOF_PITCHES) return told;
  return `${told} At ${count} pitches some tables are read whole for less: --pitches ${PROOF_PITCHES} tells whether it is that.`;
}

function pitches(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= LEAST_PITCHES && number <= 5_000_000) return number;
  throw new InvalidArgumentError(`Give a whole number from ${LEAST_PITCHES} to 5000000.`);
}

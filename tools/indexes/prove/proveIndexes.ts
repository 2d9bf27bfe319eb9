import type { Client } from "pg";
import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import type { Query } from "../../../src/database/query.ts";
import { sampledQueries } from "../sampledQueries.ts";
import { takeSamples } from "../samples.ts";
import { checkProofs, type ProofResult } from "./checkProofs.ts";
import { type ComparedSample, changeOf, compareSets } from "./compareSets.ts";
import { measureFinished } from "./finished.ts";
import { openIndexSets, type Skipped } from "./indexSets.ts";
import { latencies } from "./latencies.ts";
import type { Latency } from "./latencyOf.ts";
import { leaveOneOut } from "./leaveOneOut.ts";
import { measure } from "./measure.ts";
import { type SoloEffect, soloEffect } from "./soloEffect.ts";

/** An entry that is shipped, and the samples that read more without it. */
interface Use {
  readonly entry: string;
  /** The largest loss first. */
  readonly uses: readonly ComparedSample[];
}

/** What a catalogue was found to do, measured. */
export interface ProofReport {
  readonly pitches: number;
  readonly skipped: readonly Skipped[];
  /** Every sample without any of the indexes and with ours. */
  readonly samples: readonly ComparedSample[];
  /** Of each read, at whoever asks; none where that was not measured. */
  readonly latencies: readonly {
    readonly key: string;
    readonly before: Latency | undefined;
    readonly after: Latency;
  }[];
  readonly proofs: readonly ProofResult[];
  /** Each shipped entry, left out alone. */
  readonly uses: readonly Use[];
  /** The owner's, each alone on top of constraints. */
  readonly owners: readonly SoloEffect[];
  /** Other entries that are not shipped though a named query might use them, each alone on top of ours. */
  readonly others: readonly SoloEffect[];
}

export interface ProveIndexesOptions {
  /** Told in a few words what is being measured. */
  readonly onProgress?: (step: string) => void;
  /** Measure these named queries alone; default: all. */
  readonly only?: readonly string[];
  /** The application's way to the clone, for latencies; default: none are measured. */
  readonly ask?: (query: Query) => Promise<unknown>;
}

/** Measures a catalogue in a clone, which has none of it afterwards. @throws `ProofError` where the database is no clone. */
export async function proveIndexes(
  client: Client,
  entries: readonly IndexEntry[],
  { onProgress = () => {}, only, ask }: ProveIndexesOptions = {},
): Promise<ProofReport> {
  onProgress("analysing");
  const sets = await openIndexSets(client, entries);
  const all = sampledQueries(await takeSamples(client));
  const queries = only === undefined ? all : all.filter(({ name }) => only.includes(name));
  const isPossible = ({ name }: IndexEntry) => !sets.skipped.some((skipped) => skipped.name === name);
  const possible = entries.filter(isPossible);

  const reads = queries.filter(({ kind }) => kind === "read");
  const writes = queries.filter(({ kind }) => kind === "write");

  onProgress("measuring reads without indexes");
  await sets.apply("none");
  const none = await measure(client, reads);
  const slow = ask && (await latencies(ask, reads));
  const owners: SoloEffect[] = [];
  for (const entry of possible.filter(({ isOwners }) => isOwners)) {
    onProgress(`${entry.name} alone`);
    owners.push(await soloEffect(client, entry, { sets, queries, before: none }));
  }

  await sets.apply("ours", (name) => onProgress(`making ${name}`));
  onProgress("measuring reads with ours");
  const ours = await measure(client, reads);
  const fast = ask && (await latencies(ask, reads));
  const others: SoloEffect[] = [];
  const isCandidate = (entry: IndexEntry) => entry.verdict.kind !== "ship" && entry.queries.length > 0;
  for (const entry of possible.filter((each) => isCandidate(each) && !each.isOwners)) {
    onProgress(`${entry.name} on top`);
    others.push(await soloEffect(client, entry, { sets, queries, before: ours }));
  }

  onProgress("measuring writes with ours");
  const both = [...ours, ...(await measure(client, writes))];
  const shipped = possible.filter(({ verdict }) => verdict.kind === "ship");
  const uses: Use[] = [];
  for (const { name } of shipped) {
    onProgress(`leaving ${name} out`);
    uses.push({ entry: name, uses: lost(await leaveOneOut(client, name, { queries, before: both })) });
  }

  await sets.apply("none");
  onProgress("measuring writes without indexes");
  const without = [...none, ...(await measure(client, writes))];
  const pitches = await pitchesIn(client);
  onProgress("measuring clean-ups that find nothing");
  const finished = await measureFinished(client, shipped, { sets, queries: writes });
  const usesOf = (entry: string) =>
    lost(finished.flatMap(({ proof, compared }) => (compared && proof.entry === entry ? [asLost(compared)] : [])));
  return {
    pitches,
    skipped: sets.skipped,
    samples: compareSets(without, both),
    latencies: [...(fast ?? [])].map(([key, after]) => ({ key, before: slow?.get(key), after })),
    proofs: [...checkProofs(shipped, both), ...finished.map(({ proof }) => proof)],
    uses: uses.map(({ entry, uses: samples }) => ({ entry, uses: [...samples, ...usesOf(entry)] })),
    owners,
    others,
  };
}

function lost(compared: readonly ComparedSample[]): readonly ComparedSample[] {
  return compared
    .filter(({ change }) => change === "worse" || change === "lost")
    .toSorted((one, other) => loss(other) - loss(one));
}

/** What an index saved, told as what its absence costs. */
function asLost({ key, before, after }: ComparedSample): ComparedSample {
  return { key, before: after, after: before, change: changeOf(after, before) };
}

function loss({ before = 0, after = Number.POSITIVE_INFINITY }: ComparedSample): number {
  return after - before;
}

async function pitchesIn(client: Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>("SELECT count(*)::int AS n FROM pitches");
  return rows[0]?.n ?? 0;
}

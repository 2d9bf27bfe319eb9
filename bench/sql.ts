import { Option } from "commander";
import { ENTRIES } from "../sql/indexes/catalogue.ts";
import { type IndexSets, openIndexSets, SETS, type SetName } from "../tools/indexes/prove/indexSets.ts";
import { latencies } from "../tools/indexes/prove/latencies.ts";
import { type Latency, rounded } from "../tools/indexes/prove/latencyOf.ts";
import { keyOf, type Measured, measure } from "../tools/indexes/prove/measure.ts";
import { type SoloEffect, soloEffect } from "../tools/indexes/prove/soloEffect.ts";
import { type StartedClone, startClone } from "../tools/indexes/prove/startClone.ts";
import type { SampledQuery } from "../tools/indexes/sample.ts";
import { sampledQueries } from "../tools/indexes/sampledQueries.ts";
import { takeSamples } from "../tools/indexes/samples.ts";
import type { Bench } from "./bench.ts";
import { compareWithOwner, type ThreeWays } from "./sql/compareWithOwner.ts";
import { checkReadGoals } from "./sql/goals.ts";
import { drawMix, type Mix, mixTps } from "./sql/mix.ts";
import { sqlTable } from "./sql/sqlTable.ts";

/** One set of indexes, measured. */
interface MeasuredSet {
  readonly measured: readonly Measured[];
  readonly latency: ReadonlyMap<string, Latency>;
  readonly tps: number;
}

/** Every named read without indexes, with the owner's and with ours, on the same rows. See docs/design/indexes.md. */
export const sqlBench: Bench = {
  name: "sql",
  summary: "every named read query without indexes, with the owner's and with ours, and a mix of four",
  options: [new Option("--pitches <n>", "how many pitches").default(1_000_000).argParser(Number)],
  run: async (lab, options) => {
    const say = (step: string) => console.error(`  ${step}`);
    const pitches = Math.max(5_000, Number(options.pitches) || 1_000_000);
    const clone = await lab.start(
      () => startClone({ kind: "seed", pitches, seed: 1 }, say),
      (started) => started.stop(),
    );
    say("analysing, and taking samples");
    const sets = await openIndexSets(clone.client, ENTRIES);
    const reads = sampledQueries(await takeSamples(clone.client)).filter(({ kind }) => kind === "read");
    const mix = await drawMix(clone.client);

    const none = await measureSet("none", { clone, sets, reads, mix, say });
    const owners = await eachOwners(clone, { sets, reads, before: none.measured, say });
    const owner = await measureSet("owner", { clone, sets, reads, mix, say });
    const ours = await measureSet("ours", { clone, sets, reads, mix, say });

    const bySet = { none, owner, ours };
    const samples = threeWays(bySet, new Set(sets.of("ours").map(({ name }) => name)));
    const goals = [
      ...checkReadGoals(ours.measured, ours.latency),
      ...compareWithOwner(samples, { owner: owner.tps, ours: ours.tps }),
    ];
    console.error(sqlTable(samples, owners, goals));
    return {
      pitches,
      ...Object.fromEntries(samples.map(({ key }) => [key, told(key, bySet)])),
      mixTps: { none: rounded(none.tps), owner: rounded(owner.tps), ours: rounded(ours.tps) },
      goals,
      owners: owners.map(({ entry, better, worse }) => ({ entry, better, worse })),
      skipped: sets.skipped,
    };
  },
};

interface Given {
  readonly clone: StartedClone;
  readonly sets: IndexSets;
  readonly reads: readonly SampledQuery[];
  readonly mix: Mix;
  readonly say: (step: string) => void;
}

async function measureSet(set: SetName, { clone, sets, reads, mix, say }: Given): Promise<MeasuredSet> {
  const startedAt = performance.now();
  await sets.apply(set, (name) => say(`${set}: making ${name}`));
  say(`${set}: buffers of ${reads.reduce((sum, { samples }) => sum + samples.length, 0)} samples`);
  const measured = await measure(clone.client, reads);
  say(`${set}: latencies`);
  const ask = ({ text, values }: { readonly text: string; readonly values: readonly unknown[] }) =>
    clone.client.query(text, [...values]);
  const latency = await latencies(ask, reads);
  say(`${set}: the mix`);
  const tps = await mixTps(clone.connectionString, mix);
  say(`${set}: ${tps.toFixed(1)} a second; ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  return { measured, latency, tps };
}

/** What each of the owner's does alone for the queries that it is for. */
async function eachOwners(
  { client }: StartedClone,
  { sets, reads, before, say }: Pick<Given, "sets" | "reads" | "say"> & { readonly before: readonly Measured[] },
): Promise<readonly SoloEffect[]> {
  const effects: SoloEffect[] = [];
  const names = new Set(sets.of("owner").map(({ name }) => name));
  for (const entry of ENTRIES.filter(({ name }) => names.has(name))) {
    say(`none: ${entry.name} alone`);
    const queries = reads.filter(({ name }) => entry.queries.includes(name));
    effects.push(await soloEffect(client, entry, { sets, queries, before }));
  }
  return effects;
}

function threeWays(bySet: Readonly<Record<SetName, MeasuredSet>>, indexes: ReadonlySet<string>): readonly ThreeWays[] {
  const buffers = (set: SetName) => new Map(bySet[set].measured.map((each) => [keyOf(each), each.plan?.buffers]));
  const [none, owner] = [buffers("none"), buffers("owner")];
  return bySet.ours.measured.map((measured) => {
    const key = keyOf(measured);
    const isIndexed = measured.plan?.nodes.some(({ index }) => index !== undefined && indexes.has(index)) ?? false;
    return { key, none: none.get(key), owner: owner.get(key), ours: measured.plan?.buffers, isIndexed };
  });
}

function told(key: string, bySet: Readonly<Record<SetName, MeasuredSet>>) {
  return Object.fromEntries(
    SETS.map((set) => {
      const buffers = bySet[set].measured.find((each) => keyOf(each) === key)?.plan?.buffers ?? null;
      return [set, { buffers, ...bySet[set].latency.get(key) }];
    }),
  );
}

import { join } from "node:path";
import { Option } from "commander";
import { Client } from "pg";
import type { NodeState } from "../tools/cluster/state.ts";
import type { Bench } from "./bench.ts";
import type { Failover } from "./failover/failoverOf.ts";
import { figuresOf } from "./failover/figuresOf.ts";
import type { FailoverLane } from "./failover/lane.ts";
import { oursLane } from "./failover/oursLane.ts";
import { playRound } from "./failover/playRound.ts";
import { postgresLane, WRITES } from "./failover/postgresLane.ts";
import { pgpoolVersion, startPgpool } from "./failover/startPgpool.ts";
import { startSite } from "./startSite.ts";

const PITCHES = 2_000;
const CLIENTS = ["ours", "postgres", "pgpool"] as const;
type ClientName = (typeof CLIENTS)[number];

/**
 * A primary dies under steady reads and writes, and three seconds later a standby is promoted: what clients see of it, one
 * client at a time on one cluster, in turn. Peers ask from Node, ours through workerd and a Neon endpoint. Nobody is told of
 * the promotion. What is measured, `Failover` says.
 */
export const failoverBench: Bench = {
  name: "failover",
  summary:
    "primary killed, standby promoted: failed reads and writes, and how long nothing new is written; ours beside peers",
  options: [
    new Option("--rounds <n>", "failovers of each client").default(3).argParser(Number),
    new Option("--only <client>", "one of them alone").choices(CLIENTS),
  ],
  run: async (lab, options) => {
    const rounds = Math.max(1, Number(options.rounds) || 3);
    const { cluster, url, adminToken } = await startSite(lab, { pitches: PITCHES });
    const client = new Client({ connectionString: (await cluster.resolve("primary")).connectionString });
    await client.connect();
    await client.query(WRITES);
    await client.end();
    const nodes = await cluster.nodes();
    const version = pgpoolVersion();
    const open = (name: ClientName, round: number): Promise<FailoverLane> => {
      switch (name) {
        case "ours":
          return oursLane(url, adminToken);
        case "postgres":
          return Promise.resolve(postgresLane(nodes));
        case "pgpool":
          return throughPgpool(join(lab.root, `pgpool-${round}`), nodes);
        default:
          return name satisfies never;
      }
    };
    const skipped: Partial<Record<ClientName, string>> = {};
    if (version === undefined) skipped.pgpool = "there is no pgpool here (apt-get install pgpool2)";
    const seen = new Map<ClientName, Failover[]>();
    for (let round = 1; round <= rounds; round++) {
      for (const name of CLIENTS) {
        if ((options.only ?? name) !== name || skipped[name] !== undefined) continue;
        const lane = await open(name, round).catch((error: unknown) => {
          if (name !== "pgpool") throw error;
          skipped.pgpool = error instanceof Error ? error.message : String(error);
          console.error(`  ${name}: ${skipped.pgpool}`);
        });
        if (!lane) continue;
        const failover = await playRound(cluster, lane).finally(() => lane.close());
        seen.set(name, [...(seen.get(name) ?? []), failover]);
        console.error(`  round ${round}, ${name}: ${JSON.stringify(failover)}`);
      }
    }
    const figures = Array.from(seen, ([name, failovers]) => [name, figuresOf(failovers)]);
    return { rounds, pgpoolVersion: version ?? null, skipped, ...Object.fromEntries(figures) };
  },
};

async function throughPgpool(folder: string, nodes: readonly NodeState[]): Promise<FailoverLane> {
  const pgpool = await startPgpool(folder, nodes);
  const lane = postgresLane([pgpool]);
  const close = async () => {
    await lane.close();
    await pgpool.close();
  };
  return { ...lane, close };
}

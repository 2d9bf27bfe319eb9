import { join } from "node:path";
import { Option } from "commander";
import { Client } from "pg";
import type { Bench } from "./bench.ts";
import type { FailoverLane } from "./failover/lane.ts";
import { oursLane } from "./failover/oursLane.ts";
import { type Failover, playRound } from "./failover/playRound.ts";
import { postgresLane, WRITES } from "./failover/postgresLane.ts";
import { pgpoolVersion, startPgpool } from "./failover/startPgpool.ts";
import { median } from "./median.ts";
import { startSite } from "./startSite.ts";

const PITCHES = 2_000;

/**
 * A primary dies under steady reads and writes, and three seconds later a standby is promoted: what clients see of it, one
 * client at a time on one cluster, in turn. Peers ask from Node, ours through workerd and a Neon endpoint. Nobody is told of
 * the promotion.
 */
export const failoverBench: Bench = {
  name: "failover",
  summary:
    "primary killed, standby promoted: failed reads and writes, and how long nothing is written; ours beside peers",
  options: [
    new Option("--rounds <n>", "failovers of each client").default(3).argParser(Number),
    new Option("--only <client>", "one of them alone").choices(["ours", "postgres", "pgpool"]),
  ],
  run: async (lab, options) => {
    const rounds = Math.max(1, Number(options.rounds) || 3);
    const { cluster, url } = await startSite(lab, { pitches: PITCHES });
    const client = new Client({ connectionString: (await cluster.resolve("primary")).connectionString });
    await client.connect();
    await client.query(WRITES);
    await client.end();
    const nodes = await cluster.nodes();
    const version = pgpoolVersion();
    const lanes: Record<string, (round: number) => Promise<FailoverLane>> = {
      ours: () => oursLane(url),
      postgres: async () => postgresLane(nodes),
      ...(version === undefined ? {} : { pgpool: (round) => throughPgpool(join(lab.root, `pgpool-${round}`)) }),
    };
    const throughPgpool = async (folder: string): Promise<FailoverLane> => {
      const pgpool = await startPgpool(folder, nodes);
      const lane = postgresLane([pgpool]);
      const close = async () => {
        await lane.close();
        await pgpool.close();
      };
      return { ...lane, close };
    };
    const seen: Record<string, Failover[]> = {};
    for (let round = 1; round <= rounds; round++) {
      for (const [name, open] of Object.entries(lanes)) {
        if (options.only !== undefined && options.only !== name) continue;
        const lane = await open(round);
        try {
          const failover = await playRound(cluster, lane);
          seen[name] = [...(seen[name] ?? []), failover];
          console.error(`  round ${round}, ${name}: ${JSON.stringify(failover)}`);
        } finally {
          await lane.close();
        }
      }
    }
    const figures = Object.entries(seen).map(([name, failovers]) => {
      const middle = (of: (failover: Failover) => number) => median(failovers.map(of));
      return [
        name,
        {
          failedReads: middle(({ failedReads }) => failedReads),
          failedWrites: middle(({ failedWrites }) => failedWrites),
          gapMs: middle(({ gapMs }) => gapMs),
        },
      ];
    });
    return { rounds, pgpoolVersion: version ?? "not installed", ...Object.fromEntries(figures) };
  },
};

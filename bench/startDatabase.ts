import type { Cluster } from "../tools/cluster/cluster.ts";
import { createCluster, openCluster } from "../tools/cluster/createCluster.ts";
import { migrate } from "../tools/migrate/migrate.ts";
import { seed } from "../tools/seed/seed.ts";
import type { Lab } from "./lab.ts";

/** A cluster of its own in the laboratory, migrated and seeded. The steps are told on stderr. */
export async function startDatabase(lab: Lab, data: { pitches: number; seed: number }): Promise<Cluster> {
  const say = (step: string) => console.error(`  ${step}`);
  const cluster = await lab.start(
    () =>
      createCluster({ root: lab.root, onProgress: say }).catch(async (error) => {
        await (await openCluster(lab.root)).shutdown(); // what was started before it failed
        throw error;
      }),
    (started) => started.shutdown(),
  );
  const { connectionString } = await cluster.resolve("primary");
  say("applying migrations");
  await migrate({ connectionString });
  say(`seeding ${data.pitches} pitches`);
  await seed({ connectionString, ...data });
  return cluster;
}

import type { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sampledQueries } from "../../tools/indexes/sampledQueries.ts";
import { SampleError } from "../../tools/indexes/sampleError.ts";
import { takeSamples } from "../../tools/indexes/samples.ts";
import { connect } from "../../tools/migrate/connect.ts";
import { migrate } from "../../tools/migrate/migrate.ts";
import { seed } from "../../tools/seed/seed.ts";
import { startTestCluster } from "./support/cluster.ts";

let stop: () => Promise<void>;
let client: Client;
let connectionString: string;

beforeAll(async () => {
  const bed = await startTestCluster();
  stop = bed.stop;
  ({ connectionString } = await bed.cluster.resolve("primary"));
  await migrate({ connectionString });
  client = await connect(connectionString);
});

afterAll(async () => {
  await client?.end();
  await stop?.();
});

it("takes no samples from empty tables, and says of what there is none", async () => {
  await expect(takeSamples(client)).rejects.toThrow(SampleError);
  await expect(takeSamples(client)).rejects.toThrow(/^The database has no rows in sessions: seed it/);
});

it("takes the same samples twice, and every query runs with them; what is sampled as there has rows", async () => {
  await seed({ connectionString, pitches: 2_000, seed: 1 });
  const samples = await takeSamples(client);
  expect(await takeSamples(client)).toEqual(samples);
  for (const { name, kind, samples: of } of sampledQueries(samples)) {
    for (const { shape, label, query } of of) {
      await client.query(kind === "read" ? "BEGIN READ ONLY" : "BEGIN");
      const { rowCount } = await client.query(query.text, [...query.values]);
      await client.query("ROLLBACK");
      const isFound = kind === "read" && (label === "common" || label === "deep");
      // Nobody of the seeded accounts can be sent a letter, and its tokens have ended.
      if (isFound && !/^(password-resets|breakwater)\./.test(name)) {
        expect(rowCount, `${name} ${shape} ${label}`).toBeGreaterThan(0);
      }
    }
  }
});

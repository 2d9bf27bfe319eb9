import type { ClientBase } from "pg";
import type { SampledQuery } from "../sample.ts";
import { vacuumWritten } from "../vacuumWritten.ts";
import { requireClone } from "./clone.ts";
import { type ComparedSample, compareSets } from "./compareSets.ts";
import { keyOf, type Measured, measure } from "./measure.ts";

/**
 * What the samples whose plan reads an index read without it (`after`), while all others are there (`before`, as
 * measured already). The index is dropped in a transaction that is rolled back, so it is there again, as it was.
 *
 * @throws `ProofError` where the database is no clone: everybody else would wait for that transaction.
 */
export async function leaveOneOut(
  client: ClientBase,
  index: string,
  { queries, before }: { readonly queries: readonly SampledQuery[]; readonly before: readonly Measured[] },
): Promise<readonly ComparedSample[]> {
  await requireClone(client);
  const users = before.filter(({ plan }) => plan?.nodes.some((node) => node.index === index));
  const keys = new Set(users.map(keyOf));
  const using = queries.map((query) => {
    const samples = query.samples.filter(({ shape, label }) => keys.has(keyOf({ name: query.name, shape, label })));
    return { ...query, samples };
  });
  await client.query("BEGIN");
  try {
    await client.query(`DROP INDEX ${index}`);
    return compareSets(before, await measure(client, using, { isInTransaction: true, countedRuns: 1 }));
  } finally {
    await client.query("ROLLBACK");
    await vacuumWritten(
      client,
      users.flatMap(({ plan }) => plan ?? []),
    );
  }
}

import { ENTRIES } from "../../sql/indexes/catalogue.ts";
import { openClient } from "../../tools/migrate/openClient.ts";

/** Makes every index that ships under a name of its own, so that a deploy of them changes no plan. */
export async function makeTwins(connectionString: string): Promise<void> {
  const client = await openClient(connectionString);
  try {
    const shipped = ENTRIES.filter(({ verdict }) => verdict.kind === "ship");
    for (const [index, { definition, isUnique }] of shipped.entries()) {
      await client.query(`CREATE ${isUnique ? "UNIQUE " : ""}INDEX twin_${index} ON ${definition}`);
    }
    await client.query("VACUUM ANALYZE");
  } finally {
    await client.end();
  }
}

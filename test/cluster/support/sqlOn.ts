import { Client } from "pg";
import type { Cluster } from "../../../tools/cluster/cluster.ts";

/** One text on one node, as its superuser, past everything of ours; its rows. */
export async function sqlOn(cluster: Cluster, node: string, text: string): Promise<Record<string, unknown>[]> {
  const { connectionString } = await cluster.resolve(node);
  const client = new Client({ connectionString });
  client.on("error", () => {}); // a test ends its server
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

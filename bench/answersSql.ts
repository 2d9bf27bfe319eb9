import { Client, type ClientConfig } from "pg";

/** Whether whoever listens there answers a query. Never throws. */
export async function answersSql(config: ClientConfig): Promise<boolean> {
  const client = new Client(config);
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } catch {
    return false;
  } finally {
    client.end().catch(() => {});
  }
}

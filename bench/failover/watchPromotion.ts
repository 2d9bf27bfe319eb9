import { Client } from "pg";

/** A promotion as the node itself tells it, and not as whoever ordered it hears of it: `pg_promote` looks each 100 ms. */
export interface PromotionWatch {
  /** When it took writes, by `performance.now()`. */
  readonly ended: Promise<number>;
  /** When the newest epoch began there, by the same clock; undefined: none since the watch began. */
  epochAt(): Promise<number | undefined>;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 3;

/** Asks a standby over a connection of its own until it is none any more. */
export async function watchPromotion(port: number): Promise<PromotionWatch> {
  const client = new Client({ host: "127.0.0.1", port, user: "breakwater", database: "marketplace" });
  client.on("error", () => {});
  await client.connect();
  const newest = async () => {
    const { rows } = await client.query(
      "SELECT max(epoch)::int AS epoch, extract(epoch FROM clock_timestamp() - max(at)) * 1000 AS ago FROM breakwater.epochs",
    );
    return { epoch: rows[0].epoch as number, at: performance.now() - Number(rows[0].ago) };
  };
  const before = await newest();
  let isClosed = false;
  const look = async () => {
    while (!isClosed) {
      const { rows } = await client.query("SELECT pg_is_in_recovery() AS is_standby");
      if (rows[0].is_standby === false) return performance.now();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    throw new Error("the standby was not promoted");
  };
  const ended = look();
  ended.catch(() => {}); // whoever awaits it hears of it
  return {
    ended,
    epochAt: async () => {
      const { epoch, at } = await newest();
      return epoch > before.epoch ? at : undefined;
    },
    close: async () => {
      isClosed = true;
      await client.end();
    },
  };
}

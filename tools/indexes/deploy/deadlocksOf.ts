import type { Session } from "./session.ts";

/** Deadlocks that this database has counted. */
export async function deadlocksOf(session: Session): Promise<number> {
  const [row] = await session.ask<{ deadlocks: string }>(
    "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
  );
  return Number(row?.deadlocks ?? 0);
}

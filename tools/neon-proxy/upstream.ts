import pg from "pg";
import type { ConnectionTarget } from "./connectionString.ts";
import { POOL_SWEEP_MS } from "./constants.ts";
import { EndpointError } from "./endpointError.ts";
import { postgresFields } from "./postgresFields.ts";
import type { Address, UpstreamConnection } from "./upstreamConnection.ts";
import { UpstreamPool } from "./upstreamPool.ts";

/** A pool for each (node, address, user, database, password, startup), made when first asked for. */
export class Upstream {
  readonly #pools = new Map<string, { readonly label: string; readonly pool: UpstreamPool }>();
  readonly #sweeper: NodeJS.Timeout;

  constructor() {
    this.#sweeper = setInterval(() => {
      for (const { pool } of this.#pools.values()) pool.sweep();
    }, POOL_SWEEP_MS).unref();
  }

  /** @throws {EndpointError} when Postgres refuses or cannot be reached; the signal's reason when that comes first. */
  async acquire(
    address: Address,
    target: ConnectionTarget,
    signal: AbortSignal,
  ): Promise<{ connection: UpstreamConnection; release: () => void }> {
    const pool = this.#poolFor(address, target);
    try {
      const connection = await pool.acquire(signal);
      return { connection, release: () => pool.release(connection) };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw connectError(error, target.user);
    }
  }

  /** Connections to one node, over all its pools. */
  counts(label: string): { connections: number; idle: number; waiting: number } {
    const sum = { connections: 0, idle: 0, waiting: 0 };
    for (const entry of this.#pools.values()) {
      if (entry.label !== label) continue;
      const { connections, idle, waiting } = entry.pool.counts;
      sum.connections += connections;
      sum.idle += idle;
      sum.waiting += waiting;
    }
    return sum;
  }

  /** Drops everything, at once. */
  close(): void {
    clearInterval(this.#sweeper);
    for (const { pool } of [...this.#pools.values()]) pool.destroy(new Error("the endpoint is closing"));
  }

  #poolFor(address: Address, target: ConnectionTarget): UpstreamPool {
    const { label, user, database, password, startup } = target;
    const key = JSON.stringify([label, address.host, address.port, user, database, password, [...startup]]);
    const known = this.#pools.get(key);
    if (known) return known.pool;
    // Gone with its last connection, so wrong passwords do not pile up.
    const pool = new UpstreamPool(address, target, () => {
      if (this.#pools.get(key)?.pool === pool) this.#pools.delete(key);
    });
    this.#pools.set(key, { label, pool });
    return pool;
  }
}

/**
 * Neon's proxy checks the password itself and words an unknown user as a wrong password, without a code. Whatever else
 * Postgres says at the door (starting up, too many connections, no such database) is a 500 with Postgres' fields.
 */
function connectError(error: unknown, user: string): EndpointError {
  if (!(error instanceof pg.DatabaseError)) {
    return EndpointError.of(500, { message: "Couldn't connect to compute node" }, error);
  }
  const isUnknown =
    error.code === "28P01" || (error.code === "28000" && /^role .* does not exist$/.test(error.message));
  if (isUnknown) return EndpointError.of(400, { message: `password authentication failed for user '${user}'` }, error);
  return EndpointError.of(500, postgresFields(error), error);
}

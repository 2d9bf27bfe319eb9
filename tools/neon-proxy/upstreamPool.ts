import type { ConnectionTarget } from "./connectionString.ts";
import { POOL_IDLE_MS, POOL_SIZE } from "./constants.ts";
import { type Address, UpstreamConnection } from "./upstreamConnection.ts";

interface Waiter {
  readonly resolve: (connection: UpstreamConnection) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The connections of one (node, user, database, password). Unlike `pg-pool` it lets go of everything a caller who left
 * was waiting for: a place in the queue, a connection being opened. A frozen node can so never keep the pool busy.
 */
export class UpstreamPool {
  readonly #address: Address;
  readonly #target: ConnectionTarget;
  readonly #onEmpty: () => void;
  readonly #idle: { readonly connection: UpstreamConnection; readonly since: number }[] = [];
  readonly #opening = new Set<UpstreamConnection>();
  readonly #resetting = new Set<UpstreamConnection>();
  readonly #all = new Set<UpstreamConnection>();
  readonly #waiters: Waiter[] = [];

  /** `onEmpty` is called each time the last connection is gone and nobody waits. */
  constructor(address: Address, target: ConnectionTarget, onEmpty: () => void) {
    this.#address = address;
    this.#target = target;
    this.#onEmpty = onEmpty;
  }

  get counts(): { readonly connections: number; readonly idle: number; readonly waiting: number } {
    return { connections: this.#all.size, idle: this.#idle.length, waiting: this.#waiters.length };
  }

  /**
   * A session in its initial state, for the caller alone; give it back with `release`.
   * @throws the signal's reason when it is aborted first; what `UpstreamConnection.open` throws.
   */
  acquire(signal: AbortSignal): Promise<UpstreamConnection> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<UpstreamConnection>();
    const leave = () => {
      const place = this.#waiters.indexOf(waiter);
      if (place >= 0) this.#waiters.splice(place, 1);
      this.#dropSurplus();
      reject(signal.reason);
    };
    const waiter: Waiter = {
      resolve: (connection) => {
        signal.removeEventListener("abort", leave);
        resolve(connection);
      },
      reject: (error) => {
        signal.removeEventListener("abort", leave);
        reject(error);
      },
    };
    signal.addEventListener("abort", leave, { once: true });
    this.#waiters.push(waiter);
    this.#serve();
    return promise;
  }

  /** Takes a connection back. It is reset behind the caller's back, so nobody's answer waits for that. */
  release(connection: UpstreamConnection): void {
    if (!this.#all.has(connection)) return;
    this.#resetting.add(connection);
    void connection.reset().then((clean) => {
      this.#resetting.delete(connection);
      if (!clean) connection.destroy();
      else if (this.#all.has(connection)) this.#idle.push({ connection, since: Date.now() });
      this.#serve();
    });
  }

  /** Closes what was unused for too long. */
  sweep(): void {
    const oldest = Date.now() - POOL_IDLE_MS;
    for (const { connection, since } of [...this.#idle]) if (since <= oldest) connection.destroy();
  }

  /** Drops every connection, in use or not, and refuses who waits. */
  destroy(reason: Error): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
    for (const connection of this.#all) connection.destroy();
  }

  #serve(): void {
    while (this.#waiters.length > 0) {
      // The one used last: the others may then grow old and go.
      const free = this.#idle.pop();
      if (!free) break;
      this.#waiters.shift()?.resolve(free.connection);
    }
    // A reset takes a fraction of what a new connection costs, so whoever waits for one is not given another.
    while (this.#opening.size + this.#resetting.size < this.#waiters.length && this.#all.size < POOL_SIZE) {
      void this.#open();
    }
    if (this.#all.size === 0 && this.#waiters.length === 0) this.#onEmpty();
  }

  async #open(): Promise<void> {
    const connection = new UpstreamConnection(this.#address, this.#target);
    this.#all.add(connection);
    this.#opening.add(connection);
    connection.onEnd(() => this.#forget(connection));
    try {
      await connection.open();
      const isWanted = this.#opening.delete(connection);
      if (isWanted && connection.isAlive) this.#idle.push({ connection, since: Date.now() });
    } catch (error) {
      connection.destroy();
      // Dropped as surplus: nobody waits for this one any more.
      if (this.#opening.delete(connection)) this.#waiters.shift()?.reject(error);
      this.#all.delete(connection);
    }
    this.#serve();
  }

  #forget(connection: UpstreamConnection): void {
    this.#all.delete(connection);
    const place = this.#idle.findIndex((entry) => entry.connection === connection);
    if (place >= 0) this.#idle.splice(place, 1);
    this.#serve();
  }

  #dropSurplus(): void {
    const [first] = this.#opening;
    if (!first || this.#opening.size + this.#resetting.size <= this.#waiters.length) return;
    this.#opening.delete(first);
    this.#all.delete(first);
    first.destroy();
  }
}

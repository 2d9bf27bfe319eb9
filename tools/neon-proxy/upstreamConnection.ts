import { connect } from "node:net";
import pg from "pg";
import type { ConnectionTarget } from "./connectionString.ts";
import { CONNECT_TIMEOUT_MS, RESET_TIMEOUT_MS } from "./constants.ts";
import type { Statement } from "./payload.ts";
import { type GroupOutcome, StatementGroup } from "./statementGroup.ts";

/** Where a node listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One session with a node. After `destroy`, or once the other side is gone, it is of no more use. */
export class UpstreamConnection {
  readonly #client: pg.Client;
  readonly #address: Address;
  #backend = { processID: 0, secretKey: 0 };
  #alive = true;

  constructor(address: Address, target: ConnectionTarget) {
    this.#address = address;
    this.#client = new pg.Client({
      ...address,
      user: target.user,
      password: target.password,
      database: target.database,
      ssl: false,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      ...(target.startup.size > 0 ? { options: startupOptions(target.startup) } : {}),
    });
    // Without a listener the error of an idle connection would end the process; `end` follows it.
    this.#client.on("error", () => {});
    this.#client.connection.on("backendKeyData", (message: { processID: number; secretKey: number }) => {
      this.#backend = message;
    });
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  /** Calls `listener` once when the connection is gone, whoever ended it. */
  onEnd(listener: () => void): void {
    this.#client.connection.once("end", () => {
      this.#alive = false;
      listener();
    });
  }

  /** @throws what `pg` throws: a `DatabaseError` when Postgres refused, another error when it was not reached. */
  async open(): Promise<void> {
    await this.#client.connect();
  }

  /** Sends the statements in one round trip. Never throws. */
  run(statements: readonly Statement[], maxBytes: number): Promise<GroupOutcome> {
    return this.#client.query(new StatementGroup(statements, maxBytes)).outcome;
  }

  /**
   * Brings the session back to how it began; false when that cannot be done (a transaction is open, the node does not
   * answer) and the connection has to go. It is also what a late cancellation may hit in place of the next request.
   */
  async reset(): Promise<boolean> {
    if (!this.#alive) return false;
    const { promise: late, resolve } = Promise.withResolvers<false>();
    const timer = setTimeout(resolve, RESET_TIMEOUT_MS, false);
    const done = this.#client.query("DISCARD ALL").then(
      () => true,
      () => false,
    );
    const outcome = await Promise.race([done, late]);
    clearTimeout(timer);
    return outcome && this.#alive;
  }

  /**
   * Asks the node to cancel what runs here, by a connection of its own (protocol: CancelRequest). Resolves when the
   * node has taken note, or cannot be reached, or `signal` ends the wait. Never throws.
   */
  async cancel(signal: AbortSignal): Promise<void> {
    const request = Buffer.alloc(16);
    request.writeInt32BE(16, 0);
    request.writeInt32BE(80_877_102, 4);
    request.writeInt32BE(this.#backend.processID, 8);
    request.writeInt32BE(this.#backend.secretKey, 12);
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = connect({ ...this.#address, signal });
    socket.on("error", () => {}).on("close", () => resolve());
    // The postmaster answers nothing and closes once the signal is sent.
    socket.resume().write(request);
    await promise;
  }

  /** Drops the connection at once, without a word to the other side: it may be frozen. */
  destroy(): void {
    this.#alive = false;
    this.#client.connection.stream.destroy();
  }
}

/** Any setting may stand in a connection string; `pg` itself passes only a few of them on. */
function startupOptions(startup: ReadonlyMap<string, string>): string {
  const settings = [...startup].map(([name, value]) => {
    if (name === "options") return value;
    return `-c ${name}=${value.replaceAll(/[\\\s]/g, (char) => `\\${char}`)}`;
  });
  return settings.join(" ");
}

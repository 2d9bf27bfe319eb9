import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, QueryResultRow } from "pg";
import { connect } from "../../migrate/connect.ts";
import { MigrationError } from "../../migrate/migrationError.ts";
import {
  CLIENT_CHECK_MS,
  OBSERVER_LOCK_MS,
  OBSERVER_TIMEOUT_MS,
  RENEW_EVERY_MS,
  RENEW_WITHIN_MS,
  SCHEMA,
} from "./constants.ts";
import { failureOf } from "./failureOf.ts";
import { IndexError } from "./indexError.ts";
import { poolerTrouble } from "./poolerTrouble.ts";

/** `builder`: sends DDL that may take hours. `observer`: looks on, cancels, keeps the ledger. */
type Role = "builder" | "observer";

/**
 * What a role, a database or a pooler may have set otherwise, and what would cut a build off or hang the watchdog. A
 * build takes one core and no more: the others are the application's.
 */
const SETTINGS: Readonly<Record<Role, Readonly<Record<string, string>>>> = {
  builder: { statement_timeout: "0", lock_timeout: "0", max_parallel_maintenance_workers: "0" },
  observer: { statement_timeout: `${OBSERVER_TIMEOUT_MS}ms`, lock_timeout: `${OBSERVER_LOCK_MS}ms` },
};
const BOTH: Readonly<Record<string, string>> = {
  idle_session_timeout: "0",
  idle_in_transaction_session_timeout: "0",
  transaction_timeout: "0",
  client_connection_check_interval: `${CLIENT_CHECK_MS}ms`,
  search_path: SCHEMA,
};

/** A direct connection with the settings that it needs, read back. `renew` makes a new one in its place. */
export class Session {
  readonly #connectionString: string;
  readonly #role: Role;
  #client: Client | undefined;
  #pid = 0;

  constructor(connectionString: string, role: Role) {
    this.#connectionString = connectionString;
    this.#role = role;
  }

  /** The backend's, as the backend itself says it. */
  get pid(): number {
    return this.#pid;
  }

  get address(): string {
    return `${this.#client?.host}:${this.#client?.port}`;
  }

  async open(): Promise<this> {
    this.#client = await connected(this.#connectionString);
    this.#pid = await prepared(this.#client, this.#role);
    return this;
  }

  /** `name`: the server keeps the plan, for what is asked many times a second. */
  async rows<Row extends QueryResultRow>(text: string, values: readonly unknown[] = [], name?: string): Promise<Row[]> {
    if (!this.#client) throw new Error("the session is not open");
    // Without values by the simple protocol: CREATE INDEX CONCURRENTLY must be alone in its message.
    const query =
      values.length === 0 ? { text } : { text, values: [...values], ...(name === undefined ? {} : { name }) };
    return (await this.#client.query<Row>(query)).rows;
  }

  /** As `rows`, over a new connection where the old one is lost; for statements that may be repeated. */
  async ask<Row extends QueryResultRow>(text: string, values: readonly unknown[] = [], name?: string): Promise<Row[]> {
    try {
      return await this.rows<Row>(text, values, name);
    } catch (error) {
      if (failureOf(error) !== "lost") throw error;
      await this.renew();
      return this.rows<Row>(text, values, name);
    }
  }

  /** It was let in before, so whatever keeps it out may pass: a server that recovers, a network that comes back. */
  async renew(): Promise<void> {
    this.destroy();
    const end = performance.now() + RENEW_WITHIN_MS;
    for (;;) {
      try {
        await this.open();
        return;
      } catch (cause) {
        if (performance.now() > end) {
          throw new Error(`The connection was lost, and there is no new one: ${(cause as Error).message}`, { cause });
        }
      }
      await sleep(RENEW_EVERY_MS);
    }
  }

  async close(): Promise<void> {
    await this.#client?.end().catch(() => {});
  }

  /** Ends it without a word; what was asked over it fails. */
  destroy(): void {
    const { connection } = (this.#client ?? {}) as { connection?: { stream: { destroy(): void } } };
    connection?.stream.destroy();
  }
}

async function connected(connectionString: string): Promise<Client> {
  try {
    const url = new URL(connectionString);
    if (!url.searchParams.has("application_name")) {
      url.searchParams.set("application_name", `breakwater indexes (${hostname()} ${process.pid})`.slice(0, 63));
    }
    return await connect(url.href);
  } catch (cause) {
    if (cause instanceof TypeError) {
      throw new IndexError("refused", "The database URL is not postgres://user:password@host:port/database.", {
        cause,
      });
    }
    if (!(cause instanceof MigrationError)) throw cause;
    throw new IndexError("refused", `${cause.message} Indexes are built on a primary that takes writes.`, { cause });
  }
}

/** Sets and reads back, in statements of their own: a pooler may have given each another backend. */
async function prepared(client: Client, role: Role): Promise<number> {
  const wanted = { ...BOTH, ...SETTINGS[role] };
  const set = `SELECT pg_backend_pid() AS pid, set_config(name, value, false) FROM jsonb_each_text($1) AS w(name, value)
    JOIN pg_settings USING (name)`;
  const before = await client.query<{ pid: number }>(set, [JSON.stringify(wanted)]);
  const after = await client.query<{ pid: number; name: string; value: string }>(
    `SELECT pg_backend_pid() AS pid, name, current_setting(name) AS value FROM pg_settings WHERE name = ANY ($1)`,
    [Object.keys(wanted)],
  );
  const pids = [...before.rows, ...after.rows].map(({ pid }) => pid);
  const trouble =
    poolerTrouble(client.host, pids) ??
    settingTrouble(wanted, new Map(after.rows.map(({ name, value }) => [name, value])));
  if (trouble === undefined) return pids[0] ?? 0;
  await client.end().catch(() => {});
  throw new IndexError("refused", trouble);
}

function settingTrouble(wanted: Readonly<Record<string, string>>, found: ReadonlyMap<string, string>) {
  for (const [name, value] of Object.entries(wanted)) {
    const has = found.get(name);
    // Settings that this version does not know are not there to disturb.
    if (has === undefined || inMs(has) === inMs(value)) continue;
    return `${name} is ${has} and does not stay at ${value}: a build would be cut off. Use a direct connection.`;
  }
  return undefined;
}

/** `10s` and `10000ms` are one value. */
function inMs(value: string): string {
  const [, number, unit] = /^(\d+)(ms|s|min)$/.exec(value) ?? [];
  return number === undefined ? value : String(Number(number) * (unit === "ms" ? 1 : unit === "s" ? 1_000 : 60_000));
}

import postgres from "postgres";
import { type FailoverLane, withinTime } from "./lane.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The table that the peers' clients write to. */
export const WRITES = "CREATE TABLE IF NOT EXISTS bench_writes (id uuid PRIMARY KEY, at timestamptz DEFAULT now())";

/** Seconds a connection may take to be made: its default of thirty would make every attempt on a frozen host a failure. */
const CONNECT_TIMEOUT_S = 2;

/** Not `read-write`: it goes by a setting that a standby of today reports as `off`, and takes one for writable. */
type Attributes = "primary" | "prefer-standby";

/**
 * postgres.js with all the hosts: one client for writes, which looks for a primary, and one for reads, which prefers a
 * standby. With one host (a pooler) the attributes are the pooler's business.
 */
export function postgresLane(hosts: readonly Address[]): FailoverLane {
  const [writer, reader] = [clientOf(hosts, "primary"), clientOf(hosts, "prefer-standby")];
  return {
    read: () => withinTime(reader`SELECT id, title FROM pitches WHERE status = 'published' LIMIT 1`),
    write: () => withinTime(writer`INSERT INTO bench_writes (id) VALUES (gen_random_uuid())`),
    close: async () => {
      await Promise.all([writer.end({ timeout: 1 }), reader.end({ timeout: 1 })]);
    },
  };
}

function clientOf(hosts: readonly Address[], attributes: Attributes) {
  const places = hosts.map(({ host, port }) => `${host}:${port}`).join(",");
  return postgres(`postgres://breakwater:breakwater@${places}/marketplace`, {
    max: 10,
    connect_timeout: CONNECT_TIMEOUT_S,
    ...(hosts.length > 1 ? { target_session_attrs: attributes } : {}),
    onnotice: () => {},
  });
}

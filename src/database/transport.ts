import type { Query } from "./query.ts";

/** What one statement answered: rows as arrays, in the order of `columns`. */
export interface ResultSet {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** First word of the command tag, such as `SELECT`. */
  readonly command: string;
  /** Rows returned or changed; 0 where the command has no count. */
  readonly rowCount: number;
}

/**
 * One way to reach one node, for one request. Values come back the same from every transport: booleans, int2, int4
 * and floats as such, JSON parsed, arrays as arrays, timestamps as ISO 8601 in UTC, everything else as text.
 * Both methods throw `TransportFailure` and nothing else.
 */
export interface Transport {
  /** One statement, committed by itself. */
  query(statement: Query, signal: AbortSignal): Promise<ResultSet>;
  /** The statements in one READ COMMITTED transaction; resolves only once COMMIT was acknowledged. */
  batch(statements: readonly Query[], signal: AbortSignal): Promise<readonly ResultSet[]>;
  /** Gives back what the request held. Never throws. */
  close(): Promise<void>;
}

/**
 * How an attempt failed, before anybody judges it (`classify` does).
 * `connect`: nothing was sent. `connection`: it broke later, what was sent may have run. `http`: the endpoint answered
 * with `status` instead of a result. `sql`: Postgres answered with `sqlstate`. `aborted`: our signal ended it.
 */
export class TransportFailure extends Error {
  override readonly name = "TransportFailure";
  readonly kind: "connect" | "connection" | "http" | "sql" | "aborted";
  readonly sqlstate: string | undefined;
  readonly status: number | undefined;
  readonly constraint: string | undefined;
  readonly table: string | undefined;

  constructor(
    kind: TransportFailure["kind"],
    message: string,
    details: { sqlstate?: string; status?: number; constraint?: string; table?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.sqlstate = details.sqlstate;
    this.status = details.status;
    this.constraint = details.constraint;
    this.table = details.table;
  }
}

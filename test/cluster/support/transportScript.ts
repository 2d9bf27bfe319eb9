import type { Query } from "../../../src/database/query.ts";
import type { ResultSet, TransportFailure } from "../../../src/database/transport.ts";

export type TransportName = "neon" | "hyperdrive";

/** Steps that share one transport, as the statements of one request do. */
export interface Script {
  readonly transport: TransportName;
  /** `dead`: an address where nothing listens. */
  readonly node: string;
  readonly steps: readonly Step[];
}

export type Step = { readonly abortAfterMs?: number } & (
  | { readonly query: Query }
  | { readonly batch: readonly Query[] }
);

/** What a step came to: a result set (of a query) or several (of a batch), a `TransportFailure`, or something else. */
export interface Outcome {
  readonly value?: unknown;
  readonly failure?: {
    readonly kind: TransportFailure["kind"];
    readonly message: string;
    readonly sqlstate?: string;
    readonly status?: number;
    readonly constraint?: string;
    readonly table?: string;
  };
  readonly thrown?: string;
}

/** The rows of a step that was a query. @throws when it was none, or failed. */
export function rowsOf(outcome: Outcome | undefined): ResultSet["rows"] {
  const { rows } = (outcome?.value ?? {}) as Partial<ResultSet>;
  if (!rows) throw new Error(`the step did not answer rows but ${JSON.stringify(outcome)}`);
  return rows;
}

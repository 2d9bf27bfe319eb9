import type { Query } from "../../src/database/query.ts";

/** What is asked: one statement, or a batch that is one transaction. */
export type Call = { readonly query: Query } | { readonly batch: readonly Query[] };

/** What the bench's Worker is sent. `none` answers at once: the price of asking a Worker at all. */
export interface LaneRequest {
  readonly transport: "neon" | "hyperdrive" | "none";
  readonly call?: Call;
}

/** One way to the same primary. `ask` resolves when all rows have arrived and were parsed. */
export interface Lane {
  readonly name: string;
  readonly ask: (call: Call) => Promise<void>;
}

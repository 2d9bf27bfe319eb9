import pg from "pg";
import type { Statement } from "./payload.ts";

/** What one statement answered: values as Postgres' text, `tag` as it came (`INSERT 0 5`; empty for an empty query). */
export interface StatementResult {
  readonly fields: readonly pg.FieldDef[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly tag: string;
}

/**
 * How a group ended. `failed`: Postgres refused a statement, the session is usable. `lost`: the connection broke.
 * `too-large`, `copy`: we stopped reading; the connection is in the middle of an answer and must be dropped.
 */
export type GroupOutcome =
  | { readonly kind: "done"; readonly results: readonly StatementResult[] }
  | { readonly kind: "failed"; readonly error: pg.DatabaseError }
  | { readonly kind: "lost"; readonly cause: unknown }
  | { readonly kind: "too-large" }
  | { readonly kind: "copy" };

/**
 * Statements sent together by the extended protocol, with one Sync behind them: one round trip, and after the first
 * error Postgres skips the rest, exactly as if they had been sent one by one and we had stopped. (`pg`'s own pipeline
 * puts a Sync behind every statement: after an error the next would still run.) Parameter types are never sent.
 * A `Submittable` of `pg`, like `pg-cursor`: pass it to `client.query` and await `outcome`.
 */
export class StatementGroup implements pg.Submittable {
  readonly outcome: Promise<GroupOutcome>;
  readonly #statements: readonly Statement[];
  readonly #maxBytes: number;
  readonly #results: StatementResult[] = [];
  readonly #settle: (outcome: GroupOutcome) => void;
  #fields: readonly pg.FieldDef[] = [];
  #rows: (string | null)[][] = [];
  #bytes = 0;
  #stopped = false;

  /** `maxBytes` bounds the values of all results together. */
  constructor(statements: readonly Statement[], maxBytes: number) {
    const { promise, resolve } = Promise.withResolvers<GroupOutcome>();
    this.outcome = promise;
    this.#settle = resolve;
    this.#statements = statements;
    this.#maxBytes = maxBytes;
  }

  submit(connection: pg.Connection): void {
    connection.stream.cork();
    for (const { text, values } of this.#statements) {
      connection.parse({ name: "", text, types: [] }, true);
      connection.bind({ values: [...values] }, true);
      connection.describe({ type: "P", name: "" }, true);
      connection.execute({}, true);
    }
    connection.sync();
    connection.stream.uncork();
  }

  handleRowDescription(message: { readonly fields: readonly pg.FieldDef[] }): void {
    this.#fields = message.fields;
  }

  handleDataRow(message: { readonly length: number; readonly fields: (string | null)[] }): void {
    if (this.#stopped) return;
    // Length and count take six bytes, and each value four before it: what is left is never more than its JSON.
    this.#bytes += message.length - 6 - 4 * message.fields.length;
    if (this.#bytes > this.#maxBytes) {
      this.#stop({ kind: "too-large" });
      return;
    }
    this.#rows.push(message.fields);
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.#complete(message.text);
  }

  handleEmptyQuery(): void {
    this.#complete("");
  }

  handleCopyInResponse(): void {
    this.#stop({ kind: "copy" });
  }

  handleCopyData(): void {
    this.#stop({ kind: "copy" });
  }

  handlePortalSuspended(): void {
    // Cannot happen: rows are always asked for without a limit.
  }

  handleError(error: Error): void {
    this.#settle(error instanceof pg.DatabaseError ? { kind: "failed", error } : { kind: "lost", cause: error });
  }

  handleReadyForQuery(): void {
    this.#settle({ kind: "done", results: this.#results });
  }

  #complete(tag: string): void {
    this.#results.push({ fields: this.#fields, rows: this.#rows, tag });
    this.#fields = [];
    this.#rows = [];
  }

  #stop(outcome: GroupOutcome): void {
    this.#stopped = true;
    this.#rows = [];
    this.#settle(outcome);
  }
}

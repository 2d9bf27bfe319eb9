import type { Committed, Database, Query, ReadOptions, Violated, WriteOptions } from "../../../../src/breakwater.ts";

/** What was asked of the fake, in order. */
type Asked =
  | { readonly kind: "read"; readonly query: Query; readonly options: ReadOptions }
  | { readonly kind: "write"; readonly statements: readonly Query[]; readonly options: WriteOptions }
  | { readonly kind: "claim" | "mark"; readonly id: string; readonly tags: readonly string[] };

export interface FakeDatabase extends Database {
  readonly asked: readonly Asked[];
}

type Mark = Awaited<ReturnType<Database["mark"]>>;

/** What the fake answers. Each may throw; `rows` and `result` are keyed by query name, and answer nothing by default. */
export interface Script {
  readonly rows?: Readonly<Record<string, readonly unknown[]>>;
  readonly result?: unknown;
  readonly violates?: string;
  /** Rows changed by each statement of a write; one each by default. */
  readonly changed?: readonly number[];
  readonly marks?: readonly Mark[];
  readonly claim?: Awaited<ReturnType<Database["claim"]>>;
  readonly fails?: Error;
}

/** A database that remembers what it was asked, and can fail. */
export function fakeDatabase({
  rows = {},
  result = null,
  violates,
  changed,
  marks = [],
  claim,
  fails,
}: Script = {}): FakeDatabase {
  const asked: Asked[] = [];
  const route = { node: "node-1", reason: "any", ageMs: 0 } as const;
  const remember = (what: Asked) => {
    asked.push(what);
    if (fails) throw fails;
  };
  let marksAsked = 0;
  return {
    asked,
    routes: [],
    timings: [],
    read: async <Row>(query: Query<Row>, options: ReadOptions = {}) => {
      remember({ kind: "read", query, options });
      return { rows: (rows[query.name] ?? []) as readonly Row[], route };
    },
    write: async <Result>(statements: readonly Query[], options: WriteOptions<Result>) => {
      remember({ kind: "write", statements, options });
      if (violates !== undefined) return { kind: "violated", constraint: violates } satisfies Violated;
      return {
        kind: "committed",
        mark: "m",
        changed: changed ?? statements.map(() => 1),
        result: result as Result,
        repeated: false,
        route,
      } satisfies Committed<Result>;
    },
    claim: async (id, tags) => {
      remember({ kind: "claim", id, tags });
      return claim ?? "pending";
    },
    mark: async (id) => {
      remember({ kind: "mark", id, tags: [] });
      return marks[marksAsked++] ?? null;
    },
  };
}

import type { FillFacts } from "../cache/fillFacts.ts";
import type { Query } from "./query.ts";

/**
 * How fresh a read must be. `strict`: the primary. `newest`: the primary, or while that cannot be asked what `session`
 * would give. `session`: at least what this session wrote. `{boundedMs}`: at most that old, proven. `any`: whatever a node
 * in rotation holds.
 */
export type Freshness = "strict" | "newest" | "session" | "any" | { readonly boundedMs: number };

/** Why a request went where it went; the vocabulary of the `Breakwater-Route` header. */
export type RouteReason =
  | "session"
  | "any"
  | "bounded"
  | "strict"
  | "write"
  | "hedge"
  | "retry"
  | "spill"
  | "moved"
  | "off";

/** Where an answer came from. `ageMs`: how old what is known of that node is, not how old the data is. */
export interface Route {
  readonly node: string;
  readonly reason: RouteReason;
  readonly ageMs: number;
  /** In mode `observe`: the node that would have been asked. */
  readonly would?: string;
}

export interface ReadOptions {
  /** Default `any`; `session` for whoever brought a session. */
  readonly freshness?: Freshness;
  /** What it finds is shown to nobody, such as who it is that asks: the session's next read need not be as new. */
  readonly unseen?: boolean;
  /** The answer will be shared: it is to say whether it holds these marks, at most 288, and which process answered. */
  readonly bumps?: readonly string[];
}

export interface ReadResult<Row> {
  readonly rows: readonly Row[];
  readonly route: Route;
  /** Where `bumps` were asked for; undefined: the node could not say. */
  readonly fill?: FillFacts | undefined;
}

/** What a client's `Idempotency-Key` header means here. */
export interface Idempotency {
  /** The client's key, as sent. */
  readonly key: string;
  /** Whose key it is (an account's id): the same key of another account is another key. */
  readonly scope: string;
  /** A digest of everything that the request asks for; the same key with another fingerprint is refused. */
  readonly fingerprint: string;
}

export interface WriteOptions<Result = unknown> {
  /**
   * What the batch touches: `pitches`, `pitch:<id>`, `genre:drama`. At most 32. None: nothing that anybody is shown, and no
   * session is promised to see it.
   */
  readonly tags: readonly string[];
  readonly idempotency?: Idempotency;
  /**
   * A SELECT that runs last, in the same transaction. Its first row, as JSON (timestamps as JSON text), is the result:
   * recorded with the idempotency key, and given again to every repeat.
   */
  readonly result?: Query<Result>;
}

/** The batch is durable on the primary. */
export interface Committed<Result> {
  readonly kind: "committed";
  /** The id of the mark that was committed with it. */
  readonly mark: string;
  /** Rows changed by each statement given, in order; empty for a repeat. */
  readonly changed: readonly number[];
  readonly result: Result | null;
  /** True when an earlier attempt with the same idempotency key had done it. */
  readonly repeated: boolean;
  readonly route: Route;
}

/** Nothing was written: a constraint of the application's own said no. */
export interface Violated {
  readonly kind: "violated";
  readonly constraint: string;
}

/** The fate of a write whose answer was lost. `pending`: still running, or nobody could be asked. */
export type Outcome = "committed" | "void" | "expired" | "pending";

/**
 * The guarded handle of one request: its deadline, its retries, its route. Throws `DatabaseError` (told apart by
 * `code`) for everything but the outcomes above.
 */
export interface Database {
  /** One SELECT, retried on other nodes where that is safe. */
  read<Row>(query: Query<Row>, options?: ReadOptions): Promise<ReadResult<Row>>;
  /** The statements in one transaction on the primary, sealed with a mark. Never sent twice unless surely refused. */
  write<Result>(statements: readonly Query[], options: WriteOptions<Result>): Promise<Committed<Result> | Violated>;
  /** Settles a write whose answer was lost, by claiming its mark. The tags are those of the write. */
  claim(mark: string, tags: readonly string[]): Promise<Outcome>;
  /** A mark as the primary has it, or null. */
  mark(id: string): Promise<{ readonly tags: readonly string[]; readonly outcome: Outcome } | null>;
  /** Routes of this request's statements so far, oldest first. */
  readonly routes: readonly Route[];
  /** What this request waited for the database so far, by query name, in milliseconds. */
  readonly timings: readonly { readonly name: string; readonly node: string; readonly ms: number }[];
}

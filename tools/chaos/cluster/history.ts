/**
 * What `chaos cluster` writes down while it runs, and what its checker reads afterwards. Imports nothing.
 *
 * Everything written is a register: a key with whole numbers that only its one writer counts up, who begins no new number
 * before the fate of the last one is known. What is created once is a register with the one value 1; 0 is "not there".
 */

/** What an answer said of promises that could not be kept (`Breakwater-Consistency`). */
export interface Told {
  readonly lost: boolean;
  readonly rewound: boolean;
  readonly unproven: boolean;
}

/**
 * How a request ended. `refused`: a 503 that says that nothing was done; `unknown`: a write whose answer was lost;
 * `failed`: anything else that is no answer.
 */
export type Ending = "answered" | "refused" | "unknown" | "failed";

/** What a read was promised. `any`: nothing. */
export type Promised = "session" | "strict" | "any";

interface Request {
  readonly id: number;
  readonly client: string;
  readonly isolate: string;
  readonly startMs: number;
  readonly endMs: number;
  /** The request whose answer gave the session token that this one brought; null: it brought none. */
  readonly parent: number | null;
  /** Its answer gave a token that may be brought on. */
  readonly gaveToken: boolean;
  readonly ending: Ending;
  readonly status: number;
  readonly told: Told;
  /** Of the answer, by its token: where it was read, or written; null: it gave none. */
  readonly epoch: number | null;
  readonly route: string;
  /** What a request that did not succeed was told. */
  readonly trouble?: string;
}

export interface ReadOperation extends Request {
  readonly kind: "read";
  readonly promised: Promised;
  readonly key: string;
  /** Means nothing where it was not answered. */
  readonly value: number;
  /** It was answered with what everybody is given: from a copy, or loaded for one. */
  readonly isShared?: boolean;
}

export interface WriteOperation extends Request {
  readonly kind: "write";
  readonly key: string;
  readonly value: number;
  readonly hasIdempotencyKey: boolean;
}

/** Somebody asked what became of the write of that value. */
export interface OutcomeOperation extends Request {
  readonly kind: "outcome";
  readonly key: string;
  readonly value: number;
  readonly state: "committed" | "void" | "pending";
}

export type Operation = ReadOperation | WriteOperation | OutcomeOperation;

/** One committed write, as the database's own log of them has it. */
export interface Logged {
  readonly key: string;
  readonly value: number;
}

/** What was on the line of an epoch once it had begun. */
export interface Line {
  readonly epoch: number;
  readonly log: readonly Logged[];
}

/** From when the primary may have been another until the new epoch had begun. */
export interface Turn {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface History {
  readonly operations: readonly Operation[];
  readonly turns: readonly Turn[];
  /** Of each epoch that began while it ran, oldest first. */
  readonly lines: readonly Line[];
  /** At the end, in the order of commits; null: nobody could be asked. */
  readonly finalLog: readonly Logged[] | null;
}

/** One promise that was not kept, with the requests that show it. */
export interface Violation {
  readonly kind:
    | "read-your-writes"
    | "monotonic"
    | "strict"
    | "lost-silently"
    | "lost-falsely"
    | "duplicate-write"
    | "refused-but-written"
    | "wrong-outcome";
  readonly sentence: string;
  readonly operations: readonly number[];
}

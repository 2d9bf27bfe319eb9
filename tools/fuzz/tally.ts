import type { Operation } from "./apiOperations.ts";
import type { Complaint, Verdict } from "./judge.ts";
import type { Finding } from "./lane.ts";

/** What a run came to. */
export interface FuzzResult {
  /** Inputs that were sent. */
  readonly inputs: number;
  readonly seed: number;
  readonly serverErrors: number;
  readonly offDocument: number;
  readonly leaks: number;
  /** Answers 503 `busy`, which are by design. */
  readonly busy: number;
  /** Answers 503 while the machine was too slow for the Worker to find the database well. */
  readonly starved: number;
  /** `0`: no answer. */
  readonly byStatus: Readonly<Record<string, number>>;
  readonly operations: number;
  /** Operations that no input had a success from. */
  readonly neverSucceeded: readonly string[];
  /** One of each sort, made simple. */
  readonly findings: readonly Finding[];
}

/** Counts answers, and tells new findings from those that were there before. */
export class Tally {
  inputs = 0;
  /** Inputs with something wrong. */
  wrong = 0;
  readonly #counts = { serverErrors: 0, offDocument: 0, leaks: 0, busy: 0, starved: 0 };
  readonly #byStatus: Record<string, number> = {};
  readonly #operations: readonly Operation[];
  readonly #succeeded = new Set<string>();
  readonly #known = new Set<string>();
  readonly #findings: Finding[] = [];

  constructor(operations: readonly Operation[]) {
    this.#operations = operations;
  }

  readonly onAnswer = ({ id }: Operation, status: number, { complaints, excuse }: Verdict): void => {
    this.inputs++;
    if (complaints.length > 0) this.wrong++;
    if (excuse) this.#counts[excuse]++;
    for (const kind of new Set(complaints.map((each) => each.kind))) this.#counts[kind]++;
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
    if (status >= 200 && status < 300) this.#succeeded.add(id);
  };

  /** True once for each sort: an operation, a kind, and a sentence without what is different each time. */
  readonly isNew = (operationId: string, { kind, sentence }: Complaint): boolean => {
    const sort = `${operationId} ${kind} ${sentence.replace(/".*?"|\d+/g, "")}`;
    if (this.#known.has(sort)) return false;
    this.#known.add(sort);
    return true;
  };

  readonly onFinding = (finding: Finding): void => {
    this.#findings.push(finding);
  };

  result(seed: number): FuzzResult {
    return {
      inputs: this.inputs,
      seed,
      ...this.#counts,
      byStatus: this.#byStatus,
      operations: this.#operations.length,
      neverSucceeded: this.#operations.map(({ id }) => id).filter((id) => !this.#succeeded.has(id)),
      findings: this.#findings,
    };
  }
}

/** What one node was asked since the start, or since the last reset. */
export interface NodeStatistics {
  readonly requests: number;
  /** Statements by query name; `unnamed` for those without one. */
  readonly statements: Readonly<Record<string, number>>;
  /** Answers other than 200, and answers withheld by a fault. */
  readonly errors: number;
  /** Clients that left before their answer. */
  readonly abandoned: number;
  readonly inFlight: number;
  /** The most requests that were under way at a time, by the query names they carried. */
  readonly peaks: Readonly<Record<string, number>>;
}

/** Names beyond this many share one entry, so that a client cannot fill the memory. */
const MAX_NAMES = 1_000;

interface Counters {
  requests: number;
  statements: Map<string, number>;
  errors: number;
  abandoned: number;
  peaks: Map<string, number>;
}

/** Counts by node and query name. */
export class Statistics {
  readonly #nodes = new Map<string, Counters>();
  // Apart from the rest: a reset must not forget what is still running.
  readonly #inFlight = new Map<string, number>();
  readonly #running = new Map<string, Map<string, number>>();

  begin(node: string): void {
    this.#countersOf(node).requests += 1;
    this.#inFlight.set(node, (this.#inFlight.get(node) ?? 0) + 1);
  }

  /** Counts the statements of a request, each under its name in `names`. */
  statements(node: string, count: number, names: readonly string[]): void {
    const { statements } = this.#countersOf(node);
    for (let index = 0; index < count; index += 1) {
      const wanted = names[index] || "unnamed";
      const name = statements.has(wanted) || statements.size < MAX_NAMES ? wanted : "others";
      statements.set(name, (statements.get(name) ?? 0) + 1);
    }
  }

  /** A request that carries these names is under way until what is returned is called. */
  run(node: string, names: readonly string[]): () => void {
    const running = this.#running.get(node) ?? new Map<string, number>();
    this.#running.set(node, running);
    const { peaks } = this.#countersOf(node);
    const named = [...new Set(names.map((name) => name || "unnamed"))].filter(
      (name) => running.has(name) || running.size < MAX_NAMES,
    );
    for (const name of named) {
      const count = (running.get(name) ?? 0) + 1;
      running.set(name, count);
      peaks.set(name, Math.max(peaks.get(name) ?? 0, count));
    }
    return () => {
      for (const name of named) running.set(name, (running.get(name) ?? 1) - 1);
    };
  }

  end(node: string, outcome: "answered" | "error" | "abandoned"): void {
    const counters = this.#countersOf(node);
    if (outcome === "error") counters.errors += 1;
    if (outcome === "abandoned") counters.abandoned += 1;
    this.#inFlight.set(node, Math.max(0, (this.#inFlight.get(node) ?? 0) - 1));
  }

  reset(): void {
    this.#nodes.clear();
  }

  list(): Record<string, NodeStatistics> {
    const nodes = new Set([...this.#nodes.keys(), ...this.#inFlight.keys()]);
    return Object.fromEntries([...nodes].map((node) => [node, this.#show(node)]));
  }

  #show(node: string): NodeStatistics {
    const { requests, statements, errors, abandoned, peaks } = this.#countersOf(node);
    const inFlight = this.#inFlight.get(node) ?? 0;
    const byName = { statements: Object.fromEntries(statements), peaks: Object.fromEntries(peaks) };
    return { requests, ...byName, errors, abandoned, inFlight };
  }

  #countersOf(node: string): Counters {
    const known = this.#nodes.get(node);
    if (known) return known;
    const fresh: Counters = { requests: 0, statements: new Map(), errors: 0, abandoned: 0, peaks: new Map() };
    this.#nodes.set(node, fresh);
    return fresh;
  }
}

import type { Query } from "../../src/breakwater.ts";

/**
 * Whose numbers a sample has. `common`: what most rows have, the heaviest owner. `rare`: what few have, the lightest.
 * `mid`: in between, where the two plans meet. `deep`: a common one, far behind its first page. `none`: no row at all.
 */
export type SampleLabel = "common" | "rare" | "mid" | "deep" | "none";

/** One query of the application with real values. */
export interface Sample {
  /** Which of its texts or plans, where a name has several: `newest+genre`, `rare-words`. Undefined: it has one. */
  readonly shape?: string;
  readonly label: SampleLabel;
  readonly query: Query;
}

/** A named query with its samples. Reads run on a replica; writes (and what locks) in a transaction that is rolled back. */
export interface SampledQuery {
  readonly name: string;
  readonly kind: "read" | "write";
  readonly samples: readonly Sample[];
}

/** Samples of one kind, of which `shape` is the text if its name has several. */
export function samplesOf(queries: Partial<Record<SampleLabel, Query>>, shape?: string): readonly Sample[] {
  return Object.entries(queries).map(([label, query]) => ({
    ...(shape === undefined ? {} : { shape }),
    label: label as SampleLabel,
    query,
  }));
}

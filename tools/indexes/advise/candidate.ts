import type { WorkloadQuery } from "./workload.ts";

/** An index that might be worth it, and the queries it is for. */
export interface Candidate {
  readonly name: string;
  readonly schema: string;
  /** The table's own name, as plans tell it. */
  readonly relation: string;
  /** As SQL writes it. */
  readonly table: string;
  /** What follows `ON`. */
  readonly definition: string;
  readonly isUnique: boolean;
  /** Of the catalogue, an optional one with where it is worth it; or made up from a plan. */
  readonly origin:
    | { readonly kind: "catalogue"; readonly phase: number; readonly when: string | undefined }
    | { readonly kind: "proposed" };
  readonly queries: readonly WorkloadQuery[];
}

/** What can be wrong with the indexes of a database. */
export const FINDING_KINDS = ["invalid", "redundant", "missing", "unused", "bloated", "lint"] as const;

type FindingKind = (typeof FINDING_KINDS)[number];

/**
 * How far it may be relied on. `certain`: read from the catalogue. `measured`: on this database's own counters or pages.
 * `proven`: built on a clone and run. `estimated`: computed from statistics. `unproven`: a guess that nobody has tried.
 */
type Certainty = "certain" | "measured" | "proven" | "estimated" | "unproven";

export interface Finding {
  readonly kind: FindingKind;
  /** The index, or the table that lacks one. */
  readonly object: string;
  readonly sentence: string;
  readonly certainty: Certainty;
  readonly numbers: Readonly<Record<string, number | string | boolean | null>>;
  /** What would act on it. Nothing here has been run. */
  readonly command: string;
}

/** All that was found, and what could not be looked at. */
export interface Advice {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

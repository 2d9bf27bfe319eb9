/** `timeout`: the tests did not come to an end, which is no proof that one of them would have failed. */
export type MutantStatus = "killed" | "timeout" | "survived" | "invalid";

/** One change of the source, and what the tests made of it. */
export interface Mutant {
  /** From the repository's root. */
  readonly file: string;
  /** Where it begins, from 1. */
  readonly line: number;
  /** That line of the source. */
  readonly lineText: string;
  /** Stryker's name for this kind of change. */
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
  readonly status: MutantStatus;
}

/** In one line, however it was broken into lines. */
export function inOneLine(source: string): string {
  return source.replace(/\s+/g, " ").trim();
}

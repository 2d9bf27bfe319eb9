import type { Exception } from "./exceptions.ts";
import type { Mutant } from "./mutant.ts";

export interface Judgement {
  readonly killed: number;
  /** Those that are explained: equivalents, and loops that time alone ends. */
  readonly explained: number;
  /** What the tests should have told, and did not; and what no test ended, where nobody expected that. */
  readonly unexplained: readonly Mutant[];
  /** What is explained, and is not there any more, or is told by a test after all. */
  readonly obsolete: readonly Exception[];
}

/** Holds what became of the mutants against what is expected of them. `exceptions`: those of the mutated files. */
export function judge(mutants: readonly Mutant[], exceptions: readonly Exception[]): Judgement {
  const used = new Set<Exception>();
  const unexplained: Mutant[] = [];
  let killed = 0;
  for (const mutant of mutants) {
    const reason = exceptions.find((exception) => isOf(exception, mutant));
    if (reason) used.add(reason);
    if (mutant.status === "killed") killed++;
    else if (!reason) unexplained.push(mutant);
  }
  return {
    killed,
    explained: mutants.length - killed - unexplained.length,
    unexplained,
    obsolete: exceptions.filter((exception) => !used.has(exception)),
  };
}

/**
 * By what it says, wherever that stands in the file by now. A loop may be told all the same: which file of tests comes
 * first is a matter of milliseconds.
 */
function isOf({ file, on, original, replacement, ends }: Exception, mutant: Mutant): boolean {
  return (
    file === mutant.file &&
    (on === undefined || on === mutant.lineText) &&
    original === mutant.original &&
    replacement === mutant.replacement &&
    (ends === "never" ? mutant.status !== "survived" : mutant.status === "survived")
  );
}

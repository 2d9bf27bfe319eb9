import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import type { ProofReport } from "./proveIndexes.ts";

/** What keeps a catalogue from being proved, a sentence each; none: it is. */
export function findingsOf(report: ProofReport, entries: readonly IndexEntry[]): readonly string[] {
  const findings: string[] = [];
  for (const { entry, sample, failures } of report.proofs) {
    if (failures.length > 0) findings.push(`${entry} is not proved by "${sample}": ${failures.join("; ")}.`);
  }
  for (const { key, before, after, change } of report.samples) {
    if (change === "worse") findings.push(`"${key}" reads ${after} buffers with our indexes, ${before} without.`);
    if (change === "lost") findings.push(`"${key}" fails with our indexes.`);
  }
  for (const { entry, uses } of report.uses) {
    const guards = entries.some(({ name, isUnique }) => name === entry && isUnique);
    if (uses.length === 0 && !guards) findings.push(`${entry} is of no use: no sample reads more without it.`);
  }
  return findings;
}

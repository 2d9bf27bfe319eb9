import { SAME_ROWS_WITHIN } from "./constants.ts";
import type { MeasuredTable, Measurement } from "./measurement.ts";

/** What two baselines may differ in and still be compared, if whoever compares them says so. */
export const DIFFERENCES = ["commit", "data", "machine", "postgres"] as const;

export type Difference = (typeof DIFFERENCES)[number];

export interface Obstacle {
  readonly kind: Difference;
  readonly sentence: string;
}

/** Why a change between these two may have other causes than their indexes. */
export function obstacles(before: Measurement, after: Measurement): readonly Obstacle[] {
  const found: Obstacle[] = [];
  if (before.commit !== after.commit) {
    const sentence = `they are of different commits (${before.commit ?? "none"}, ${after.commit ?? "none"})`;
    found.push({ kind: "commit", sentence });
  }
  const grown = after.tables.flatMap((table) => otherSize(table, before.tables) ?? []);
  if (grown.length > 0) found.push({ kind: "data", sentence: `their data differs: ${grown.join(", ")}` });
  const { cpu, cores, memoryBytes } = before.machine;
  const now = after.machine;
  if (cpu !== now.cpu || cores !== now.cores || memoryBytes !== now.memoryBytes) {
    found.push({ kind: "machine", sentence: "they were taken from different machines" });
  }
  const changed = Object.keys(before.postgres.settings).filter(
    (name) => before.postgres.settings[name] !== after.postgres.settings[name],
  );
  if (before.postgres.version !== after.postgres.version) changed.unshift("version");
  if (changed.length > 0) found.push({ kind: "postgres", sentence: `their servers differ in ${changed.join(", ")}` });
  return found;
}

function otherSize(after: MeasuredTable, tables: readonly MeasuredTable[]): string | undefined {
  const before = tables.find(({ name }) => name === after.name);
  // Without statistics there is no row count to compare; such a table's queries are claimed nothing of.
  if (before?.analysed !== "yes" || after.analysed !== "yes") return undefined;
  const larger = Math.max(before.rows, after.rows);
  if (Math.abs(before.rows - after.rows) <= larger * SAME_ROWS_WITHIN) return undefined;
  return `${after.name} had ${before.rows} rows and has ${after.rows}`;
}

import type { WorkloadQuery } from "./workload.ts";

const LETTERS = 60;

/** A query's name, or the beginning of its text. */
export function queryLabel({ name, text = "" }: Pick<WorkloadQuery, "name" | "text">): string {
  return name ?? `"${text.replaceAll(/\s+/g, " ").slice(0, LETTERS)}"`;
}

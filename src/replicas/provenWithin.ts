import type { ReplicasPart } from "../rpc/parts.ts";

/**
 * Replicas in rotation that are proven to be behind by no more than `boundMs`. `ageMs`: how long ago the part was said;
 * whatever a replica had then it has still, so that by now it is behind by that much more, at most.
 */
export function provenWithin({ nodes }: Pick<ReplicasPart, "nodes">, ageMs: number, boundMs: number): string[] {
  return nodes.flatMap(({ node, role, lagBoundMs, isOut = false }) => {
    const isProven = role === "replica" && !isOut && lagBoundMs !== null && lagBoundMs + ageMs <= boundMs;
    return isProven ? [node] : [];
  });
}

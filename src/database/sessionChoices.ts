import type { Token } from "../replicas/session/token.ts";
import type { Choice } from "./candidates.ts";

/**
 * Whom a session's read asks in this turn, in order: the node it read from last, as long as that is a replica; the
 * others in the order of any read; those that lacked a session's write a moment ago last. In the first turn the replicas
 * alone, where one of them may have it: most are milliseconds behind, and the primary has the writes to do. `ordered`: as
 * `readCandidates` gives them.
 */
export function sessionChoices(
  ordered: readonly Choice[],
  { marks, seen }: Token,
  lags: (node: string) => boolean,
  turn: number,
): Choice[] {
  const ownAt = ordered.findIndex(({ node, reason }) => node === seen?.node && reason === "any");
  const own = ordered[ownAt];
  const others = ordered.filter((choice) => choice !== own);
  const all = own ? [own, ...others] : others;
  const isLate = ({ node, reason }: Choice) => marks.length > 0 && reason === "any" && lags(node);
  const inTime = all.filter((choice) => !isLate(choice));
  const ofReplicas = inTime.filter(({ reason }) => reason === "any");
  const sorted = turn === 0 && ofReplicas.length > 0 ? ofReplicas : [...inTime, ...all.filter(isLate)];
  const isFirstVisit = seen === null;
  return sorted.map(({ node, reason }) => {
    if (reason !== "any") return { node, reason };
    return { node, reason: isFirstVisit || node === seen.node ? "session" : "moved" };
  });
}

import { MUCH_DEARER_MS, MUCH_DEARER_TIMES } from "../replicas/constants.ts";
import type { Token } from "../replicas/session/token.ts";
import type { Choice } from "./candidates.ts";

/** What is known of nodes, beside the order of any read. */
interface Known {
  /** Whether it lacked a session's write a moment ago. */
  readonly lags: (node: string) => boolean;
  /** How dear one more read there is. */
  readonly score: (node: string) => number;
}

/**
 * Whom a session's read asks in this turn, in order: the node it read from last, as long as that is a replica, nothing
 * speaks against it, and it is not much dearer than another; the others in the order of any read; those that lacked a session's write a moment ago last.
 * In the first turn the replicas alone, where one of them may have it: most are milliseconds behind, and the primary has
 * the writes to do. `ordered`: as `readCandidates` gives them.
 */
export function sessionChoices(
  ordered: readonly Choice[],
  { marks, seen }: Token,
  { lags, score }: Known,
  turn: number,
): Choice[] {
  const ownAt = ordered.findIndex(({ node, reason, isLast }) => node === seen?.node && reason === "any" && !isLast);
  const own = ordered[ownAt];
  const others = ordered.filter((choice) => choice !== own);
  const isLate = ({ node, reason }: Choice) => marks.length > 0 && reason === "any" && lags(node);
  const [first] = others;
  const isDearer =
    own &&
    first?.reason === "any" &&
    !first.isLast &&
    !isLate(first) &&
    isMuchDearer(score(own.node), score(first.node));
  const all = own ? (isDearer ? [first, own, ...others.slice(1)] : [own, ...others]) : others;
  const inTime = all.filter((choice) => !isLate(choice));
  const ofReplicas = inTime.filter(({ reason, isLast }) => reason === "any" && !isLast);
  const sorted = turn === 0 && ofReplicas.length > 0 ? ofReplicas : lastAtTheEnd([...inTime, ...all.filter(isLate)]);
  const isFirstVisit = seen === null;
  return sorted.map((choice) => {
    if (choice.reason !== "any") return choice;
    return { ...choice, reason: isFirstVisit || choice.node === seen.node ? "session" : "moved" };
  });
}

function lastAtTheEnd(choices: readonly Choice[]): Choice[] {
  return [...choices.filter(({ isLast }) => !isLast), ...choices.filter(({ isLast }) => isLast)];
}

function isMuchDearer(score: number, others: number): boolean {
  return score > MUCH_DEARER_TIMES * others && score - others >= MUCH_DEARER_MS;
}

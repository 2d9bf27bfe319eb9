import { MIN_COLOS, MIN_REPORTERS, OPEN_AFTER_RUN } from "./constants.ts";
import type { ReporterWord } from "./nodeRow.ts";
import type { Counts } from "./outcomeWindow.ts";
import { hasTripped } from "./reporterWords.ts";
import { hasFailedRamp, type TripReason, tripReason } from "./tripRule.ts";

/** How many reporters, of how many colos: that asked a node, or that must have trouble before it counts as the node's. */
export interface Quorum {
  readonly reporters: number;
  readonly colos: number;
}

/**
 * So many as asked, and no more than are ever needed. A reporter that does not say where it is adds no colo, neither to
 * those that asked nor to those that fail: it may stand in any of them.
 */
export function countedOf(words: readonly ReporterWord[]): Quorum {
  const known = new Set(words.map(({ colo }) => colo).filter((colo) => colo !== ""));
  const colos = Math.max(known.size, Math.min(1, words.length));
  return { reporters: Math.min(MIN_REPORTERS, words.length), colos: Math.min(MIN_COLOS, colos) };
}

/** What a decision on a node is taken from. */
export interface Evidence {
  /** The words of those that have trouble with it now. */
  readonly failing: readonly ReporterWord[];
  readonly quorum: Quorum;
  readonly counts: Counts;
  /** When it last answered anybody, and how often it failed since. */
  readonly answeredAt: number | null;
  readonly badSince: number;
}

/**
 * Why a node should be open: because a quorum says so, each by its own rule, and it has answered nobody since; or because
 * its evidence, taken together, does. Who is in trouble with a node that goes on answering others is protected by his own
 * breaker: of a crowd three are so by chance.
 */
export function reasonOf({ failing, quorum, counts, answeredAt, badSince }: Evidence): TripReason | undefined {
  if (!isReached(quorum, failing)) return undefined;
  const troubled = failing.filter((word) => hasTripped(word) && word.failedAt >= (answeredAt ?? 0));
  if (isReached(quorum, troubled)) return commonReason(troubled, quorum);
  const failedRun = runOf(failing, "failedSince", quorum);
  const slowRun = runOf(failing, "slowSince", quorum);
  return tripReason({ ...counts, failedRun, slowRun, since: badSince });
}

/** Whether a node that ramps up has failed: as many as ever are needed say so, and of all that it was sent most was bad. */
export function hasFailedRampOf({ failing, quorum, counts }: Evidence): boolean {
  return isReached(quorum, failing) && hasFailedRamp(counts);
}

function isReached(quorum: Quorum, words: readonly ReporterWord[]): boolean {
  const { reporters, colos } = countedOf(words);
  return reporters >= quorum.reporters && colos >= quorum.colos;
}

/** Why enough of them are in trouble: what most of the quorum says of it, if it says the same. */
function commonReason(troubled: readonly ReporterWord[], { reporters }: Quorum): TripReason {
  if (troubled.filter(({ failedRun }) => failedRun >= OPEN_AFTER_RUN).length >= reporters) return "failures-in-a-row";
  if (troubled.filter(({ slowRun }) => slowRun >= OPEN_AFTER_RUN).length >= reporters) return "slow-in-a-row";
  return "reporters-tripped";
}

/** The world's run: of each reporter, and of each colo, no more than its share, so that none makes it alone. */
function runOf(failing: readonly ReporterWord[], run: "failedSince" | "slowSince", quorum: Quorum): number {
  const mostOfOne = Math.ceil(OPEN_AFTER_RUN / quorum.reporters);
  const mostOfColo = Math.ceil(OPEN_AFTER_RUN / quorum.colos);
  const byColo = new Map<string, number>();
  for (const word of failing) {
    const sum = (byColo.get(word.colo) ?? 0) + Math.min(mostOfOne, word[run]);
    byColo.set(word.colo, Math.min(mostOfColo, sum));
  }
  return [...byColo.values()].reduce((sum, each) => sum + each, 0);
}

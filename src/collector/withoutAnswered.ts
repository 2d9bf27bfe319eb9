import { WINDOW_MS } from "../breaker/constants.ts";
import type { BreakerPart } from "../rpc/parts.ts";
import type { Report } from "../rpc/report.ts";

type Verdict = BreakerPart["nodes"][number];

/**
 * The report without its trouble that the owner has answered already: with nodes that it has called open, and with
 * those that it called well so lately that what another epoch saw is from before. It would tell the owner nothing, and
 * in an outage every isolate of the world brings it each two seconds. Ends of leases are always told.
 */
export function withoutAnswered(report: Report, part: BreakerPart, ageMs: number): Report {
  if (report.settle.length > 0) return report;
  const isAnswered = ({ node, epoch }: { readonly node: string; readonly epoch: number }) => {
    const verdict = part.nodes.find((each) => each.node === node);
    return verdict !== undefined && (isDecided(verdict) || isBefore(verdict, epoch, ageMs));
  };
  return {
    ...report,
    outcomes: report.outcomes.map((each) =>
      isAnswered(each) ? { ...each, failed: 0, slow: 0, excluded: each.excluded + each.failed + each.slow } : each,
    ),
    standing: report.standing.map((word) =>
      isAnswered(word) ? { ...word, failedRun: 0, slowRun: 0, tripped: false } : word,
    ),
  };
}

/** No trouble that visitors meet decides anything: its probes do, or an operator. */
function isDecided({ state, would }: Verdict): boolean {
  const judged = state === "shadow" ? would : state;
  return judged === "open" || judged === "half-open" || judged === "forced-open";
}

/** Of another epoch than that of a node which became well within the window: as the owner itself would judge. */
function isBefore({ sinceMs, epoch: current }: Verdict, epoch: number, ageMs: number): boolean {
  return epoch !== current && sinceMs + ageMs < WINDOW_MS;
}

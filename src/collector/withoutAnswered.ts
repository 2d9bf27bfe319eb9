import type { BreakerPart } from "../rpc/parts.ts";
import type { Report } from "../rpc/report.ts";

/**
 * The report without its trouble with nodes that the owner has called open already: it tells the owner nothing, and in
 * an outage every isolate of the world brings it each two seconds. Ends of leases are always told.
 */
export function withoutAnswered(report: Report, part: BreakerPart): Report {
  const answered = new Set(part.nodes.filter(({ state }) => state !== "closed").map(({ node }) => node));
  if (answered.size === 0 || report.settle.length > 0) return report;
  return {
    ...report,
    outcomes: report.outcomes.map((each) =>
      answered.has(each.node)
        ? { ...each, failed: 0, slow: 0, excluded: each.excluded + each.failed + each.slow }
        : each,
    ),
    standing: report.standing.map((word) =>
      answered.has(word.node) ? { ...word, failedRun: 0, slowRun: 0, tripped: false } : word,
    ),
  };
}

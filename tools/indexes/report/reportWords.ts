import type { ComparedQuery, Comparison } from "./compare.ts";
import { CONFIDENCE, MOST_DEARER } from "./constants.ts";
import type { RatioInterval } from "./pairedRatio.ts";

/** Three figures, no exponent: `0.0123`, `17`, `88,009`. */
export function amountText(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return value.toLocaleString("en-US", value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 });
}

export function ratioText({ ratio, low, high }: RatioInterval): string {
  return `${amountText(ratio)} (${amountText(low)} to ${amountText(high)})`;
}

/** What may be said of one query, in a few words. */
export function verdictText({ noClaim, latency, buffers }: ComparedQuery): string {
  if (noClaim !== undefined) return `no claim: ${noClaim}`;
  const speed = { faster: "faster", slower: "slower", undecided: "latency undecided" }[latency];
  const pages = { fewer: "fewer buffers", same: "same buffers", more: "more buffers" }[buffers];
  return `${speed}, ${pages}`;
}

/** The report's first sentences: what is claimed of the whole, with its interval, and of how many queries. */
export function summary({ queries, left, overall, control, obstacles, before, after }: Comparison): readonly string[] {
  const claimed = queries.filter(({ noClaim }) => noClaim === undefined);
  const count = (is: (query: ComparedQuery) => boolean) => claimed.filter(is).length;
  const told = [
    overall === undefined
      ? "Nothing is claimed: no query was measured both times on tables that are analysed and not empty."
      : `Median latency of "${after.label}" is ${ratioText(overall)} times that of "${before.label}" (geometric mean over ${claimed.length} queries with their parameters, ${CONFIDENCE * 100} % interval by paired bootstrap).`,
    `Faster ${count((query) => query.latency === "faster")}, slower ${count((query) => query.latency === "slower")}, undecided ${count((query) => query.latency === "undecided")}; fewer buffers ${count((query) => query.buffers === "fewer")}, the same ${count((query) => query.buffers === "same")}, more ${count((query) => query.buffers === "more")}.`,
  ];
  if (control !== undefined) {
    const machine = `Reads whose plan and buffers did not change took ${ratioText(control)} times as long: that much is the machine, not the indexes.`;
    // Where the machine itself was faster or slower, no ratio is read before that is known.
    if (control.low > 1 || control.high < 1) told.unshift(machine);
    else told.push(machine);
  }
  const dearer = claimed
    .filter(({ kind, buffers }) => kind === "read" && buffers === "more")
    .toSorted((one, other) => other.after.buffers - other.before.buffers - (one.after.buffers - one.before.buffers));
  if (dearer.length > 0) {
    const worst = dearer.slice(0, MOST_DEARER).map((query) => {
      return `${query.name} (${query.sample}) ${amountText(query.before.buffers)} → ${amountText(query.after.buffers)}`;
    });
    told.push(`Reads with more buffers, ${dearer.length} in all: ${worst.join("; ")}.`);
  }
  const silent = queries.length - claimed.length;
  if (silent > 0) told.push(`Of ${silent} more nothing is claimed; each says why.`);
  if (left.length > 0) told.push(`${left.length} have no numbers to compare.`);
  const missing = new Set([...before.missing, ...after.missing]);
  if (missing.size > 0)
    told.push(`Sampled with values that no row has, for there was nothing: ${[...missing].join(", ")}.`);
  for (const { sentence } of obstacles) told.push(`Compared although ${sentence}.`);
  return told;
}

/** One baseline's circumstances in a line. */
export function circumstances({
  label,
  takenAt,
  commit,
  machine,
  postgres,
  runs,
  tables,
}: Comparison["before"]): string {
  const largest = tables.toSorted((a, b) => b.rows - a.rows).slice(0, 3);
  const rows = largest.map(({ name, rows }) => `${name} ${amountText(rows)}`).join(", ");
  return `${label}: ${takenAt}, commit ${commit ?? "unknown"}, PostgreSQL ${postgres.version}, ${runs} rounds from ${machine.cores} × ${machine.cpu}, Node ${machine.node}; rows: ${rows}`;
}

/** What the second has that the first has not, and the other way round. */
export function indexChanges({ before, after }: Comparison): {
  readonly added: readonly string[];
  readonly gone: readonly string[];
} {
  const beyond = (these: Comparison["before"], those: Comparison["before"]) =>
    these.indexes
      .filter(({ definition }) => !those.indexes.some((other) => other.definition === definition))
      .map(({ definition, bytes }) => `${definition} (${amountText(bytes / 1_024)} KiB)`);
  return { added: beyond(after, before), gone: beyond(before, after) };
}

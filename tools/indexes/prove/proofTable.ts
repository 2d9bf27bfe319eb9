import Table from "cli-table3";
import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import type { ComparedSample } from "./compareSets.ts";
import type { Latency } from "./latencyOf.ts";
import type { ProofReport } from "./proveIndexes.ts";
import type { SoloEffect } from "./soloEffect.ts";

/** The report for people: proofs, uses, and what was left out and why. */
export function proofTable(report: ProofReport, entries: readonly IndexEntry[]): string {
  return [
    `Proofs, at ${report.pitches} pitches (buffers of a warm run):`,
    proofs(report),
    "What each shipped index saves; left out alone:",
    uses(report),
    "The owner's indexes, each alone on top of primary keys and constraints:",
    effects(report.owners, entries),
    "Not shipped, each alone on top of ours:",
    effects(report.others, entries),
    ...report.skipped.map(({ name, reason }) => `${name} was skipped: ${reason}.`),
  ].join("\n");
}

function proofs({ proofs: results, samples, latencies }: ProofReport): string {
  const without = new Map(samples.map(({ key, before }) => [key, before]));
  const times = new Map(latencies.map(({ key, before, after }) => [key, `${shown(before)} → ${shown(after)}`]));
  const table = plain(["index", "query", "without", "with", "may read", "p50 / p95, ms", ""]);
  for (const { entry, sample, buffers, maxBuffers, failures } of results) {
    const outcome = failures.join("; ") || "holds";
    const time = times.get(sample) ?? "";
    table.push([entry, sample, without.get(sample) ?? "", buffers ?? "", maxBuffers, time, outcome]);
  }
  return table.toString();
}

function uses({ uses: all }: ProofReport): string {
  const table = plain(["index", "samples that need it", "the most"]);
  for (const { entry, uses: samples } of all) table.push([entry, samples.length, change(samples[0])]);
  return table.toString();
}

function effects(all: readonly SoloEffect[], entries: readonly IndexEntry[]): string {
  const table = plain(["index", "better", "worse", "of", "the best", "the worst", "why not"]);
  table.options.colWidths = [null, null, null, null, null, null, 60];
  for (const { entry, better, worse, samples, trouble } of all) {
    const verdict = entries.find(({ name }) => name === entry)?.verdict;
    const why = verdict?.kind === "rejected" ? verdict.reason : verdict?.kind === "optional" ? verdict.when : "shipped";
    table.push([entry, better.length, worse.length, samples, change(better[0]), change(worse[0]), trouble ?? why]);
  }
  return table.toString();
}

function shown(latency: Latency | undefined): string {
  return latency ? `${latency.p50.toFixed(1)} / ${latency.p95.toFixed(1)}` : "";
}

function change(sample: ComparedSample | undefined): string {
  return sample ? `${sample.key}: ${sample.before ?? "fails"} → ${sample.after ?? "fails"}` : "";
}

function plain(head: string[]) {
  return new Table({ head, style: { head: [], border: [] }, wordWrap: true });
}

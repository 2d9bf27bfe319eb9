import Table from "cli-table3";
import type { SoloEffect } from "../../tools/indexes/prove/soloEffect.ts";
import type { ThreeWays } from "./compareWithOwner.ts";
import type { GoalResult } from "./goals.ts";

/** What was measured, for people. */
export function sqlTable(
  samples: readonly ThreeWays[],
  owners: readonly SoloEffect[],
  goals: readonly GoalResult[],
): string {
  const reads = plain(["buffers of a warm run", "none", "owner", "ours"]);
  for (const { key, none, owner, ours } of samples) reads.push([key, shown(none), shown(owner), shown(ours)]);
  const alone = plain(["the owner's, each alone", "better", "worse", "the best", "the worst"]);
  for (const { entry, better, worse, samples: of, trouble } of owners) {
    const told = ([sample]: SoloEffect["better"]) =>
      sample ? `${sample.key}: ${shown(sample.before)} → ${shown(sample.after)}` : "";
    alone.push([entry, `${better.length} of ${of}`, `${worse.length}`, trouble ?? told(better), told(worse)]);
  }
  return [reads, alone, goalRows(goals)].map(String).join("\n");
}

/** Goals, met or missed. */
export function goalRows(goals: readonly GoalResult[]): string {
  const table = plain(["goal", "", "the worst"]);
  for (const { goal, isMet, worst } of goals) table.push([goal, isMet ? "met" : "MISSED", worst]);
  return table.toString();
}

function shown(buffers: number | undefined): string {
  return buffers === undefined ? "fails" : String(buffers);
}

function plain(head: string[]) {
  return new Table({ head, style: { head: [], border: [] } });
}

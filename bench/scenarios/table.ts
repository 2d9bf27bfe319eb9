import Table from "cli-table3";
import type { Compared } from "./compare.ts";
import type { Figures } from "./figures.ts";
import type { Scenario } from "./scenarios.ts";

interface Line {
  readonly what: string;
  readonly of: (figures: Figures) => number | null;
  readonly unit: "s" | "%" | "a second" | "";
}

/** What is compared; less is better in all of them. */
const LINES: readonly Line[] = [
  { what: "breakers that opened", of: ({ openedShare }) => openedShare, unit: "%" },
  { what: "the first opened after", of: ({ openFirstS }) => openFirstS, unit: "s" },
  { what: "on average after", of: ({ openMeanS }) => openMeanS, unit: "s" },
  { what: "wrongly refused", of: ({ wronglyRefusedShare }) => wronglyRefusedShare, unit: "%" },
  { what: "harmed", of: ({ harmedShare }) => harmedShare, unit: "%" },
  { what: "reached the node while down", of: ({ loadWhileDownPerS }) => loadWhileDownPerS, unit: "a second" },
  { what: "probes at a time", of: ({ mostProbes }) => mostProbes, unit: "" },
  { what: "recovered after", of: ({ recoverS }) => recoverS, unit: "s" },
  { what: "first second after", of: ({ firstSecondPerS }) => firstSecondPerS, unit: "a second" },
  { what: "busiest second until recovered", of: ({ peakPerS }) => peakPerS, unit: "a second" },
];

/** Where nothing should open, when and how it does is no matter of better or worse; where all should, that it does. */
function isJudged({ what }: Line, { shouldOpen }: Scenario): boolean {
  if (shouldOpen) return what !== "breakers that opened";
  return ["breakers that opened", "wrongly refused", "harmed"].includes(what);
}

export function scenarioTable(scenario: Scenario, compared: Compared): string {
  const table = new Table({
    head: [scenario.name, "ours", "per isolate: share", "per isolate: run", "ours better?"],
    style: { head: [], border: [] },
  });
  for (const line of LINES) {
    const values = [compared.ours, compared.perIsolate, compared.perIsolateRun].map(line.of);
    table.push([
      line.what,
      ...values.map((value) => text(value, line)),
      isJudged(line, scenario) ? verdict(values) : "",
    ]);
  }
  return table.toString();
}

/** Against either. */
function verdict([ours, ...others]: readonly (number | null)[]): string {
  if (ours === null || ours === undefined) return "";
  const known = others.filter((other) => other !== null && other !== undefined);
  if (known.length === 0) return "";
  const words = known.map((other) => (ours < other ? "yes" : ours === other ? "equal" : "no"));
  return new Set(words).size === 1 ? (words[0] ?? "") : words.join(" / ");
}

function text(value: number | null, { unit }: Line): string {
  if (value === null) return "–";
  if (unit === "%") return `${Math.round(value * 1_000) / 10} %`;
  return `${Math.round(value * 10) / 10} ${unit}`.trim();
}

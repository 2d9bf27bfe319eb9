import Table from "cli-table3";
import type { Advice, Finding } from "./finding.ts";

/**
 * Advice for people: a table of the findings with their numbers, then their commands, whole lines to be copied, with
 * the definitions that belong to them; then what was not looked at.
 */
export function adviceTable({ findings, notes }: Advice): string {
  const parts: string[] = [];
  if (findings.length === 0) parts.push("Nothing was found.");
  else {
    const table = new Table({
      head: ["", "finding", "index", "why", "numbers"],
      colWidths: [null, null, null, 60, null],
      wordWrap: true,
      style: { head: [], border: [] },
    });
    for (const [at, finding] of findings.entries()) {
      const { kind, certainty, object, sentence } = finding;
      table.push([at + 1, `${kind}\n${certainty}`, object, sentence, figures(finding)]);
    }
    parts.push(table.toString(), "Nothing was changed. What would act on each:", ...findings.map(actions));
  }
  if (notes.length > 0) parts.push("Also:", ...notes.map((note) => `- ${note}`));
  return parts.join("\n");
}

function figures({ numbers }: Finding): string {
  return Object.entries(numbers)
    .filter(([, value]) => typeof value !== "string" && value !== null)
    .map(([name, value]) => `${name} ${typeof value === "number" ? value.toLocaleString("en-US") : value}`)
    .join("\n");
}

function actions({ numbers, command }: Finding, at: number): string {
  const texts = Object.entries(numbers).filter(([, value]) => typeof value === "string");
  const [first = "", ...more] = command.split("\n");
  const indent = " ".repeat(`${at + 1}. `.length);
  return [
    `${at + 1}. ${first}`,
    ...more.map((line) => `${indent}${line}`),
    ...texts.map(([name, text]) => `     ${name}: ${text}`),
  ].join("\n");
}

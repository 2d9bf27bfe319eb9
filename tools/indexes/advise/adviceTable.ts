import Table from "cli-table3";
import type { Advice, Finding } from "./finding.ts";

/** Advice for people: a table of the findings, each with its numbers and its command, and what was not looked at. */
export function adviceTable({ findings, notes }: Advice): string {
  const parts: string[] = [];
  if (findings.length === 0) parts.push("Nothing was found.");
  else {
    const table = new Table({
      head: ["finding", "index", "why", "numbers", "would act on it"],
      colWidths: [12, 30, 44, 40, 40],
      wordWrap: true,
      wrapOnWordBoundary: false,
      style: { head: [], border: [] },
    });
    for (const finding of findings) {
      const { kind, certainty, object, sentence, command } = finding;
      table.push([`${kind}\n${certainty}`, object, sentence, numbersText(finding), command]);
    }
    parts.push(table.toString(), "Nothing was changed. Each command is for you to run, or not.");
  }
  if (notes.length > 0) parts.push(notes.map((note) => `- ${note}`).join("\n"));
  return parts.join("\n");
}

function numbersText({ numbers }: Finding): string {
  return Object.entries(numbers)
    .map(([name, value]) => `${name} ${typeof value === "number" ? value.toLocaleString("en-US") : value}`)
    .join("\n");
}

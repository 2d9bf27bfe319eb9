import Table from "cli-table3";
import type { Plan } from "./plan.ts";
import { size } from "./quantities.ts";
import { stateText } from "./stateText.ts";

/** A plan for people: a row an entry, then what would be sent, then what is in the way. */
export function planTable({ entries, inTheWay }: Plan): string {
  const table = new Table({
    head: ["phase", "index", "table", "verdict", "state", "about"],
    style: { head: [], border: [] },
    colWidths: [null, null, null, null, 40, null],
    wordWrap: true,
  });
  for (const { phase, name, table: of, verdict, state, estimatedBytes } of entries) {
    const about = estimatedBytes === null ? "" : size(estimatedBytes);
    table.push([phase, name, of, verdict, state ? stateText(state) : "", about]);
  }
  const statements = entries.flatMap((each) => each.statements.map((statement) => `${statement};`));
  return [
    table.toString(),
    statements.length === 0 ? "Nothing would be sent." : `Would be sent:\n${statements.join("\n")}`,
    ...inTheWay.map((text) => `In the way: ${text}`),
  ].join("\n");
}

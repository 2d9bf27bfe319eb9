import Table from "cli-table3";
import type { Judgement } from "./judge.ts";

const PLAIN = { style: { head: [], border: [] }, wordWrap: true };

/** The findings as tables; nothing where there are none. */
export function told({ unexplained, obsolete }: Judgement): string {
  const pieces: string[] = [];
  if (unexplained.length > 0) {
    const table = new Table({
      ...PLAIN,
      head: ["where", "mutator", "original → replacement"],
      colWidths: [40, 25, 90],
    });
    for (const { file, line, mutator, original, replacement, status } of unexplained) {
      const change = `${original} → ${replacement === "" ? "(nothing)" : replacement}`;
      table.push([`${file}:${line}`, `${mutator}${status === "survived" ? "" : ` (${status})`}`, change]);
    }
    pieces.push(`Told by no test:\n${table}`);
  }
  if (obsolete.length > 0) {
    const table = new Table({ ...PLAIN, head: ["explained", "original → replacement"], colWidths: [40, 90] });
    for (const { file, original, replacement } of obsolete) table.push([file, `${original} → ${replacement}`]);
    pieces.push(`Explained in tools/mutate/exceptions.ts, but no longer there, or told by a test after all:\n${table}`);
  }
  return pieces.join("\n\n");
}

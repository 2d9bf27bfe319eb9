import Table from "cli-table3";
import { stateText } from "./stateText.ts";
import type { Status } from "./status.ts";

/** A status for people. Rejected entries that are not there are no news. */
export function statusText({ entries, paused, drifted, unmanaged }: Status): string {
  const table = new Table({
    head: ["phase", "index", "table", "verdict", "state"],
    style: { head: [], border: [] },
    colWidths: [null, null, null, null, 60],
    wordWrap: true,
  });
  const told = entries.filter(({ entry, state }) => entry.verdict.kind === "ship" || state.kind !== "absent");
  for (const { entry, state } of told) {
    table.push([entry.phase, entry.name, entry.table, entry.verdict.kind, stateText(state)]);
  }
  const lines = [table.toString()];
  if (paused !== undefined) lines.push(`The last deploy waited ${paused}.`);
  if (drifted.length > 0)
    lines.push(`In the ledger, and gone: ${drifted.join(", ")}. \`indexes deploy\` builds those again.`);
  for (const { name, table: of, isValid } of unmanaged) {
    lines.push(`Not of the catalogue: ${name} on ${of}${isValid ? "" : ", invalid"}; left alone.`);
  }
  return lines.join("\n");
}

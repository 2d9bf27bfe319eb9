import Table from "cli-table3";
import type { NodeStatus } from "./nodeStatus.ts";

/** The nodes as a table for people. */
export function statusTable(nodes: readonly NodeStatus[]): string {
  const table = new Table({
    head: ["node", "role", "state", "pid", "port", "replay lag"],
    style: { head: [], border: [] },
  });
  for (const { name, role, state, pid, port, lagMs } of nodes) {
    table.push([name, role, state, pid ?? "", port, lagMs === null ? "" : `${lagMs} ms`]);
  }
  return table.toString();
}

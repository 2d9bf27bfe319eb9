import Table from "cli-table3";
import type { CutReport } from "./cutEdge.ts";

/** The cuts as a table for people. */
export function cutTable(reports: Readonly<Record<string, CutReport>>): string {
  const table = new Table({
    head: ["edge", "cut by", "calls cut", "requests", "failed", "local only after", "fresh again after", "complaints"],
    style: { head: [], border: [] },
  });
  const seconds = (value: number | null) => (value === null ? "" : `${value} s`);
  for (const [name, report] of Object.entries(reports)) {
    const { cut, met, requests, failed, localOnlyAfterS, freshAgainAfterS, complaints } = report;
    const times = [seconds(localOnlyAfterS), seconds(freshAgainAfterS)];
    table.push([name, cut, met, requests, failed, ...times, complaints.length]);
  }
  return table.toString();
}

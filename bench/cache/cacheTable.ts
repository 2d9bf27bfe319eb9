import Table from "cli-table3";
import type { Played } from "./playTrace.ts";

/** What became of the requests with each cache, for people. */
export function cacheTable(played: Readonly<Record<string, Played>>, optimal: number): string {
  const head = ["", "hits", "of optimal", "fresh", "expired", "bumped", "outdated", "too old", "waited", "loads"];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const [name, { hitRatio, shares, loadsPerRequest }] of Object.entries(played)) {
    const { fresh, expired, bumped, outdated, tooOld, waited } = shares;
    const cells = [hitRatio, hitRatio / optimal, fresh, expired, bumped, outdated, tooOld, waited, loadsPerRequest];
    table.push([name, ...cells.map((cell) => `${Math.round(cell * 1_000) / 10} %`)]);
  }
  return table.toString();
}

import { refreshStatistics } from "../database/maintenance.ts";
import { ANALYZE_MS, MAX_TABLES } from "./constants.ts";
import { askInTime, type Work, type WorkDone } from "./work.ts";

/**
 * Takes the statistics of the application's tables that changed most, at most eight a run, one statement each. Unless
 * `remaining` is 0 there is more to do though nothing more is written.
 */
export async function takeStatistics(work: Work): Promise<WorkDone> {
  const tables: Record<string, string[]> = { analysed: [], locked: [], failed: [] };
  let [remaining, refused] = [0, 0];
  let trouble: string | undefined;
  const tried: string[] = [];
  while (tried.length < MAX_TABLES) {
    const reply = await askInTime(work, refreshStatistics(tried), ANALYZE_MS);
    trouble = reply.trouble;
    if (!reply.result) break;
    const [[relation, outcome, left, notOurs] = []] = reply.result.rows;
    [remaining, refused] = [Number(left), Number(notOurs)];
    if (typeof relation !== "string") break;
    tried.push(relation);
    tables[String(outcome)]?.push(relation);
  }
  const notes = Object.entries(tables)
    .filter(([, names]) => names.length > 0)
    .map(([outcome, names]) => `${outcome}: ${names.join(", ")}`);
  return {
    outcome: trouble === undefined ? "ok" : "failed",
    note: [...notes, ...(trouble === undefined ? [] : [trouble])].join("; "),
    detail: {
      analysed: tables.analysed?.length ?? 0,
      remaining: remaining + (tables.locked?.length ?? 0),
      refused,
    },
  };
}

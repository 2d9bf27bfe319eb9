import { DEARER_TABLES, TABLE_WAL_PER_INSERT } from "../../sql/indexes/budgets.ts";
import type { WriteCost } from "../../tools/indexes/prove/writeCost.ts";
import type { GoalResult } from "../sql/goals.ts";

type Costs = Readonly<Record<"none" | "ours", WriteCost>>;

/** A pitch is three rows: itself, its counters and its words. */
const PITCH = ["pitches", "pitch_counters"] as const;
const SEARCHED_PITCH = [...PITCH, "pitch_search"] as const;

/** Of a new pitch's WAL, as a ratio to keys and constraints alone; without and with the search. */
const MOST_PER_PITCH = 2.2;
const MOST_PER_SEARCHED_PITCH = 5;

/** Of a view that is counted in a row of its own. */
const LEAST_HOT_SHARE = 99;
const MOST_PER_VIEW = 1.1;

/**
 * The goals for writes. `views`: of an update that counts a view and nothing else. `drafts`: of pitches as the
 * application inserts them; those of `tables` are as they were found, most of them published.
 */
export function checkWriteGoals(
  tables: Readonly<Record<string, Costs>>,
  { views, drafts }: { readonly views: Costs; readonly drafts: Costs },
): readonly GoalResult[] {
  const drafted = { ...tables, pitches: drafts };
  const hot = views.ours.hotShare ?? 0;
  const view = (views.ours.walPerUpdate ?? Number.NaN) / (views.none.walPerUpdate ?? Number.NaN);
  return [
    ...Object.keys(tables).map((table) => {
      const most = DEARER_TABLES[table]?.walPerInsert ?? TABLE_WAL_PER_INSERT;
      return atMost(`insert into ${table} ≤ ${most} times the WAL`, ratio(tables, [table]), most);
    }),
    atMost(`new pitch, a draft, ≤ ${MOST_PER_PITCH} times the WAL`, ratio(drafted, PITCH), MOST_PER_PITCH),
    atMost(`new pitch, published at once, ≤ ${MOST_PER_PITCH} times`, ratio(tables, PITCH), MOST_PER_PITCH),
    atMost(
      `that with its words ≤ ${MOST_PER_SEARCHED_PITCH} times`,
      ratio(tables, SEARCHED_PITCH),
      MOST_PER_SEARCHED_PITCH,
    ),
    {
      goal: `view counted: HOT ≥ ${LEAST_HOT_SHARE} %, ≤ ${MOST_PER_VIEW} times the WAL`,
      isMet: hot >= LEAST_HOT_SHARE && view <= MOST_PER_VIEW,
      worst: `${hot.toFixed(1)} %, ${view.toFixed(2)}`,
    },
  ];
}

function atMost(goal: string, measured: number, most: number): GoalResult {
  return { goal, isMet: measured <= most, worst: measured.toFixed(2) };
}

function ratio(tables: Readonly<Record<string, Costs>>, of: readonly string[]): number {
  const sum = (set: keyof Costs) => of.reduce((bytes, table) => bytes + (tables[table]?.[set].walPerInsert ?? 0), 0);
  return sum("ours") / sum("none");
}

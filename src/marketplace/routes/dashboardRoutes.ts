import type { Route } from "../../breakwater.ts";
import { permit } from "../auth/permit.ts";
import { DASHBOARD_DAYS, TOP_PITCHES } from "../constants.ts";
import { creatorDashboard, type DashboardRow } from "../queries/statistics.ts";
import { route } from "../route.ts";
import { dashboardSchema } from "../schemas/statisticsSchemas.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;

/** What a creator's pitches came to, counted every five minutes. */
export const dashboardRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/me/dashboard",
    summary: "What your pitches came to: totals, views of the last 30 days (UTC), NDAs, and the most viewed",
    access: "signed-in",
    answers: { 200: dashboardSchema },
    problems: ["forbidden"],
    handle: async ({ account, database, freshness, now }) => {
      permit(account, { to: "see-dashboard" });
      const days = lastDays(now());
      const { rows } = await database.read(creatorDashboard(account.id, days[0] ?? "", TOP_PITCHES), { freshness });
      const [row] = rows;
      if (!row) throw new Error("The dashboard's query answers one row, whoever asks.");
      return { status: 200, body: dashboard(row, days) };
    },
  }),
];

function dashboard(row: DashboardRow, days: readonly string[]) {
  const { pitches, published, followers, views, likes, saves, investments, invested } = row;
  const viewsOf = new Map(row.views_by_day.map(({ day, views }) => [day, views]));
  return {
    asOf: row.as_of,
    totals: { pitches, published, followers, views, likes, saves, investments, invested },
    viewsByDay: days.map((day) => ({ day, views: viewsOf.get(day) ?? 0 })),
    nda: {
      // Withdrawn ones were requested as well.
      requested: row.nda_pending + row.nda_approved + row.nda_declined + row.nda_withdrawn,
      approved: row.nda_approved,
      declined: row.nda_declined,
      pending: row.nda_pending,
    },
    topPitches: [...row.top_pitches],
  };
}

/** The last 30 days up to now, oldest first: `2026-11-25`, in UTC. */
function lastDays(nowMs: number): readonly string[] {
  return Array.from({ length: DASHBOARD_DAYS }, (_, index) => {
    return new Date(nowMs - (DASHBOARD_DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10);
  });
}

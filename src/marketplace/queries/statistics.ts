import { type Query, query } from "../../breakwater.ts";
import { iso } from "./parameters.ts";
import { PITCH_COLUMNS, PITCH_TABLES, type PitchRow } from "./pitchRow.ts";

/** What sends changes from the queue into the counts, and what reads the counts. See `sql/schema/0010_statistics.sql`. */

/** Counts at most `most` changes that were not counted yet; answers how many it did. Each is counted once, whoever asks. */
export function foldStatistics(scheduledMs: number, most: number): Query<{ readonly done: number }> {
  return query("statistics.fold", "SELECT fold_statistics($1, $2) AS done", [iso(scheduledMs), most]);
}

/** Of answers that show what a fold changes, and nothing between two of them: the lists by popularity, trends, genres. */
export const COUNTED_TAG = "statistics";

/** What all answers made from the counts have: null where nothing was counted yet. */
interface Counted {
  /** What was written before is counted. */
  readonly as_of: string | null;
}

export interface DashboardRow extends Counted {
  readonly pitches: number;
  readonly published: number;
  readonly followers: number;
  readonly views: number;
  readonly likes: number;
  readonly saves: number;
  readonly nda_pending: number;
  readonly nda_approved: number;
  readonly nda_declined: number;
  readonly nda_withdrawn: number;
  readonly investments: number;
  readonly invested: number;
  /** The days that have any. */
  readonly views_by_day: readonly { readonly day: string; readonly views: number }[];
  readonly top_pitches: readonly {
    readonly id: string;
    readonly title: string;
    readonly views: number;
    readonly likes: number;
  }[];
}

/** All of a creator's dashboard, by keys alone: one row, also for who has nothing yet. `firstDay`: `2026-11-25`, in UTC. */
export function creatorDashboard(userId: string, firstDay: string, topPitches: number): Query<DashboardRow> {
  return query(
    "statistics.dashboard",
    `SELECT (SELECT as_of FROM statistics_state) AS as_of,
  coalesce(s.pitches, 0)::float8 AS pitches, coalesce(s.published, 0)::float8 AS published,
  coalesce(s.followers, 0)::float8 AS followers, coalesce(s.views, 0)::float8 AS views,
  coalesce(s.likes, 0)::float8 AS likes, coalesce(s.saves, 0)::float8 AS saves,
  coalesce(s.nda_pending, 0)::float8 AS nda_pending, coalesce(s.nda_approved, 0)::float8 AS nda_approved,
  coalesce(s.nda_declined, 0)::float8 AS nda_declined, coalesce(s.nda_withdrawn, 0)::float8 AS nda_withdrawn,
  coalesce(s.investments, 0)::float8 AS investments, coalesce(s.invested, 0)::float8 AS invested,
  coalesce((
    SELECT json_agg(json_build_object('day', d.day, 'views', d.views))
    FROM creator_daily d WHERE d.creator_id = $1 AND d.day >= $2
  ), '[]') AS views_by_day,
  coalesce((
    SELECT json_agg(json_build_object('id', t.pitch_id, 'title', t.title, 'views', t.views, 'likes', t.likes)
      ORDER BY t.views DESC, t.pitch_id DESC)
    FROM (
      SELECT c.pitch_id, p.title, c.views, c.likes
      FROM pitch_statistics c JOIN pitches p ON p.id = c.pitch_id
      WHERE c.creator_id = $1
      ORDER BY c.views DESC, c.pitch_id DESC
      LIMIT $3
    ) t
  ), '[]') AS top_pitches
FROM (SELECT $1::uuid AS user_id) u
LEFT JOIN creator_statistics s ON s.user_id = u.user_id`,
    [userId, firstDay, topPitches],
  );
}

/** Published pitches of recent interest, the most interesting first; one row without a pitch where there are none. */
export function trendingPitches(limit: number): Query<Counted & (PitchRow | { readonly id: null })> {
  return query(
    "statistics.trending",
    `SELECT s.as_of, t.*
FROM (SELECT max(as_of) AS as_of FROM statistics_state) s
LEFT JOIN LATERAL (
  SELECT ${PITCH_COLUMNS}, r.score
  FROM trending_pitches r
  JOIN ${PITCH_TABLES.replace("pitches p", "pitches p ON p.id = r.pitch_id")}
  WHERE p.status = 'published'
  ORDER BY r.score DESC, r.pitch_id DESC
  LIMIT $1
) t ON true
ORDER BY t.score DESC, t.id DESC`,
    [limit],
  );
}

/** How many published pitches each genre has; genres without any are left out, one row without a genre if all are. */
export function genreCounts(): Query<Counted & { readonly genre: string | null; readonly published: number | null }> {
  return query(
    "statistics.genres",
    `SELECT s.as_of, g.genre, g.published::float8 AS published
FROM (SELECT max(as_of) AS as_of FROM statistics_state) s
LEFT JOIN genre_counts g ON true`,
  );
}

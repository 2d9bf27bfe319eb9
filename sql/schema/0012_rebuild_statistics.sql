-- Counts everything anew from the tables it is about: after data came in without triggers (the seeding, a restore), or
-- to mend. Writers go on: what it counts and what it takes out of the queue is one statement, so one snapshot. Views of
-- the last days are counted from pitch_views, older ones only raised by it: most of what they were is forgotten there.
-- A pitch that was not counted yet brings the views and likes of its counters along. In a transaction with one snapshot
-- for all (REPEATABLE READ) it fails if a fold committed meanwhile.
CREATE FUNCTION rebuild_statistics() RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp SET work_mem = '64MB' AS $$
DECLARE
  -- A day less than pitch_views are kept for: of these none is forgotten.
  complete_from date := (now() AT TIME ZONE 'UTC')::date - 2;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('marketplace.statistics', 0));
  CREATE TEMP TABLE recounted_pitches (LIKE pitch_statistics);
  CREATE TEMP TABLE recounted_days (LIKE pitch_daily);
  CREATE TEMP TABLE recounted_makers (user_id uuid, pitches bigint, published bigint, followers bigint);
  CREATE TEMP TABLE recounted_genres (LIKE genre_counts);
  CREATE TEMP TABLE recounted_creators (LIKE creator_statistics);
  CREATE TEMP TABLE recounted_creator_days (LIKE creator_daily);

  WITH queued AS (
    DELETE FROM statistics_changes RETURNING measure, amount, pitch_id, day
  ), days AS (
    INSERT INTO recounted_days
    SELECT e.pitch_id, e.day, e.views, e.likes, e.saves
    FROM (
      SELECT
        v.pitch_id,
        v.day,
        CASE WHEN v.day >= complete_from THEN sum(v.seen) ELSE greatest(sum(v.seen), sum(v.kept)) END AS views,
        sum(v.likes) AS likes,
        sum(v.saves) AS saves
      FROM (
        SELECT pitch_id, day, count(*)::int AS seen, 0 AS kept, 0 AS likes, 0 AS saves FROM pitch_views GROUP BY 1, 2
        UNION ALL
        SELECT pitch_id, day, 0, views, 0, 0 FROM pitch_daily
        UNION ALL
        SELECT pitch_id, day, 0, amount, 0, 0 FROM queued WHERE measure = 'views'
        UNION ALL
        SELECT pitch_id, (created_at AT TIME ZONE 'UTC')::date, 0, 0, 1, 0 FROM likes
        UNION ALL
        SELECT pitch_id, (created_at AT TIME ZONE 'UTC')::date, 0, 0, 0, 1 FROM saved_pitches
      ) v
      GROUP BY v.pitch_id, v.day
    ) e
    WHERE (e.views, e.likes, e.saves) <> (0, 0, 0)
    RETURNING *
  ), pitches_counted AS (
    INSERT INTO recounted_pitches
    SELECT
      p.id,
      p.user_id,
      coalesce(d.views, 0) + w.carried_views,
      coalesce(d.likes, 0) + w.carried_likes,
      coalesce(d.saves, 0),
      coalesce(n.pending, 0),
      coalesce(n.approved, 0),
      coalesce(n.declined, 0),
      coalesce(n.withdrawn, 0),
      coalesce(i.investments, 0),
      coalesce(i.invested, 0),
      w.carried_views,
      w.carried_likes
    FROM pitches p
    LEFT JOIN (
      SELECT pitch_id, sum(views) AS views, sum(likes) AS likes, sum(saves) AS saves FROM days GROUP BY pitch_id
    ) d ON d.pitch_id = p.id
    LEFT JOIN (
      SELECT
        pitch_id,
        count(*) FILTER (WHERE status = 'pending') AS pending,
        count(*) FILTER (WHERE status = 'approved') AS approved,
        count(*) FILTER (WHERE status = 'declined') AS declined,
        count(*) FILTER (WHERE status = 'withdrawn') AS withdrawn
      FROM nda_requests GROUP BY pitch_id
    ) n ON n.pitch_id = p.id
    LEFT JOIN (
      SELECT pitch_id, count(*) AS investments, sum(amount) AS invested
      FROM investments WHERE state <> 'withdrawn' GROUP BY pitch_id
    ) i ON i.pitch_id = p.id
    LEFT JOIN pitch_statistics s ON s.pitch_id = p.id
    LEFT JOIN pitch_counters c ON c.pitch_id = p.id
    CROSS JOIN LATERAL (
      SELECT
        coalesce(s.carried_views, greatest(c.views - coalesce(d.views, 0), 0), 0) AS carried_views,
        coalesce(s.carried_likes, greatest(c.likes - coalesce(d.likes, 0), 0), 0) AS carried_likes
    ) w
  ), makers_counted AS (
    INSERT INTO recounted_makers
    SELECT user_id, sum(pitches), sum(published), sum(followers)
    FROM (
      SELECT user_id, 1 AS pitches, (status = 'published')::int AS published, 0 AS followers FROM pitches
      UNION ALL
      SELECT creator_id, 0, 0, 1 FROM follows
    ) v
    GROUP BY user_id
  )
  INSERT INTO recounted_genres SELECT genre, count(*) FROM pitches WHERE status = 'published' GROUP BY genre;

  -- Of pitches that are no more: who saw what outlives them.
  ANALYZE recounted_days, recounted_pitches;
  DELETE FROM recounted_days d WHERE NOT EXISTS (SELECT FROM recounted_pitches p WHERE p.pitch_id = d.pitch_id);
  INSERT INTO recounted_creator_days
  SELECT p.creator_id, d.day, sum(d.views)
  FROM recounted_days d JOIN recounted_pitches p ON p.pitch_id = d.pitch_id
  WHERE d.views <> 0
  GROUP BY p.creator_id, d.day;
  INSERT INTO recounted_creators
  SELECT
    c.user_id, c.pitches, c.published, c.followers,
    coalesce(p.views, 0), coalesce(p.likes, 0), coalesce(p.saves, 0),
    coalesce(p.nda_pending, 0), coalesce(p.nda_approved, 0), coalesce(p.nda_declined, 0), coalesce(p.nda_withdrawn, 0),
    coalesce(p.investments, 0), coalesce(p.invested, 0)
  FROM recounted_makers c
  LEFT JOIN (
    SELECT
      creator_id, sum(views) AS views, sum(likes) AS likes, sum(saves) AS saves, sum(nda_pending) AS nda_pending,
      sum(nda_approved) AS nda_approved, sum(nda_declined) AS nda_declined, sum(nda_withdrawn) AS nda_withdrawn,
      sum(investments) AS investments, sum(invested) AS invested
    FROM recounted_pitches GROUP BY creator_id
  ) p ON p.creator_id = c.user_id;

  -- What is right already is left alone. The rest goes in by the order of its key, which is quicker.
  ANALYZE recounted_creators, recounted_creator_days;
  DELETE FROM pitch_daily o WHERE NOT EXISTS (
    SELECT FROM recounted_days n WHERE (n.pitch_id, n.day) = (o.pitch_id, o.day) AND ROW(n.*) = ROW(o.*)
  );
  INSERT INTO pitch_daily SELECT * FROM recounted_days ORDER BY pitch_id, day ON CONFLICT DO NOTHING;
  DELETE FROM pitch_statistics o WHERE NOT EXISTS (
    SELECT FROM recounted_pitches n WHERE n.pitch_id = o.pitch_id AND ROW(n.*) = ROW(o.*)
  );
  INSERT INTO pitch_statistics SELECT * FROM recounted_pitches ORDER BY pitch_id ON CONFLICT DO NOTHING;
  DELETE FROM creator_daily o WHERE NOT EXISTS (
    SELECT FROM recounted_creator_days n WHERE (n.creator_id, n.day) = (o.creator_id, o.day) AND ROW(n.*) = ROW(o.*)
  );
  INSERT INTO creator_daily SELECT * FROM recounted_creator_days ORDER BY creator_id, day ON CONFLICT DO NOTHING;
  DELETE FROM creator_statistics o WHERE NOT EXISTS (
    SELECT FROM recounted_creators n WHERE n.user_id = o.user_id AND ROW(n.*) = ROW(o.*)
  );
  INSERT INTO creator_statistics SELECT * FROM recounted_creators ORDER BY user_id ON CONFLICT DO NOTHING;
  DELETE FROM genre_counts;
  INSERT INTO genre_counts SELECT * FROM recounted_genres;
  UPDATE pitch_counters c
  SET views = s.views, likes = s.likes, score = popularity(s.views, s.likes, p.created_at)
  FROM recounted_pitches s JOIN pitches p ON p.id = s.pitch_id
  WHERE c.pitch_id = s.pitch_id
    AND (c.views, c.likes, c.score) IS DISTINCT FROM (s.views, s.likes, popularity(s.views, s.likes, p.created_at));
  -- Only what would trend if all of its interest were of its last day.
  DELETE FROM trending_pitches;
  PERFORM derive_trends(ARRAY(
    SELECT d.pitch_id FROM recounted_days d WHERE (d.views, d.likes) <> (0, 0) GROUP BY d.pitch_id
    HAVING ln(sum(interest(d.views, d.likes))) + trend_of_a_view(max(d.day)) >= least_trend() - 1
  ));
  DROP TABLE recounted_pitches, recounted_days, recounted_makers, recounted_genres, recounted_creators,
    recounted_creator_days;

  INSERT INTO statistics_state AS s (as_of) VALUES (date_trunc('milliseconds', now()))
  ON CONFLICT (is_single) DO UPDATE SET as_of = excluded.as_of;
END
$$;

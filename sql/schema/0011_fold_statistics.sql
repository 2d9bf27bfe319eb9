-- A like says as much as twenty views.
CREATE FUNCTION interest(views bigint, likes bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN greatest(0, views + 20.0::double precision * likes);

-- Interest with age taken off: a pitch loses a factor e in 90 days. All lose the same in the same time, so age is
-- counted from a fixed day and not from now: the order stays right, and only pitches that changed are counted anew.
CREATE FUNCTION popularity(views bigint, likes bigint, created_at timestamptz) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ln(1 + interest(views, likes))
  + extract(epoch FROM created_at - timestamptz '2026-01-01 00:00:00+00')::double precision / (90 * 86400);

-- What `ln 2 / 2` is here: interest halves in two days.
CREATE FUNCTION trend_decay() RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ln(2::double precision) / 2;

-- What one view on that day scores.
CREATE FUNCTION trend_of_a_view(day date) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (day - date '2026-01-01') * trend_decay();

-- Forward decay (Cormode, Shkapenyuk, Srivastava, Xu: "Forward Decay", ICDE 2009): a day's interest weighs more by a
-- factor that grows with the day, instead of less by its age. Scores that nothing was added to then keep their order
-- and need no touch. Kept as logarithms, which never grow out of their type. Of each pitch the 14 days up to its last
-- one with a view or a like count: a day before them weighs below one percent. '-Infinity' where there is nothing.
CREATE FUNCTION trend_scores(pitches uuid[]) RETURNS TABLE (pitch_id uuid, score double precision)
LANGUAGE sql STABLE ROWS 100 SET search_path = public, pg_temp AS $$
  SELECT
    p.pitch_id,
    CASE WHEN recent.weight > 0 THEN ln(recent.weight) + trend_of_a_view(last.day) ELSE '-Infinity' END
  FROM unnest($1) AS p (pitch_id)
  CROSS JOIN LATERAL (
    SELECT max(d.day) AS day FROM pitch_daily d WHERE d.pitch_id = p.pitch_id AND (d.views, d.likes) <> (0, 0)
  ) last
  CROSS JOIN LATERAL (
    SELECT sum(interest(d.views, d.likes) * exp((d.day - last.day) * trend_decay()) ORDER BY d.day) AS weight
    FROM pitch_daily d WHERE d.pitch_id = p.pitch_id AND d.day > last.day - 14
  ) recent
$$;

-- What trends no more: what is worth less than one view of 14 days ago.
CREATE FUNCTION least_trend() RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE
RETURN trend_of_a_view((now() AT TIME ZONE 'UTC')::date - 14);

-- Sets the trends of these pitches, and forgets what faded.
CREATE FUNCTION derive_trends(pitches uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  WITH scored AS MATERIALIZED (
    SELECT * FROM trend_scores($1)
  ), trending AS (
    INSERT INTO trending_pitches AS t (pitch_id, score)
    SELECT s.pitch_id, s.score FROM scored s WHERE s.score >= least_trend()
    ON CONFLICT (pitch_id) DO UPDATE SET score = excluded.score WHERE t.score <> excluded.score
  )
  DELETE FROM trending_pitches t USING scored s WHERE t.pitch_id = s.pitch_id AND s.score < least_trend();
  DELETE FROM trending_pitches t WHERE t.score < least_trend();
END
$$;

-- Takes the oldest `most` changes out of the queue and adds them up; tells how many there were. For fold_statistics()
-- alone, which sees to it that nobody else does the same.
CREATE FUNCTION fold_changes(most int) RETURNS int
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  folded int;
  touched uuid[];
  removed_pitches uuid[];
  empty_pitches uuid[];
  empty_days date[];
  empty_creators uuid[];
  empty_creator_ids uuid[];
  empty_creator_days date[];
BEGIN
  -- One statement, so one snapshot: what it takes out and what it adds cannot differ.
  WITH change AS (
    DELETE FROM statistics_changes WHERE ctid = ANY (ARRAY(
      SELECT c.ctid FROM statistics_changes c ORDER BY c.id LIMIT most
    ))
    RETURNING *
  ), by_pitch AS (
    SELECT
      c.pitch_id,
      (array_agg(c.creator_id) FILTER (WHERE c.measure = 'pitches'))[1] AS maker,
      coalesce(sum(c.amount) FILTER (WHERE c.measure = 'pitches'), 0) AS made,
      coalesce(sum(c.amount) FILTER (WHERE c.measure = 'views'), 0) AS views,
      coalesce(sum(c.amount) FILTER (WHERE c.measure = 'likes'), 0) AS likes,
      coalesce(sum(c.amount) FILTER (WHERE c.measure = 'saves'), 0) AS saves,
      coalesce(sum(c.amount) FILTER (WHERE c.measure = 'nda-pending'), 0) AS nda_pending,
      coalesce(sum(c.amount) FILTER (WHERE c.measure = 'nda-approved'), 0) AS nda_approved,
      coalesce(sum(c.amount) FILTER (WHERE c.measure = 'nda-declined'), 0) AS nda_declined,
      coalesce(sum(c.amount) FILTER (WHERE c.measure = 'nda-withdrawn'), 0) AS nda_withdrawn,
      coalesce(sum(c.amount) FILTER (WHERE c.measure = 'investments'), 0) AS investments,
      coalesce(sum(c.amount) FILTER (WHERE c.measure = 'invested'), 0) AS invested
    FROM change c
    WHERE c.pitch_id IS NOT NULL AND c.measure <> 'published'
    GROUP BY c.pitch_id
  ), known AS (
    -- A pitch is counted from its own first change on, which is older than all others of it, until it is removed. What
    -- is left of a removed one is dropped: all that it had is taken from its creator below.
    SELECT b.*, coalesce(s.creator_id, b.maker) AS creator_id
    FROM by_pitch b LEFT JOIN pitch_statistics s ON s.pitch_id = b.pitch_id
    WHERE b.made >= 0 AND (s.pitch_id IS NOT NULL OR b.made > 0)
  ), removed AS (
    DELETE FROM pitch_statistics s USING by_pitch b WHERE s.pitch_id = b.pitch_id AND b.made < 0
    RETURNING s.*
  ), removed_days AS (
    DELETE FROM pitch_daily d USING by_pitch b WHERE d.pitch_id = b.pitch_id AND b.made < 0
    RETURNING d.*
  ), pitches_counted AS (
    INSERT INTO pitch_statistics AS s (
      pitch_id, creator_id, views, likes, saves,
      nda_pending, nda_approved, nda_declined, nda_withdrawn, investments, invested
    )
    SELECT
      k.pitch_id, k.creator_id, k.views, k.likes, k.saves,
      k.nda_pending, k.nda_approved, k.nda_declined, k.nda_withdrawn, k.investments, k.invested
    FROM known k
    ON CONFLICT (pitch_id) DO UPDATE SET
      views = s.views + excluded.views,
      likes = s.likes + excluded.likes,
      saves = s.saves + excluded.saves,
      nda_pending = s.nda_pending + excluded.nda_pending,
      nda_approved = s.nda_approved + excluded.nda_approved,
      nda_declined = s.nda_declined + excluded.nda_declined,
      nda_withdrawn = s.nda_withdrawn + excluded.nda_withdrawn,
      investments = s.investments + excluded.investments,
      invested = s.invested + excluded.invested
    RETURNING s.pitch_id, s.views, s.likes
  ), counters_set AS (
    -- What lists show. Set and not added to, so that a counter cannot go astray from its count.
    UPDATE pitch_counters c
    SET views = s.views, likes = s.likes, score = popularity(s.views, s.likes, p.created_at)
    FROM pitches_counted s JOIN pitches p ON p.id = s.pitch_id
    WHERE c.pitch_id = s.pitch_id
      AND (c.views, c.likes, c.score) IS DISTINCT FROM (s.views, s.likes, popularity(s.views, s.likes, p.created_at))
  ), by_day AS (
    SELECT
      c.pitch_id,
      k.creator_id,
      c.day,
      coalesce(sum(c.amount) FILTER (WHERE c.measure = 'views'), 0) AS views,
      coalesce(sum(c.amount) FILTER (WHERE c.measure = 'likes'), 0) AS likes,
      coalesce(sum(c.amount) FILTER (WHERE c.measure = 'saves'), 0) AS saves
    FROM change c JOIN known k ON k.pitch_id = c.pitch_id
    WHERE c.day IS NOT NULL
    GROUP BY c.pitch_id, k.creator_id, c.day
  ), days_counted AS (
    INSERT INTO pitch_daily AS d (pitch_id, day, views, likes, saves)
    SELECT b.pitch_id, b.day, b.views, b.likes, b.saves FROM by_day b
    ON CONFLICT (pitch_id, day) DO UPDATE SET
      views = d.views + excluded.views,
      likes = d.likes + excluded.likes,
      saves = d.saves + excluded.saves
    RETURNING d.pitch_id, d.day, (d.views, d.likes, d.saves) = (0, 0, 0) AS is_empty
  ), creator_days_counted AS (
    INSERT INTO creator_daily AS d (creator_id, day, views)
    SELECT v.creator_id, v.day, sum(v.views)
    FROM (
      SELECT b.creator_id, b.day, b.views FROM by_day b
      UNION ALL
      SELECT r.creator_id, d.day, -d.views FROM removed_days d JOIN removed r ON r.pitch_id = d.pitch_id
    ) v
    WHERE v.views <> 0
    GROUP BY v.creator_id, v.day
    ON CONFLICT (creator_id, day) DO UPDATE SET views = d.views + excluded.views
    RETURNING d.creator_id, d.day, d.views = 0 AS is_empty
  ), creators_counted AS (
    INSERT INTO creator_statistics AS s (
      user_id, pitches, published, followers, views, likes, saves,
      nda_pending, nda_approved, nda_declined, nda_withdrawn, investments, invested
    )
    SELECT
      v.creator_id, sum(v.pitches), sum(v.published), sum(v.followers), sum(v.views), sum(v.likes), sum(v.saves),
      sum(v.nda_pending), sum(v.nda_approved), sum(v.nda_declined), sum(v.nda_withdrawn),
      sum(v.investments), sum(v.invested)
    FROM (
      SELECT
        k.creator_id, 0 AS pitches, 0 AS published, 0 AS followers, k.views, k.likes, k.saves,
        k.nda_pending, k.nda_approved, k.nda_declined, k.nda_withdrawn, k.investments, k.invested
      FROM known k
      UNION ALL
      SELECT
        r.creator_id, 0, 0, 0, -r.views, -r.likes, -r.saves,
        -r.nda_pending, -r.nda_approved, -r.nda_declined, -r.nda_withdrawn, -r.investments, -r.invested
      FROM removed r
      UNION ALL
      SELECT
        c.creator_id,
        CASE c.measure WHEN 'pitches' THEN c.amount ELSE 0 END,
        CASE c.measure WHEN 'published' THEN c.amount ELSE 0 END,
        CASE c.measure WHEN 'followers' THEN c.amount ELSE 0 END,
        0, 0, 0, 0, 0, 0, 0, 0, 0
      FROM change c WHERE c.creator_id IS NOT NULL
    ) v
    GROUP BY v.creator_id
    ON CONFLICT (user_id) DO UPDATE SET
      pitches = s.pitches + excluded.pitches,
      published = s.published + excluded.published,
      followers = s.followers + excluded.followers,
      views = s.views + excluded.views,
      likes = s.likes + excluded.likes,
      saves = s.saves + excluded.saves,
      nda_pending = s.nda_pending + excluded.nda_pending,
      nda_approved = s.nda_approved + excluded.nda_approved,
      nda_declined = s.nda_declined + excluded.nda_declined,
      nda_withdrawn = s.nda_withdrawn + excluded.nda_withdrawn,
      investments = s.investments + excluded.investments,
      invested = s.invested + excluded.invested
    RETURNING s.user_id, (s.pitches, s.followers) = (0, 0) AS is_empty
  ), genres_counted AS (
    INSERT INTO genre_counts AS g (genre, published)
    SELECT c.genre, sum(c.amount) FROM change c WHERE c.measure = 'published' GROUP BY c.genre
    ON CONFLICT (genre) DO UPDATE SET published = g.published + excluded.published
  )
  SELECT
    (SELECT count(*) FROM change),
    ARRAY(
      SELECT k.pitch_id FROM known k WHERE k.made > 0
      UNION
      SELECT d.pitch_id FROM by_day d WHERE (d.views, d.likes) <> (0, 0)
    ),
    ARRAY(SELECT b.pitch_id FROM by_pitch b WHERE b.made < 0),
    ARRAY(SELECT d.pitch_id FROM days_counted d WHERE d.is_empty ORDER BY d.pitch_id, d.day),
    ARRAY(SELECT d.day FROM days_counted d WHERE d.is_empty ORDER BY d.pitch_id, d.day),
    ARRAY(SELECT c.user_id FROM creators_counted c WHERE c.is_empty),
    ARRAY(SELECT d.creator_id FROM creator_days_counted d WHERE d.is_empty ORDER BY d.creator_id, d.day),
    ARRAY(SELECT d.day FROM creator_days_counted d WHERE d.is_empty ORDER BY d.creator_id, d.day)
  INTO folded, touched, removed_pitches, empty_pitches, empty_days, empty_creators, empty_creator_ids, empty_creator_days;

  DELETE FROM pitch_daily d USING unnest(empty_pitches, empty_days) AS e (pitch_id, day)
  WHERE d.pitch_id = e.pitch_id AND d.day = e.day;
  DELETE FROM creator_daily d USING unnest(empty_creator_ids, empty_creator_days) AS e (creator_id, day)
  WHERE d.creator_id = e.creator_id AND d.day = e.day;
  DELETE FROM creator_statistics s WHERE s.user_id = ANY (empty_creators);
  DELETE FROM genre_counts g WHERE g.published = 0;
  DELETE FROM trending_pitches t WHERE t.pitch_id = ANY (removed_pitches);
  PERFORM derive_trends(touched);

  RETURN folded;
END
$$;

-- Counts at most `most` changes, the oldest first, and tells how many it counted; 0 when nothing is left, when a run
-- of this or a later scheduled time found nothing left, or while another session counts. Waits for nobody's lock longer
-- than 200 ms, and fails then; shorter than deadlock_timeout, so that in a knot with somebody who deletes a pitch this
-- one gives way. It reads few rows of large tables by their keys, also where the planner knows of no growth yet.
CREATE FUNCTION fold_statistics(scheduled timestamptz, most int) RETURNS int
LANGUAGE plpgsql SET search_path = public, pg_temp SET lock_timeout = '200ms' SET enable_seqscan = off
  SET work_mem = '16MB' AS $$
DECLARE
  -- A clock that runs ahead must not keep the runs to come from counting.
  turn timestamptz(3) := date_trunc('milliseconds', least($1, now()));
  folded int := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('marketplace.statistics', 0)) THEN
    RETURN 0;
  END IF;
  -- A statement after the lock's, so that it sees what whoever had the lock before has done.
  IF EXISTS (SELECT FROM statistics_state s WHERE s.scheduled_at >= turn) THEN
    RETURN 0;
  END IF;
  -- An empty queue is the usual one of a quiet site: not worth the planning of a fold.
  IF EXISTS (SELECT FROM statistics_changes) THEN
    folded := fold_changes(most);
  END IF;
  -- Fewer than asked for: in a snapshot younger than this transaction nothing was left.
  IF folded < most THEN
    INSERT INTO statistics_state AS s (as_of, scheduled_at) VALUES (date_trunc('milliseconds', now()), turn)
    ON CONFLICT (is_single) DO UPDATE SET as_of = excluded.as_of, scheduled_at = excluded.scheduled_at;
  END IF;
  RETURN folded;
END
$$;

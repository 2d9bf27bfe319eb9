-- Counts that are read often and may be some minutes old. Writers only insert into the queue; fold_statistics(), which
-- the five-minute cron sends, takes changes out of it and adds them to the tables below, in one transaction: a change
-- is counted exactly once, however often and by whomever it is sent, and one that commits late is merely counted later
-- (a time or a number as high-water mark would have passed it by). No table here has a foreign key: its locks would
-- make writers wait for a fold. Nobody else may write here, nor to pitch_counters.

-- What happened and is not counted yet: `amount` more (or fewer) of `measure`.
CREATE TABLE statistics_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- 'views', 'likes' and 'saves' of a pitch on a day; 'nda-pending', 'nda-approved', …, 'investments' and 'invested'
  -- (whole dollars) of a pitch; 'pitches' and 'published' of a creator; 'followers' of a creator.
  measure text NOT NULL,
  amount bigint NOT NULL,
  pitch_id uuid,
  creator_id uuid,
  day date,
  genre text
) WITH (
  -- It is filled and emptied all day: vacuumed by what is dead in it, not by how large it is at that moment.
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000
);

-- By day (UTC). `views` is the only long record of them: pitch_views is forgotten after some days. A like counts on the
-- day it was given, and a retracted one no longer. A row of zeros is no row.
CREATE TABLE pitch_daily (
  pitch_id uuid NOT NULL,
  day date NOT NULL,
  views int NOT NULL,
  likes int NOT NULL,
  saves int NOT NULL,
  PRIMARY KEY (pitch_id, day)
) WITH (fillfactor = 90);

-- One row for each pitch, from the first fold after it was made.
CREATE TABLE pitch_statistics (
  pitch_id uuid PRIMARY KEY,
  creator_id uuid NOT NULL,
  views bigint NOT NULL DEFAULT 0,
  likes bigint NOT NULL DEFAULT 0,
  saves bigint NOT NULL DEFAULT 0,
  nda_pending bigint NOT NULL DEFAULT 0,
  nda_approved bigint NOT NULL DEFAULT 0,
  nda_declined bigint NOT NULL DEFAULT 0,
  nda_withdrawn bigint NOT NULL DEFAULT 0,
  -- Standing ones, and what they come to.
  investments bigint NOT NULL DEFAULT 0,
  invested bigint NOT NULL DEFAULT 0,
  -- The part of `views` and `likes` that came with the pitch's counters and that no day and no row explains.
  carried_views bigint NOT NULL DEFAULT 0,
  carried_likes bigint NOT NULL DEFAULT 0
);

-- Serves statistics.dashboard.
CREATE INDEX pitch_statistics_top ON pitch_statistics (creator_id, views DESC, pitch_id DESC);

-- Always the sum over the creator's pitches. A row of zeros is no row.
CREATE TABLE creator_daily (
  creator_id uuid NOT NULL,
  day date NOT NULL,
  views bigint NOT NULL,
  PRIMARY KEY (creator_id, day)
) WITH (fillfactor = 90);

CREATE TABLE creator_statistics (
  user_id uuid PRIMARY KEY,
  pitches bigint NOT NULL,
  published bigint NOT NULL,
  followers bigint NOT NULL,
  views bigint NOT NULL,
  likes bigint NOT NULL,
  saves bigint NOT NULL,
  nda_pending bigint NOT NULL,
  nda_approved bigint NOT NULL,
  nda_declined bigint NOT NULL,
  nda_withdrawn bigint NOT NULL,
  investments bigint NOT NULL,
  invested bigint NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE genre_counts (
  genre text PRIMARY KEY,
  published bigint NOT NULL
);

-- Pitches of recent interest, see trend_scores(). What has faded is removed.
CREATE TABLE trending_pitches (
  pitch_id uuid PRIMARY KEY,
  score double precision NOT NULL
);

-- Serves statistics.trending.
CREATE INDEX trending_pitches_score ON trending_pitches (score DESC, pitch_id DESC);

-- One row: what was committed before `as_of` is counted. `scheduled_at`: the last run that found the queue empty.
CREATE TABLE statistics_state (
  is_single boolean PRIMARY KEY DEFAULT true CONSTRAINT statistics_state_single_check CHECK (is_single),
  as_of timestamptz(3) NOT NULL,
  scheduled_at timestamptz(3)
);

-- The triggers. Each says what an old row took away and a new one brings; names are qualified, since a search_path of
-- the function's own would cost more than the insert. TRUNCATE is not seen: rebuild_statistics() afterwards.

CREATE FUNCTION pitch_views_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.statistics_changes (measure, amount, pitch_id, day) VALUES ('views', 1, NEW.pitch_id, NEW.day);
  RETURN NULL;
END
$$;

-- Not on delete: forgetting who saw a pitch takes no view back.
CREATE TRIGGER pitch_views_statistics AFTER INSERT ON pitch_views
FOR EACH ROW EXECUTE FUNCTION pitch_views_change();

-- The argument is the measure.
CREATE FUNCTION reaction_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO public.statistics_changes (measure, amount, pitch_id, day)
    VALUES (TG_ARGV[0], -1, OLD.pitch_id, (OLD.created_at AT TIME ZONE 'UTC')::date);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO public.statistics_changes (measure, amount, pitch_id, day)
    VALUES (TG_ARGV[0], 1, NEW.pitch_id, (NEW.created_at AT TIME ZONE 'UTC')::date);
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER likes_statistics AFTER INSERT OR DELETE OR UPDATE OF pitch_id, created_at ON likes
FOR EACH ROW EXECUTE FUNCTION reaction_change('likes');

CREATE TRIGGER saved_pitches_statistics AFTER INSERT OR DELETE OR UPDATE OF pitch_id, created_at ON saved_pitches
FOR EACH ROW EXECUTE FUNCTION reaction_change('saves');

CREATE FUNCTION follows_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO public.statistics_changes (measure, amount, creator_id) VALUES ('followers', -1, OLD.creator_id);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO public.statistics_changes (measure, amount, creator_id) VALUES ('followers', 1, NEW.creator_id);
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER follows_statistics AFTER INSERT OR DELETE OR UPDATE OF creator_id ON follows
FOR EACH ROW EXECUTE FUNCTION follows_change();

CREATE FUNCTION nda_requests_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO public.statistics_changes (measure, amount, pitch_id) VALUES ('nda-' || OLD.status, -1, OLD.pitch_id);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO public.statistics_changes (measure, amount, pitch_id) VALUES ('nda-' || NEW.status, 1, NEW.pitch_id);
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER nda_requests_statistics AFTER INSERT OR DELETE OR UPDATE OF pitch_id, status ON nda_requests
FOR EACH ROW EXECUTE FUNCTION nda_requests_change();

CREATE FUNCTION investments_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.state <> 'withdrawn' THEN
    INSERT INTO public.statistics_changes (measure, amount, pitch_id)
    VALUES ('investments', -1, OLD.pitch_id), ('invested', -OLD.amount, OLD.pitch_id);
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.state <> 'withdrawn' THEN
    INSERT INTO public.statistics_changes (measure, amount, pitch_id)
    VALUES ('investments', 1, NEW.pitch_id), ('invested', NEW.amount, NEW.pitch_id);
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER investments_statistics AFTER INSERT OR DELETE OR UPDATE OF pitch_id, amount, state ON investments
FOR EACH ROW EXECUTE FUNCTION investments_change();

CREATE FUNCTION pitches_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO public.statistics_changes (measure, amount, pitch_id, creator_id, genre)
    SELECT measure, -1, OLD.id, OLD.user_id, OLD.genre FROM (VALUES ('pitches'), ('published')) AS m (measure)
    WHERE CASE measure WHEN 'pitches' THEN TG_OP = 'DELETE' ELSE OLD.status = 'published' END;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO public.statistics_changes (measure, amount, pitch_id, creator_id, genre)
    SELECT measure, 1, NEW.id, NEW.user_id, NEW.genre FROM (VALUES ('pitches'), ('published')) AS m (measure)
    WHERE CASE measure WHEN 'pitches' THEN TG_OP = 'INSERT' ELSE NEW.status = 'published' END;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER pitches_statistics_row AFTER INSERT OR DELETE ON pitches
FOR EACH ROW EXECUTE FUNCTION pitches_change();

CREATE TRIGGER pitches_statistics_update AFTER UPDATE OF status, genre ON pitches
FOR EACH ROW WHEN ((OLD.status, OLD.genre) IS DISTINCT FROM (NEW.status, NEW.genre))
EXECUTE FUNCTION pitches_change();

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
-- and need no touch. Kept as logarithms, which never grow out of their type. Of each pitch the 14 days up
-- to its last one with a view or a like count: before that it is below one percent. '-Infinity' where there is nothing.
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

-- Sets the counters that lists show of these pitches.
CREATE FUNCTION derive_counters(pitches uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE pitch_counters c
  SET views = s.views, likes = s.likes, score = popularity(s.views, s.likes, p.created_at)
  FROM pitch_statistics s JOIN pitches p ON p.id = s.pitch_id
  WHERE s.pitch_id = ANY ($1)
    AND c.pitch_id = s.pitch_id
    AND (c.views, c.likes, c.score) IS DISTINCT FROM (s.views, s.likes, popularity(s.views, s.likes, p.created_at));
END
$$;

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

-- Counts at most `most` changes, the oldest first, and tells how many it counted; 0 when nothing is left, when a run
-- of this or a later scheduled time found nothing left, or while another session counts. Waits for nobody's lock longer
-- than 200 ms, and fails then; shorter than deadlock_timeout, so that in a knot with somebody who deletes a pitch this
-- one gives way. It reads few rows of large tables by their keys, also where the planner knows of no growth yet.
CREATE FUNCTION fold_statistics(scheduled timestamptz, most int) RETURNS int
LANGUAGE plpgsql SET search_path = public, pg_temp SET lock_timeout = '200ms' SET enable_seqscan = off AS $$
DECLARE
  -- A clock that runs ahead must not keep the runs to come from counting.
  turn timestamptz(3) := date_trunc('milliseconds', least($1, now()));
  folded int;
  touched uuid[];
  removed_pitches uuid[];
  empty_pitches uuid[];
  empty_days date[];
  empty_creators uuid[];
  empty_creator_ids uuid[];
  empty_creator_days date[];
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('marketplace.statistics', 0)) THEN
    RETURN 0;
  END IF;
  IF EXISTS (SELECT FROM statistics_state s WHERE s.scheduled_at >= turn) THEN
    RETURN 0;
  END IF;

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
    WHERE c.pitch_id IS NOT NULL
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
  PERFORM derive_counters(touched);
  PERFORM derive_trends(touched);

  -- Fewer than asked for: in this snapshot, which is younger than the transaction, nothing was left.
  IF folded < most THEN
    INSERT INTO statistics_state AS s (as_of, scheduled_at) VALUES (date_trunc('milliseconds', now()), turn)
    ON CONFLICT (is_single) DO UPDATE SET as_of = excluded.as_of, scheduled_at = excluded.scheduled_at;
  END IF;
  RETURN folded;
END
$$;

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
        SELECT pitch_id, day, count(*) AS seen, 0 AS kept, 0 AS likes, 0 AS saves FROM pitch_views GROUP BY 1, 2
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
    JOIN pitches p ON p.id = e.pitch_id
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
  ANALYZE recounted_pitches, recounted_days, recounted_creators, recounted_creator_days;
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
  PERFORM derive_counters(ARRAY(SELECT p.pitch_id FROM recounted_pitches p));
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

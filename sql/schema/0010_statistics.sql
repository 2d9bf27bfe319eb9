-- Counts that are read often and may be some minutes old. Writers only insert into the queue; fold_statistics() of the
-- next file, which the five-minute cron sends, takes changes out of it and adds them to the tables below, in one
-- transaction: a change is counted exactly once, whoever sends that how often, and one that commits late is merely
-- counted later (a time or a number as high-water mark would have passed it by). No table here has a foreign key: its
-- locks would make writers wait for a fold. Nobody else may write here, nor to pitch_counters.

-- What happened and is not counted yet: `amount` more (or fewer) of `measure`.
CREATE TABLE statistics_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- 'views', 'likes' and 'saves' of a pitch on a day; 'nda-pending', 'nda-approved', …, 'investments' and 'invested'
  -- (whole dollars) of a pitch; 'pitches' and 'published' of a creator; 'followers' of a creator.
  measure text NOT NULL,
  amount int NOT NULL,
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

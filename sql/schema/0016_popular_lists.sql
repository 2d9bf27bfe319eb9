-- What a popular list filters by stands beside the score, so that one index has both: joined to the pitches, a filter
-- that few pass made a page walk all that are more popular. A fold brings it up to date, like the score, since whoever
-- publishes a pitch must not wait for a fold that holds its counters. NULL: not published when last looked at.
ALTER TABLE pitch_counters ADD COLUMN genre text, ADD COLUMN format text, ADD COLUMN production_stage text;

-- Pitches whose place in lists changed and is not looked at yet.
CREATE TABLE listing_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pitch_id uuid NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE FUNCTION pitches_listing_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.listing_changes (pitch_id) VALUES (NEW.id);
  RETURN NULL;
END
$$;

CREATE TRIGGER pitches_listing_insert AFTER INSERT ON pitches
FOR EACH ROW WHEN (NEW.status = 'published') EXECUTE FUNCTION pitches_listing_change();

CREATE TRIGGER pitches_listing_update AFTER UPDATE OF status, genre, format, production_stage ON pitches
FOR EACH ROW WHEN (
  'published' IN (OLD.status, NEW.status)
  AND (OLD.status, OLD.genre, OLD.format, OLD.production_stage)
    IS DISTINCT FROM (NEW.status, NEW.genre, NEW.format, NEW.production_stage)
)
EXECUTE FUNCTION pitches_listing_change();

-- What `pitch_counters` has to say of these pitches; of all where NULL is given.
CREATE FUNCTION derive_listings(changed uuid[]) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp AS $$
  UPDATE pitch_counters c
  SET genre = l.genre, format = l.format, production_stage = l.production_stage
  FROM (
    SELECT
      p.id,
      CASE p.status WHEN 'published' THEN p.genre END AS genre,
      CASE p.status WHEN 'published' THEN p.format END AS format,
      CASE p.status WHEN 'published' THEN p.production_stage END AS production_stage
    FROM pitches p
    WHERE $1 IS NULL OR p.id = ANY ($1)
  ) l
  WHERE c.pitch_id = l.id
    AND (c.genre, c.format, c.production_stage) IS DISTINCT FROM (l.genre, l.format, l.production_stage)
$$;

-- Looks at the oldest `most` of them, and tells how many there were. For fold_statistics() alone.
CREATE FUNCTION fold_listings(most int) RETURNS int
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  changed uuid[];
BEGIN
  WITH change AS (
    DELETE FROM listing_changes WHERE ctid = ANY (ARRAY(
      SELECT c.ctid FROM listing_changes c ORDER BY c.id LIMIT most
    ))
    RETURNING pitch_id
  )
  SELECT array_agg(pitch_id) INTO changed FROM change;
  -- A statement after: what a pitch is now is at least as new as the change that told of it.
  PERFORM derive_listings(changed) WHERE changed IS NOT NULL;
  RETURN coalesce(cardinality(changed), 0);
END
$$;

-- As before, and the listings: each queue gives at most `most`, so `folded` is what the fuller of them gave.
CREATE OR REPLACE FUNCTION fold_statistics(scheduled timestamptz, most int) RETURNS int
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
  IF EXISTS (SELECT FROM listing_changes) THEN
    folded := fold_listings(most);
  END IF;
  IF EXISTS (SELECT FROM statistics_changes) THEN
    folded := greatest(folded, fold_changes(most));
  END IF;
  -- Fewer than asked for: in a snapshot younger than this transaction nothing was left.
  IF folded < most THEN
    INSERT INTO statistics_state AS s (as_of, scheduled_at) VALUES (date_trunc('milliseconds', now()), turn)
    ON CONFLICT (is_single) DO UPDATE SET as_of = excluded.as_of, scheduled_at = excluded.scheduled_at;
  END IF;
  RETURN folded;
END
$$;

ALTER FUNCTION rebuild_statistics() RENAME TO rebuild_counts;

-- Counts everything anew, see rebuild_counts(), and brings all listings up to date.
CREATE FUNCTION rebuild_statistics() RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp SET work_mem = '64MB' AS $$
BEGIN
  PERFORM rebuild_counts(); -- takes the lock that keeps folds away
  DELETE FROM listing_changes;
  PERFORM derive_listings(NULL);
END
$$;

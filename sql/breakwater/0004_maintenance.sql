-- What the crons ask: which marks may go, and whose statistics are out of date.

-- What is older may be forgotten: 24 hours before the earlier of two clocks, this server's and the caller's. One clock
-- that runs ahead can then not shorten the retention.
CREATE FUNCTION breakwater.forget_before(caller_now timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN least(now(), caller_now) - interval '24 hours';

-- Days of marks that end before that, oldest first. `state`: 'attached'; 'pending', when DETACH PARTITION …
-- CONCURRENTLY was interrupted; 'detached', when only the table is left. What is named otherwise than by
-- ensure_partitions() is not ours to drop: rename a day to keep it.
CREATE FUNCTION breakwater.old_marks(caller_now timestamptz) RETURNS TABLE (partition text, state text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT
    c.relname::text,
    CASE WHEN i.inhrelid IS NULL THEN 'detached' WHEN i.inhdetachpending THEN 'pending' ELSE 'attached' END
  FROM pg_class c
  LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND i.inhparent = 'breakwater.marks'::regclass
  WHERE c.relnamespace = 'breakwater'::regnamespace
    AND c.relkind = 'r'
    AND c.relispartition = (i.inhrelid IS NOT NULL)
    AND c.relname ~ '^marks_[0-9]{8}$'
    AND c.relname::text COLLATE "C" < 'marks_' || to_char(breakwater.forget_before($1) AT TIME ZONE 'UTC', 'YYYYMMDD')
    -- The name says which day it is; the bound, while there is one, has to say so as well.
    AND coalesce(
      substring(pg_get_expr(c.relpartbound, c.oid) FROM $re$TO \('([0-9a-f-]{36})'\)$re$)::uuid
        <= breakwater.first_id(breakwater.forget_before($1)),
      i.inhrelid IS NULL
    )
  ORDER BY c.relname
$$;

-- Drops old days that are detached, or whose detaching was interrupted; `busy` could not be dropped now, because a
-- transaction left open still holds one, or another run is at it. Never locks `marks` against its readers and writers.
CREATE FUNCTION breakwater.drop_old_marks(caller_now timestamptz) RETURNS TABLE (dropped int, busy int)
-- Shorter than deadlock_timeout (1 s): in a knot with another session this one gives way.
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
  old record;
  -- FINALIZE waits for all older snapshots: two at once would wait for each other.
  is_ours boolean := pg_try_advisory_xact_lock(hashtextextended('breakwater.drop_old_marks', 0));
BEGIN
  dropped := 0;
  busy := 0;
  FOR old IN SELECT m.partition, m.state FROM breakwater.old_marks($1) m WHERE m.state <> 'attached' LOOP
    BEGIN
      IF NOT is_ours THEN
        RAISE lock_not_available;
      END IF;
      IF old.state = 'pending' THEN
        EXECUTE format('ALTER TABLE breakwater.marks DETACH PARTITION breakwater.%I FINALIZE', old.partition);
      END IF;
      EXECUTE format('DROP TABLE breakwater.%I', old.partition);
      dropped := dropped + 1;
    EXCEPTION
      -- The last two: whoever detaches it just now was faster.
      WHEN lock_not_available OR deadlock_detected OR undefined_table OR object_not_in_prerequisite_state THEN
        busy := busy + 1;
    END;
  END LOOP;
  RETURN NEXT;
END
$$;

-- Tables of the application whose statistics are out of date: more than 1,000 rows and 2 % changed since they were
-- taken (autovacuum waits for 10 %). `permitted`: this role may analyse it; ANALYZE itself would only warn.
CREATE FUNCTION breakwater.stale_statistics() RETURNS TABLE (relation text, changed bigint, permitted boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT
    format('%I.%I', s.schemaname, s.relname),
    s.n_mod_since_analyze,
    pg_has_role(c.relowner, 'USAGE')
      OR (SELECT pg_has_role(d.datdba, 'USAGE') FROM pg_database d WHERE d.datname = current_database())
      -- The privilege exists from PostgreSQL 17 on; before, asking for it is an error.
      OR CASE WHEN current_setting('server_version_num')::int >= 170000 THEN has_table_privilege(c.oid, 'MAINTAIN') END
      IS TRUE
  FROM pg_stat_user_tables s
  JOIN pg_class c ON c.oid = s.relid
  WHERE s.schemaname <> 'breakwater'
    AND c.relpersistence <> 't'
    AND s.n_mod_since_analyze > 1000
    AND s.n_mod_since_analyze > 0.02 * greatest(c.reltuples, 0)
  ORDER BY s.n_mod_since_analyze / greatest(c.reltuples, 1000) DESC, 1
$$;

-- Takes the statistics of the one table that needs it most and is not among `tried`: one a call, so that no lock
-- outlives its table. `outcome`: 'analysed', 'locked' (somebody alters or vacuums it) or 'failed' (the server's log
-- says why); NULL with no `relation` when there is none. `remaining` need it still; `refused` this role may not analyse.
CREATE FUNCTION breakwater.refresh_statistics(tried text[])
RETURNS TABLE (relation text, outcome text, remaining int, refused int)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $$
BEGIN
  SELECT
    (array_agg(s.relation) FILTER (WHERE s.permitted))[1],
    greatest(count(*) FILTER (WHERE s.permitted) - 1, 0),
    count(*) FILTER (WHERE NOT s.permitted)
  INTO relation, remaining, refused
  FROM breakwater.stale_statistics() s
  WHERE s.relation <> ALL ($1);
  IF relation IS NOT NULL THEN
    BEGIN
      EXECUTE 'ANALYZE ' || relation; -- quoted where it was made
      outcome := 'analysed';
    EXCEPTION
      WHEN lock_not_available THEN
        outcome := 'locked';
      WHEN OTHERS THEN
        RAISE WARNING 'breakwater: ANALYZE % failed: %', relation, SQLERRM;
        outcome := 'failed';
    END;
  END IF;
  RETURN NEXT;
END
$$;

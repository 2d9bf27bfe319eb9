-- Bodies in standard SQL (RETURN) are bound to what they call now: no caller's search_path can change their meaning.

-- Milliseconds in a version 7 UUID. PostgreSQL has its own from 17 on; this one works from 15.
CREATE FUNCTION breakwater.ms(id uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ('x0000' || substr(id::text, 1, 8) || substr(id::text, 10, 4))::bit(64)::bigint;

-- The smallest id of that moment: partitions are bounded by it.
CREATE FUNCTION breakwater.first_id(t timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (lpad(to_hex((extract(epoch FROM t) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;

-- A version 7 UUID, for those who write marks from SQL.
CREATE FUNCTION breakwater.new_id() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN (
  lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
  || substr(md5(gen_random_uuid()::text), 1, 3) || substr(replace(gen_random_uuid()::text, '-', ''), 17)
)::uuid;

-- One row a write batch: visible exactly where its data is. Partitioned by id and not by time of arrival, so that an
-- original and a claim of the same id always meet the same unique index. There is no default partition: what is past
-- its retention is refused.
CREATE TABLE breakwater.marks (
  id uuid NOT NULL DEFAULT breakwater.new_id(),
  tags text[] NOT NULL,
  -- 'w': a write; 'v': a claim that won, so the write never was; 'b': a barrier.
  kind "char" NOT NULL DEFAULT 'w' CONSTRAINT marks_kind_check CHECK (kind IN ('w', 'v', 'b')),
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- Serves breakwater.outbox: what was committed since the last sample.
CREATE INDEX marks_xid ON breakwater.marks (xid);

-- Makes the partitions that are missing from yesterday to `days_ahead` days from now (UTC), and tells how many those
-- were. Safe to run at any time, by several at once. Each is made apart and then attached: CREATE TABLE … PARTITION OF
-- locks `marks` against everybody, so that one writer left open would stop all the others and every reader of marks.
CREATE FUNCTION breakwater.ensure_partitions(days_ahead int DEFAULT 3) RETURNS int
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  today timestamptz := date_trunc('day', clock_timestamp(), 'UTC');
  midnight timestamptz;
  partition text;
  made int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('breakwater.ensure_partitions', 0));
  FOR day IN -1..days_ahead LOOP
    midnight := today + day * interval '24 hours';
    partition := 'marks_' || to_char(midnight AT TIME ZONE 'UTC', 'YYYYMMDD');
    CONTINUE WHEN to_regclass('breakwater.' || partition) IS NOT NULL;
    EXECUTE format(
      'CREATE TABLE breakwater.%I (LIKE breakwater.marks INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition
    );
    EXECUTE format(
      'ALTER TABLE breakwater.marks ATTACH PARTITION breakwater.%I FOR VALUES FROM (%L) TO (%L)',
      partition,
      breakwater.first_id(midnight),
      breakwater.first_id(midnight + interval '24 hours')
    );
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$;

-- Seals a write. Ids far from this server's clock are refused (BW002): an original that arrives after everybody
-- forgot it must not commit.
CREATE FUNCTION breakwater.mark(id uuid, tags text[], epoch bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM breakwater.in_epoch($3);
  IF abs(extract(epoch FROM clock_timestamp()) * 1000 - breakwater.ms($1)) > 600000 THEN
    RAISE EXCEPTION 'breakwater: late or early mark' USING ERRCODE = 'BW002';
  END IF;
  INSERT INTO breakwater.marks (id, tags) VALUES ($1, $2);
END
$$;

-- Settles a write whose answer was lost; the same answer to everybody, however often: 'committed', 'void' (it never
-- was and never will be) or 'expired' (too old to be known). Waits for an original that still runs.
CREATE FUNCTION breakwater.claim(id uuid, tags text[], epoch bigint) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found_kind "char";
BEGIN
  PERFORM breakwater.in_epoch($3);
  BEGIN
    INSERT INTO breakwater.marks (id, tags, kind) VALUES ($1, $2, 'v') ON CONFLICT DO NOTHING;
  EXCEPTION WHEN check_violation THEN
    RETURN 'expired';
  END;
  IF FOUND THEN
    RETURN 'void';
  END IF;
  SELECT m.kind INTO STRICT found_kind FROM breakwater.marks m WHERE m.id = $1;
  RETURN CASE found_kind WHEN 'w' THEN 'committed' ELSE 'void' END;
END
$$;

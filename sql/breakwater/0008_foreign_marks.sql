-- Marks of those who write past Breakwater: a job in psql, another service. In the transaction that writes:
--   SELECT breakwater.touch('pitches', 'pitch:0199a3c1-7b1e-7cc0-8f5e-3d2a9b4c5d6e');
-- What is cached under these tags is old as soon as somebody looks at the primary (docs/design/bumps.md). Needs neither the
-- epoch nor an id: where a mark is found, it is on the line that counts. Who may call it: whoever may INSERT into marks.
CREATE FUNCTION breakwater.touch(VARIADIC tags text[]) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  mark uuid := breakwater.new_id();
BEGIN
  -- 32: what a write of the Worker's own may carry.
  IF coalesce(cardinality($1), 0) NOT BETWEEN 1 AND 32 OR array_position($1, NULL) IS NOT NULL THEN
    RAISE EXCEPTION 'breakwater: a mark carries 1 to 32 tags, none of them null' USING ERRCODE = '22023';
  END IF;
  INSERT INTO breakwater.marks (id, tags) VALUES (mark, $1);
  RETURN mark;
END
$$;

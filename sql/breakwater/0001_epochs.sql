-- Which primary's line of history is the present one. Rows are made by the ReplicaCoordinator alone, on the new primary.
CREATE TABLE breakwater.epochs (
  epoch bigint PRIMARY KEY,
  parent bigint NOT NULL,
  -- The last xmin sampled on the promoted node while it was in recovery: what older tokens may have seen and still is there.
  switch_xmin xid8,
  timeline text,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);

INSERT INTO breakwater.epochs (epoch, parent) VALUES (1, 0);

-- Refuses (BW001) unless this node takes writes and is in the epoch that the writer means.
CREATE FUNCTION breakwater.in_epoch(want bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  here bigint := (SELECT max(epoch) FROM breakwater.epochs);
BEGIN
  IF pg_is_in_recovery() OR here IS DISTINCT FROM want THEN
    RAISE EXCEPTION 'breakwater: epoch % here, % wanted', here, want USING ERRCODE = 'BW001';
  END IF;
  RETURN here;
END
$$;

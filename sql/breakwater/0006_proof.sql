-- What a node can prove to a session, as one text: which of the session's marks are seen (a bit each, from the second on),
-- the snapshot's bounds, the process, the node's role, and the epochs since the session's own. A function, for its plans
-- are kept as long as the connection is; STABLE, so that it sees what the statement sees that calls it, and nothing newer.
-- In parallel it stays with the leader, as the functions it calls must.
CREATE FUNCTION breakwater.proof(ids uuid[], since bigint) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  own int;
  known text;
BEGIN
  SELECT bit_or(1 << array_position(ids, m.id)) INTO own
  FROM breakwater.marks m WHERE m.id = ANY(ids) AND m.kind = 'w';
  SELECT string_agg(concat(e.epoch, ':', e.switch_xmin), ',') INTO known
  FROM breakwater.epochs e WHERE e.epoch >= since;
  RETURN concat(
    own, ' ', pg_snapshot_xmin(pg_current_snapshot()), ' ', pg_snapshot_xmax(pg_current_snapshot()), ' ',
    extract(epoch FROM pg_postmaster_start_time()), ' ',
    extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time()), ' ', pg_is_in_recovery(), ' ', known
  );
END
$$;

-- What a node can prove to an answer that will be shared: all that `breakwater.proof` says, then which of these bumps are
-- seen (their places in the list, from 0; of whatever kind, since a claimed mark will never be written), and the process
-- by the name that samples give it.
CREATE FUNCTION breakwater.fill_proof(ids uuid[], since bigint, bumps uuid[]) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held text;
BEGIN
  SELECT string_agg((array_position(bumps, m.id) - 1)::text, ',') INTO held FROM breakwater.marks m WHERE m.id = ANY(bumps);
  RETURN concat(
    breakwater.proof(ids, since), ' ', held, ' ',
    (extract(epoch FROM pg_postmaster_start_time()) * 1000)::bigint, '.',
    (coalesce(extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time()), 0) * 1000)::bigint
  );
END
$$;

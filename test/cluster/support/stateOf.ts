import type { Client } from "pg";

/** Digests by table of everything that the marketplace keeps. */
export async function stateOf(client: Client): Promise<Readonly<Record<string, string>>> {
  const { rows } = await client.query<{ state: Record<string, string> }>("SELECT pg_temp.state() AS state");
  return rows[0]?.state ?? {};
}

/** Makes the function that `stateOf` calls, for this connection. */
export async function prepareStateOf(client: Client): Promise<void> {
  await client.query(`
CREATE FUNCTION pg_temp.state() RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  name text;
  digest text;
  state jsonb := '{}';
BEGIN
  FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '''')) FROM %s t', name)
    INTO digest;
    state := state || jsonb_build_object(name, digest);
  END LOOP;
  RETURN state;
END
$$`);
}

-- What requests with an idempotency key did: a repeat is answered from here. `key` is a digest of account and key.
CREATE TABLE breakwater.requests (
  key bytea PRIMARY KEY,
  mark uuid NOT NULL,
  -- Digest of all that the request asked for: the same key with another one is refused.
  fingerprint bytea NOT NULL,
  result jsonb,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Serves breakwater.forget-requests: the clean-up by age of a table in order of age.
CREATE INDEX requests_at ON breakwater.requests USING brin (at);

-- The first statement of every write batch. Bounds the waits of the transaction, takes the idempotency key if there
-- is one (a running first attempt is waited for; BW003 when it committed), and seals the batch with its mark.
CREATE FUNCTION breakwater.begin_write(
  mark uuid,
  tags text[],
  epoch bigint,
  timeout_ms int,
  key bytea DEFAULT NULL,
  fingerprint bytea DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  bound_ms int := greatest($4, 1); -- 0 would mean for ever
BEGIN
  -- Earlier than the transaction's end, which would cost the connection as well.
  PERFORM set_config('lock_timeout', greatest(bound_ms - bound_ms / 10, 1)::text, true);
  IF current_setting('server_version_num')::int >= 170000 THEN
    PERFORM set_config('transaction_timeout', bound_ms::text, true);
  ELSE
    PERFORM set_config('statement_timeout', bound_ms::text, true);
    PERFORM set_config('idle_in_transaction_session_timeout', bound_ms::text, true);
  END IF;
  -- Before the key: a node of another line would wait for, or refuse, a key that means nothing there. mark() asks
  -- again, after the wait.
  PERFORM breakwater.in_epoch($3);
  IF $5 IS NOT NULL THEN
    INSERT INTO breakwater.requests (key, mark, fingerprint) VALUES ($5, $1, $6) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'breakwater: this key was used before' USING ERRCODE = 'BW003';
    END IF;
  END IF;
  PERFORM breakwater.mark($1, $2, $3);
END
$$;

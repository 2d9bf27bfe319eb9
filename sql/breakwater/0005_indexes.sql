-- What was done to indexes, one row an action, written before it (`begun`) and after: whatever is killed in between,
-- every row stays true, and what became of a `begun` is asked of the catalogue. Rows are only ever added.
CREATE TABLE breakwater.index_ledger (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  by text NOT NULL,
  -- Of the index, in the schema of its table.
  name text NOT NULL,
  relation text NOT NULL,
  phase int NOT NULL,
  -- `adopt`: found as the catalogue wants it, made by somebody else. `pause`: not started, because something was unwell.
  action text NOT NULL
    CONSTRAINT index_ledger_action_check CHECK (action IN ('build', 'drop', 'rename', 'adopt', 'analyze', 'pause')),
  state text NOT NULL
    CONSTRAINT index_ledger_state_check CHECK (state IN ('begun', 'done', 'failed', 'blocked', 'cancelled')),
  -- What was sent.
  statement text NOT NULL,
  -- As pg_get_indexdef told it: of what was built or adopted, or of what was dropped, to make it again.
  definition text,
  detail text
);

-- Serves indexes.ledger: the actions of some indexes in their order.
CREATE INDEX index_ledger_name ON breakwater.index_ledger (name, id);

CREATE TABLE password_resets (
  id uuid PRIMARY KEY,
  -- SHA-256 of the token, never the token.
  token_hash bytea NOT NULL CONSTRAINT password_resets_token_hash_key UNIQUE,
  user_id uuid NOT NULL CONSTRAINT password_resets_user_id_fkey REFERENCES users ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3)
);

-- What was done with accounts and agreements, by whom. Ids alone: it outlives those it names, and holds nothing of them.
CREATE TABLE audit_log (
  id uuid PRIMARY KEY,
  at timestamptz(3) NOT NULL DEFAULT now(),
  actor_id uuid,
  action text NOT NULL CONSTRAINT audit_log_action_check CHECK (length(action) BETWEEN 1 AND 60),
  subject_kind text NOT NULL CONSTRAINT audit_log_subject_kind_check CHECK (length(subject_kind) BETWEEN 1 AND 30),
  subject_id uuid NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}'
);

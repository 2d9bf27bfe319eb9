CREATE TABLE users (
  id uuid PRIMARY KEY,
  email text NOT NULL CONSTRAINT users_email_check CHECK (length(email) BETWEEN 3 AND 254),
  name text NOT NULL CONSTRAINT users_name_check CHECK (length(name) BETWEEN 1 AND 100),
  role text NOT NULL CONSTRAINT users_role_check CHECK (role IN ('creator', 'investor', 'production')),
  -- A PHC string; '!' for accounts that nobody can sign in to.
  password_hash text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

-- One account an address, whatever its case. Serves accounts.by-email.
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  -- SHA-256 of the token, never the token: a leaked copy of this table opens no session.
  token_hash bytea NOT NULL CONSTRAINT sessions_token_hash_key UNIQUE,
  user_id uuid NOT NULL CONSTRAINT sessions_user_id_fkey REFERENCES users ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL
);

-- A marketplace as it may be before this one: tokens as they are, NDAs with a status, counters in the pitch, no tables
-- for searching, for what is counted or for threads.
CREATE TABLE users (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email varchar(255) NOT NULL,
  name varchar(255),
  password_hash text NOT NULL,
  created_at timestamptz DEFAULT now()
);
CREATE TABLE sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  token text NOT NULL,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at timestamptz DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE TABLE pitches (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  title varchar(255) NOT NULL,
  logline text,
  genre varchar(50),
  format varchar(50),
  production_stage varchar(50),
  status varchar(20) DEFAULT 'draft',
  view_count int DEFAULT 0,
  like_count int DEFAULT 0,
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
CREATE TABLE ndas (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  pitch_id uuid NOT NULL REFERENCES pitches ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  status varchar(20) DEFAULT 'pending',
  created_at timestamptz DEFAULT now()
);
CREATE TABLE notifications (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  type varchar(50),
  is_read boolean DEFAULT false,
  created_at timestamptz DEFAULT now()
);
INSERT INTO users (email, password_hash) SELECT 'person' || n || '@example.com', '!' FROM generate_series(1, 100) n;
INSERT INTO pitches (user_id, title, status) SELECT id, 'A pitch', 'published' FROM users;

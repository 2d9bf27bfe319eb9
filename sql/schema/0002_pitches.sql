CREATE TABLE pitches (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL CONSTRAINT pitches_user_id_fkey REFERENCES users ON DELETE CASCADE,
  title text NOT NULL CONSTRAINT pitches_title_check CHECK (length(title) BETWEEN 1 AND 200),
  logline text NOT NULL CONSTRAINT pitches_logline_check CHECK (length(logline) BETWEEN 1 AND 1000),
  genre text NOT NULL CONSTRAINT pitches_genre_check CHECK (genre IN (
    'drama', 'comedy', 'action', 'adventure', 'thriller', 'horror', 'romantic-comedy', 'musical', 'documentary',
    'western', 'black-comedy', 'concert-performance', 'other'
  )),
  format text NOT NULL CONSTRAINT pitches_format_check CHECK (format IN ('feature', 'tv', 'short', 'webseries', 'other')),
  production_stage text NOT NULL CONSTRAINT pitches_production_stage_check CHECK (production_stage IN (
    'concept', 'script', 'development', 'pre-production', 'production', 'post-production', 'completed'
  )),
  status text NOT NULL DEFAULT 'draft' CONSTRAINT pitches_status_check CHECK (status IN ('draft', 'published', 'archived')),
  -- Milliseconds: a cursor carries them as they are.
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);

-- Counters apart from what they count: a view changes a narrow row (HOT, with room kept free on its page) and leaves
-- the pitch, its indexes and its readers alone. `score` is the popularity, set by a job and never by a view.
CREATE TABLE pitch_counters (
  pitch_id uuid PRIMARY KEY CONSTRAINT pitch_counters_pitch_id_fkey REFERENCES pitches ON DELETE CASCADE,
  likes int NOT NULL DEFAULT 0,
  views int NOT NULL DEFAULT 0,
  score double precision NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

CREATE TABLE likes (
  user_id uuid NOT NULL CONSTRAINT likes_user_id_fkey REFERENCES users ON DELETE CASCADE,
  pitch_id uuid NOT NULL CONSTRAINT likes_pitch_id_fkey REFERENCES pitches ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, pitch_id)
);

CREATE TABLE follows (
  follower_id uuid NOT NULL CONSTRAINT follows_follower_id_fkey REFERENCES users ON DELETE CASCADE,
  creator_id uuid NOT NULL CONSTRAINT follows_creator_id_fkey REFERENCES users ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (follower_id, creator_id),
  CONSTRAINT follows_other_check CHECK (follower_id <> creator_id)
);

CREATE TABLE saved_pitches (
  user_id uuid NOT NULL CONSTRAINT saved_pitches_user_id_fkey REFERENCES users ON DELETE CASCADE,
  pitch_id uuid NOT NULL CONSTRAINT saved_pitches_pitch_id_fkey REFERENCES pitches ON DELETE CASCADE,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, pitch_id)
);

-- Who saw a pitch on which day: a reload is no other view. Only inserts; the refresh of the statistics counts them, so
-- that a hot pitch has no row for which its viewers queue. No foreign key, since that would lock the pitch itself for
-- each view. Forgotten after some days.
CREATE TABLE pitch_views (
  pitch_id uuid NOT NULL,
  day date NOT NULL,
  -- Of the account, or of what a visitor's browser shows: a digest that holds for its day.
  viewer bytea NOT NULL CONSTRAINT pitch_views_viewer_check CHECK (length(viewer) = 16),
  PRIMARY KEY (pitch_id, day, viewer)
);

CREATE TABLE investments (
  id uuid PRIMARY KEY,
  pitch_id uuid NOT NULL CONSTRAINT investments_pitch_id_fkey REFERENCES pitches ON DELETE CASCADE,
  -- The pitch's creator, who never changes.
  creator_id uuid NOT NULL CONSTRAINT investments_creator_id_fkey REFERENCES users ON DELETE CASCADE,
  investor_id uuid NOT NULL CONSTRAINT investments_investor_id_fkey REFERENCES users ON DELETE CASCADE,
  -- Whole dollars.
  amount bigint NOT NULL CONSTRAINT investments_amount_check CHECK (amount BETWEEN 1 AND 1000000000),
  state text NOT NULL DEFAULT 'interested' CONSTRAINT investments_state_check CHECK (state IN (
    'interested', 'negotiating', 'committed', 'withdrawn'
  )),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT investments_parties_check CHECK (creator_id <> investor_id)
);

-- One interest of an investor in a pitch; another amount changes it. Serves investments.set.
CREATE UNIQUE INDEX investments_standing_key ON investments (pitch_id, investor_id) WHERE state <> 'withdrawn';

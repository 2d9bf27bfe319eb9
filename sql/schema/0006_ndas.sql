CREATE TABLE nda_requests (
  id uuid PRIMARY KEY,
  pitch_id uuid NOT NULL CONSTRAINT nda_requests_pitch_id_fkey REFERENCES pitches ON DELETE CASCADE,
  -- The pitch's creator, who never changes: the inbox is a list of this table alone.
  creator_id uuid NOT NULL CONSTRAINT nda_requests_creator_id_fkey REFERENCES users ON DELETE CASCADE,
  requester_id uuid NOT NULL CONSTRAINT nda_requests_requester_id_fkey REFERENCES users ON DELETE CASCADE,
  status text NOT NULL DEFAULT 'pending' CONSTRAINT nda_requests_status_check CHECK (status IN (
    'pending', 'approved', 'declined', 'withdrawn'
  )),
  message text NOT NULL DEFAULT '' CONSTRAINT nda_requests_message_check CHECK (length(message) <= 1000),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  decided_at timestamptz(3),
  CONSTRAINT nda_requests_decided_check CHECK ((status = 'pending') = (decided_at IS NULL)),
  CONSTRAINT nda_requests_parties_check CHECK (creator_id <> requester_id)
);

-- One open request of a person for a pitch. Serves nda-requests.open.
CREATE UNIQUE INDEX nda_requests_open_key ON nda_requests (pitch_id, requester_id) WHERE status = 'pending';

CREATE TABLE ndas (
  id uuid PRIMARY KEY,
  pitch_id uuid NOT NULL CONSTRAINT ndas_pitch_id_fkey REFERENCES pitches ON DELETE CASCADE,
  -- Who signed.
  user_id uuid NOT NULL CONSTRAINT ndas_user_id_fkey REFERENCES users ON DELETE CASCADE,
  request_id uuid CONSTRAINT ndas_request_id_key UNIQUE
    CONSTRAINT ndas_request_id_fkey REFERENCES nda_requests ON DELETE SET NULL,
  signed_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  revoked_at timestamptz(3),
  CONSTRAINT ndas_expires_check CHECK (expires_at > signed_at)
);

-- One agreement of a person for a pitch; whether it has expired is a question of the clock. Serves ndas.in-force.
CREATE UNIQUE INDEX ndas_standing_key ON ndas (pitch_id, user_id) WHERE revoked_at IS NULL;

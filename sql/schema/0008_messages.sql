CREATE TABLE conversations (
  id uuid PRIMARY KEY,
  -- The two accounts in order, and the pitch if it is about one: two people who write to each other at once share a thread.
  topic text NOT NULL CONSTRAINT conversations_topic_key UNIQUE,
  pitch_id uuid CONSTRAINT conversations_pitch_id_fkey REFERENCES pitches ON DELETE SET NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

-- A thread as each of its people sees it. `last_message_at` stands here, beside whose list it orders.
CREATE TABLE conversation_participants (
  conversation_id uuid NOT NULL CONSTRAINT conversation_participants_conversation_id_fkey
    REFERENCES conversations ON DELETE CASCADE,
  user_id uuid NOT NULL CONSTRAINT conversation_participants_user_id_fkey REFERENCES users ON DELETE CASCADE,
  last_message_at timestamptz(3) NOT NULL DEFAULT now(),
  unread int NOT NULL DEFAULT 0 CONSTRAINT conversation_participants_unread_check CHECK (unread >= 0),
  PRIMARY KEY (conversation_id, user_id)
);

CREATE TABLE messages (
  id uuid PRIMARY KEY,
  conversation_id uuid NOT NULL CONSTRAINT messages_conversation_id_fkey REFERENCES conversations ON DELETE CASCADE,
  sender_id uuid NOT NULL CONSTRAINT messages_sender_id_fkey REFERENCES users ON DELETE CASCADE,
  -- Empty: its sender removed the account.
  body text NOT NULL CONSTRAINT messages_body_check CHECK (length(body) <= 5000),
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE notifications (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL CONSTRAINT notifications_user_id_fkey REFERENCES users ON DELETE CASCADE,
  kind text NOT NULL CONSTRAINT notifications_kind_check CHECK (kind IN (
    'nda-requested', 'nda-approved', 'nda-declined', 'message', 'follow', 'like', 'investment'
  )),
  actor_id uuid CONSTRAINT notifications_actor_id_fkey REFERENCES users ON DELETE CASCADE,
  pitch_id uuid CONSTRAINT notifications_pitch_id_fkey REFERENCES pitches ON DELETE CASCADE,
  -- The request, conversation or investment it tells of.
  subject_id uuid,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  read_at timestamptz(3)
);

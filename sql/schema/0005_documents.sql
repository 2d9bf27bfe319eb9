CREATE TABLE pitch_documents (
  id uuid PRIMARY KEY,
  pitch_id uuid NOT NULL CONSTRAINT pitch_documents_pitch_id_fkey REFERENCES pitches ON DELETE CASCADE,
  kind text NOT NULL CONSTRAINT pitch_documents_kind_check CHECK (kind IN (
    'script', 'treatment', 'budget', 'deck', 'schedule', 'other'
  )),
  title text NOT NULL CONSTRAINT pitch_documents_title_check CHECK (length(title) BETWEEN 1 AND 200),
  -- Where the bytes are kept; the database holds none.
  storage_key text NOT NULL CONSTRAINT pitch_documents_storage_key_key UNIQUE
    CONSTRAINT pitch_documents_storage_key_check CHECK (length(storage_key) BETWEEN 1 AND 300),
  bytes bigint NOT NULL CONSTRAINT pitch_documents_bytes_check CHECK (bytes > 0),
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

-- Made by `npm run generate` from the catalogue in this folder. Do not edit.

-- First: what is invalid, and who is building it. A leftover (no builder) goes with DROP INDEX CONCURRENTLY before its
-- name can be used again; a unique one with `enforced` rejects rows until then. Leave alone what has a builder.
SELECT c.relname AS name, i.indrelid::regclass AS "table", i.indisready AS maintained,
  i.indisunique AND i.indisready AS enforced, b.pid AS builder, b.phase
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
LEFT JOIN pg_stat_progress_create_index b ON b.index_relid = i.indexrelid
WHERE NOT i.indisvalid AND c.relkind = 'i'
ORDER BY 1;

-- What of the catalogue is there: `state` is 'valid' for each when all is done. 'another definition': an index of that
-- name that was not made from this catalogue. A table that is not there needs none of its indexes.
SELECT w.phase, w.name, CASE
    WHEN to_regclass('public.' || w.relation) IS NULL THEN 'no such table'
    WHEN i.indexrelid IS NULL THEN 'missing'
    WHEN b.pid IS NOT NULL AND NOT i.indisvalid THEN 'building'
    WHEN NOT i.indisvalid THEN 'leftover'
    WHEN i.indrelid <> to_regclass('public.' || w.relation) OR bare.is_there <> bare.is_wanted THEN 'another definition'
    ELSE 'valid'
  END AS state,
  w.wanted, pg_get_indexdef(i.indexrelid) AS is_there
FROM (VALUES
  (1, 'users_email_key', 'users',
    'CREATE UNIQUE INDEX users_email_key ON users (lower(email))'),
  (1, 'sessions_user', 'sessions',
    'CREATE INDEX sessions_user ON sessions (user_id)'),
  (2, 'sessions_expires', 'sessions',
    'CREATE INDEX sessions_expires ON sessions (expires_at)'),
  (1, 'pitches_newest', 'pitches',
    'CREATE INDEX pitches_newest ON pitches (created_at, id) WHERE status = ''published'''),
  (1, 'pitches_genre_newest', 'pitches',
    'CREATE INDEX pitches_genre_newest ON pitches (genre, created_at DESC, id DESC, format, production_stage) WHERE status = ''published'''),
  (1, 'pitches_format_newest', 'pitches',
    'CREATE INDEX pitches_format_newest ON pitches (format, created_at DESC, id DESC, production_stage) WHERE status = ''published'''),
  (3, 'pitches_stage_newest', 'pitches',
    'CREATE INDEX pitches_stage_newest ON pitches (production_stage, created_at DESC, id DESC) WHERE status = ''published'''),
  (1, 'pitches_creator_status_newest', 'pitches',
    'CREATE INDEX pitches_creator_status_newest ON pitches (user_id, status, created_at DESC, id DESC)'),
  (1, 'pitch_counters_popular', 'pitch_counters',
    'CREATE INDEX pitch_counters_popular ON pitch_counters (score DESC, pitch_id DESC, format, production_stage) WHERE genre IS NOT NULL'),
  (3, 'pitch_counters_genre_popular', 'pitch_counters',
    'CREATE INDEX pitch_counters_genre_popular ON pitch_counters (genre, score DESC, pitch_id DESC, format, production_stage) WHERE genre IS NOT NULL'),
  (3, 'pitch_search_document', 'pitch_search',
    'CREATE INDEX pitch_search_document ON pitch_search USING gin (document)'),
  (1, 'pitch_statistics_top', 'pitch_statistics',
    'CREATE INDEX pitch_statistics_top ON pitch_statistics (creator_id, views DESC, pitch_id DESC)'),
  (1, 'trending_pitches_score', 'trending_pitches',
    'CREATE INDEX trending_pitches_score ON trending_pitches (score DESC, pitch_id DESC)'),
  (1, 'ndas_standing_key', 'ndas',
    'CREATE UNIQUE INDEX ndas_standing_key ON ndas (pitch_id, user_id) WHERE revoked_at IS NULL'),
  (1, 'nda_requests_open_key', 'nda_requests',
    'CREATE UNIQUE INDEX nda_requests_open_key ON nda_requests (pitch_id, requester_id) WHERE status = ''pending'''),
  (2, 'nda_requests_creator_newest', 'nda_requests',
    'CREATE INDEX nda_requests_creator_newest ON nda_requests (creator_id, created_at DESC, id DESC)'),
  (2, 'nda_requests_requester_newest', 'nda_requests',
    'CREATE INDEX nda_requests_requester_newest ON nda_requests (requester_id, created_at DESC, id DESC)'),
  (2, 'pitch_documents_pitch', 'pitch_documents',
    'CREATE INDEX pitch_documents_pitch ON pitch_documents (pitch_id)'),
  (1, 'investments_standing_key', 'investments',
    'CREATE UNIQUE INDEX investments_standing_key ON investments (pitch_id, investor_id) WHERE state <> ''withdrawn'''),
  (2, 'investments_creator_newest', 'investments',
    'CREATE INDEX investments_creator_newest ON investments (creator_id, created_at DESC, id DESC)'),
  (2, 'investments_investor_newest', 'investments',
    'CREATE INDEX investments_investor_newest ON investments (investor_id, created_at DESC, id DESC)'),
  (2, 'follows_follower_newest', 'follows',
    'CREATE INDEX follows_follower_newest ON follows (follower_id, created_at DESC, creator_id DESC)'),
  (1, 'follows_creator', 'follows',
    'CREATE INDEX follows_creator ON follows (creator_id)'),
  (2, 'saved_pitches_user_newest', 'saved_pitches',
    'CREATE INDEX saved_pitches_user_newest ON saved_pitches (user_id, created_at DESC, pitch_id DESC)'),
  (2, 'notifications_user_newest', 'notifications',
    'CREATE INDEX notifications_user_newest ON notifications (user_id, created_at DESC, id DESC)'),
  (2, 'notifications_unread', 'notifications',
    'CREATE INDEX notifications_unread ON notifications (user_id, created_at, id) WHERE read_at IS NULL'),
  (2, 'notifications_actor', 'notifications',
    'CREATE INDEX notifications_actor ON notifications (actor_id)'),
  (3, 'notifications_unread_messages', 'notifications',
    'CREATE INDEX notifications_unread_messages ON notifications (user_id, subject_id) WHERE kind = ''message'' AND read_at IS NULL'),
  (2, 'conversation_participants_user_newest', 'conversation_participants',
    'CREATE INDEX conversation_participants_user_newest ON conversation_participants (user_id, last_message_at DESC, conversation_id DESC)'),
  (2, 'messages_thread_newest', 'messages',
    'CREATE INDEX messages_thread_newest ON messages (conversation_id, created_at DESC, id DESC)'),
  (3, 'messages_sender', 'messages',
    'CREATE INDEX messages_sender ON messages (sender_id)')
) AS w (phase, name, relation, wanted)
LEFT JOIN pg_index i ON i.indexrelid = to_regclass('public.' || w.name)
LEFT JOIN pg_stat_progress_create_index b ON b.index_relid = i.indexrelid
-- Without what the server adds when it prints a definition.
CROSS JOIN LATERAL (
  SELECT regexp_replace(pg_get_indexdef(i.indexrelid), added.text, '', 'g') AS is_there,
    regexp_replace(w.wanted, added.text, '', 'g') AS is_wanted
  FROM (VALUES ('public\.| USING btree|::(text|character varying|bpchar)|[() ]')) AS added (text)
) bare
ORDER BY w.phase, w.name;

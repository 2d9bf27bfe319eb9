-- Made by `npm run generate` from the catalogue in this folder. Do not edit.
-- Phase 3. Send each statement alone, outside of a transaction, on the primary's direct address (no pooler), with
-- statement_timeout = 0 and lock_timeout = 0: a build waits for others' transactions, and a short limit leaves it
-- invalid. None has IF NOT EXISTS: that is content with a leftover, and with another index of the same name.

-- First: what is invalid, and who is building it. A leftover (no builder) goes with DROP INDEX CONCURRENTLY before its
-- name can be used again; a unique one with `enforced` rejects rows until then. Leave alone what has a builder.
SELECT c.relname AS name, i.indrelid::regclass AS "table", i.indisready AS maintained,
  i.indisunique AND i.indisready AS enforced, b.pid AS builder, b.phase
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
LEFT JOIN pg_stat_progress_create_index b ON b.index_relid = i.indexrelid
WHERE NOT i.indisvalid AND c.relkind = 'i'
ORDER BY 1;

-- Serves pitches.browse.
CREATE INDEX CONCURRENTLY pitches_stage_newest
ON public.pitches (production_stage, created_at DESC, id DESC) WHERE status = 'published';

-- Serves pitches.browse.
CREATE INDEX CONCURRENTLY pitch_counters_genre_popular
ON public.pitch_counters (genre, score DESC, pitch_id DESC, format, production_stage) WHERE genre IS NOT NULL;

-- Serves pitches.search.
CREATE INDEX CONCURRENTLY pitch_search_document
ON public.pitch_search USING gin (document);

-- Serves messages.insert, conversations.read-notifications.
CREATE INDEX CONCURRENTLY notifications_unread_messages
ON public.notifications (user_id, subject_id) WHERE kind = 'message' AND read_at IS NULL;

-- Serves accounts.remove-messages.
CREATE INDEX CONCURRENTLY messages_sender
ON public.messages (sender_id);

-- Last, so that the planner knows what their expressions and their tables hold.
ANALYZE public.pitches;
ANALYZE public.pitch_counters;
ANALYZE public.pitch_search;
ANALYZE public.notifications;
ANALYZE public.messages;

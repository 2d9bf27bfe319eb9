-- Made by `npm run generate` from the catalogue in this folder. Do not edit.
-- Phase 1. Send each statement alone, outside of a transaction, on the primary's direct address (no pooler), with
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

-- Serves accounts.by-email, password-resets.reader, accounts.insert.
-- The schema's own files make it: only where the tables came from elsewhere.
CREATE UNIQUE INDEX CONCURRENTLY users_email_key
ON public.users (lower(email));

-- Serves sessions.own, sessions.end-others, accounts.remove-sessions, password-resets.end-sessions.
CREATE INDEX CONCURRENTLY sessions_user
ON public.sessions (user_id);

-- Serves pitches.browse.
CREATE INDEX CONCURRENTLY pitches_newest
ON public.pitches (created_at, id) WHERE status = 'published';

-- Serves pitches.browse.
CREATE INDEX CONCURRENTLY pitches_genre_newest
ON public.pitches (genre, created_at DESC, id DESC, format, production_stage) WHERE status = 'published';

-- Serves pitches.browse.
CREATE INDEX CONCURRENTLY pitches_format_newest
ON public.pitches (format, created_at DESC, id DESC, production_stage) WHERE status = 'published';

-- Serves profiles.pitches, profiles.by-id, feed.list, accounts.remove-pitches, accounts.remove-documents.
CREATE INDEX CONCURRENTLY pitches_creator_status_newest
ON public.pitches (user_id, status, created_at DESC, id DESC);

-- Serves pitches.browse.
CREATE INDEX CONCURRENTLY pitch_counters_popular
ON public.pitch_counters (score DESC, pitch_id DESC, format, production_stage) WHERE genre IS NOT NULL;

-- Serves statistics.dashboard.
-- The schema's own files make it: only where the tables came from elsewhere.
CREATE INDEX CONCURRENTLY pitch_statistics_top
ON public.pitch_statistics (creator_id, views DESC, pitch_id DESC);

-- Serves statistics.trending.
-- The schema's own files make it: only where the tables came from elsewhere.
CREATE INDEX CONCURRENTLY trending_pitches_score
ON public.trending_pitches (score DESC, pitch_id DESC);

-- Serves pitches.full, nda-requests.open, nda-requests.approve.
-- The schema's own files make it: only where the tables came from elsewhere.
CREATE UNIQUE INDEX CONCURRENTLY ndas_standing_key
ON public.ndas (pitch_id, user_id) WHERE revoked_at IS NULL;

-- Serves nda-requests.open.
-- The schema's own files make it: only where the tables came from elsewhere.
CREATE UNIQUE INDEX CONCURRENTLY nda_requests_open_key
ON public.nda_requests (pitch_id, requester_id) WHERE status = 'pending';

-- Serves investments.standing, investments.set.
-- The schema's own files make it: only where the tables came from elsewhere.
CREATE UNIQUE INDEX CONCURRENTLY investments_standing_key
ON public.investments (pitch_id, investor_id) WHERE state <> 'withdrawn';

-- Serves profiles.by-id, accounts.remove-follows.
CREATE INDEX CONCURRENTLY follows_creator
ON public.follows (creator_id);

-- Last, so that the planner knows what their expressions and their tables hold.
ANALYZE public.users;
ANALYZE public.sessions;
ANALYZE public.pitches;
ANALYZE public.pitch_counters;
ANALYZE public.pitch_statistics;
ANALYZE public.trending_pitches;
ANALYZE public.ndas;
ANALYZE public.nda_requests;
ANALYZE public.investments;
ANALYZE public.follows;

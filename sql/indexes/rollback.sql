-- Made by `npm run generate` from the catalogue in this folder. Do not edit.
-- Back to what the tables' own files made: the last phase first. Send each statement alone. What enforces a rule of the
-- schema is not here. A drop that was interrupted leaves an invalid index: send it again.

-- First: what is invalid, and who is building it. A leftover (no builder) goes with DROP INDEX CONCURRENTLY before its
-- name can be used again; a unique one with `enforced` rejects rows until then. Leave alone what has a builder.
SELECT c.relname AS name, i.indrelid::regclass AS "table", i.indisready AS maintained,
  i.indisunique AND i.indisready AS enforced, b.pid AS builder, b.phase
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
LEFT JOIN pg_stat_progress_create_index b ON b.index_relid = i.indexrelid
WHERE NOT i.indisvalid AND c.relkind = 'i'
ORDER BY 1;

-- Then, on the primary and on every replica: a transaction left open that used an index keeps its drop waiting, and on
-- a replica it stops the replay of everything until it ends.
SELECT pid, state, now() - xact_start AS open_for, left(query, 60) AS query
FROM pg_stat_activity
WHERE xact_start < now() - interval '10 seconds' AND pid <> pg_backend_pid()
ORDER BY xact_start;

-- Phase 3.
DROP INDEX CONCURRENTLY IF EXISTS public.pitches_stage_newest;
DROP INDEX CONCURRENTLY IF EXISTS public.pitch_counters_genre_popular;
DROP INDEX CONCURRENTLY IF EXISTS public.pitch_search_document;
DROP INDEX CONCURRENTLY IF EXISTS public.notifications_unread_messages;
DROP INDEX CONCURRENTLY IF EXISTS public.messages_sender;

-- Phase 2.
DROP INDEX CONCURRENTLY IF EXISTS public.sessions_expires;
DROP INDEX CONCURRENTLY IF EXISTS public.nda_requests_creator_newest;
DROP INDEX CONCURRENTLY IF EXISTS public.nda_requests_requester_newest;
DROP INDEX CONCURRENTLY IF EXISTS public.pitch_documents_pitch;
DROP INDEX CONCURRENTLY IF EXISTS public.investments_creator_newest;
DROP INDEX CONCURRENTLY IF EXISTS public.investments_investor_newest;
DROP INDEX CONCURRENTLY IF EXISTS public.follows_follower_newest;
DROP INDEX CONCURRENTLY IF EXISTS public.saved_pitches_user_newest;
DROP INDEX CONCURRENTLY IF EXISTS public.notifications_user_newest;
DROP INDEX CONCURRENTLY IF EXISTS public.notifications_unread;
DROP INDEX CONCURRENTLY IF EXISTS public.notifications_actor;
DROP INDEX CONCURRENTLY IF EXISTS public.conversation_participants_user_newest;
DROP INDEX CONCURRENTLY IF EXISTS public.messages_thread_newest;

-- Phase 1.
DROP INDEX CONCURRENTLY IF EXISTS public.sessions_user;
DROP INDEX CONCURRENTLY IF EXISTS public.pitches_newest;
DROP INDEX CONCURRENTLY IF EXISTS public.pitches_genre_newest;
DROP INDEX CONCURRENTLY IF EXISTS public.pitches_format_newest;
DROP INDEX CONCURRENTLY IF EXISTS public.pitches_creator_status_newest;
DROP INDEX CONCURRENTLY IF EXISTS public.pitch_counters_popular;
DROP INDEX CONCURRENTLY IF EXISTS public.follows_creator;

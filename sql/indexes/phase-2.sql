-- Made by `npm run generate` from the catalogue in this folder. Do not edit.
-- Phase 2. Send each statement alone, outside of a transaction, on the primary's direct address (no pooler), with
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

-- Serves accounts.delete-expired-sessions.
CREATE INDEX CONCURRENTLY sessions_expires
ON public.sessions (expires_at);

-- Serves nda-requests.list, accounts.remove-nda-requests.
CREATE INDEX CONCURRENTLY nda_requests_creator_newest
ON public.nda_requests (creator_id, created_at DESC, id DESC);

-- Serves nda-requests.list, accounts.remove-nda-requests.
CREATE INDEX CONCURRENTLY nda_requests_requester_newest
ON public.nda_requests (requester_id, created_at DESC, id DESC);

-- Serves pitches.full, documents.insert, accounts.remove-documents.
CREATE INDEX CONCURRENTLY pitch_documents_pitch
ON public.pitch_documents (pitch_id);

-- Serves investments.list, accounts.remove-investments.
CREATE INDEX CONCURRENTLY investments_creator_newest
ON public.investments (creator_id, created_at DESC, id DESC);

-- Serves investments.list, accounts.remove-investments.
CREATE INDEX CONCURRENTLY investments_investor_newest
ON public.investments (investor_id, created_at DESC, id DESC);

-- Serves follows.list, accounts.remove-follows.
CREATE INDEX CONCURRENTLY follows_follower_newest
ON public.follows (follower_id, created_at DESC, creator_id DESC);

-- Serves saved.list, accounts.remove-saved.
CREATE INDEX CONCURRENTLY saved_pitches_user_newest
ON public.saved_pitches (user_id, created_at DESC, pitch_id DESC);

-- Serves notifications.list, accounts.remove-notifications.
CREATE INDEX CONCURRENTLY notifications_user_newest
ON public.notifications (user_id, created_at DESC, id DESC);

-- Serves notifications.unread, notifications.read-before.
CREATE INDEX CONCURRENTLY notifications_unread
ON public.notifications (user_id, created_at, id) WHERE read_at IS NULL;

-- Serves follows.insert, likes.insert, accounts.remove-notifications.
CREATE INDEX CONCURRENTLY notifications_actor
ON public.notifications (actor_id);

-- Serves conversations.list.
CREATE INDEX CONCURRENTLY conversation_participants_user_newest
ON public.conversation_participants (user_id, last_message_at DESC, conversation_id DESC);

-- Serves messages.list, conversations.list.
CREATE INDEX CONCURRENTLY messages_thread_newest
ON public.messages (conversation_id, created_at DESC, id DESC);

-- Last, so that the planner knows what their expressions and their tables hold.
ANALYZE public.sessions;
ANALYZE public.nda_requests;
ANALYZE public.pitch_documents;
ANALYZE public.investments;
ANALYZE public.follows;
ANALYZE public.saved_pitches;
ANALYZE public.notifications;
ANALYZE public.conversation_participants;
ANALYZE public.messages;

-- Made by `npm run generate` from the catalogue in this folder. Do not edit.
-- What of the catalogue is there. `state` is 'valid' for each when all is done; compare `definition` with the phase's.
-- A table that is not there needs none of its indexes.

SELECT w.phase, w.name, CASE
    WHEN to_regclass('public.' || w.relation) IS NULL THEN 'no such table'
    WHEN i.indexrelid IS NULL THEN 'missing'
    WHEN i.indisvalid THEN 'valid'
    WHEN b.pid IS NOT NULL THEN 'building'
    ELSE 'leftover'
  END AS state,
  pg_get_indexdef(i.indexrelid) AS definition
FROM (VALUES
  ('users_email_key', 'users', 1),
  ('sessions_user', 'sessions', 1),
  ('sessions_expires', 'sessions', 2),
  ('password_resets_user_newest', 'password_resets', 2),
  ('pitches_newest', 'pitches', 1),
  ('pitches_genre_newest', 'pitches', 1),
  ('pitches_format_newest', 'pitches', 1),
  ('pitches_stage_newest', 'pitches', 3),
  ('pitches_genre_format_newest', 'pitches', 3),
  ('pitches_creator_status_newest', 'pitches', 1),
  ('pitch_counters_popular', 'pitch_counters', 1),
  ('pitch_search_document', 'pitch_search', 3),
  ('pitch_statistics_top', 'pitch_statistics', 1),
  ('trending_pitches_score', 'trending_pitches', 1),
  ('pitch_views_day', 'pitch_views', 2),
  ('ndas_standing_key', 'ndas', 1),
  ('nda_requests_open_key', 'nda_requests', 1),
  ('nda_requests_creator_newest', 'nda_requests', 2),
  ('nda_requests_requester_newest', 'nda_requests', 2),
  ('pitch_documents_pitch', 'pitch_documents', 2),
  ('investments_standing_key', 'investments', 1),
  ('investments_creator_newest', 'investments', 2),
  ('investments_investor_newest', 'investments', 2),
  ('follows_follower_newest', 'follows', 2),
  ('follows_creator', 'follows', 1),
  ('saved_pitches_user_newest', 'saved_pitches', 2),
  ('notifications_user_newest', 'notifications', 2),
  ('notifications_unread', 'notifications', 2),
  ('notifications_actor', 'notifications', 2),
  ('notifications_unread_messages', 'notifications', 3),
  ('conversation_participants_user_newest', 'conversation_participants', 2),
  ('messages_thread_newest', 'messages', 2),
  ('messages_sender', 'messages', 3)
) AS w (name, relation, phase)
LEFT JOIN pg_index i ON i.indexrelid = to_regclass('public.' || w.name)
LEFT JOIN pg_stat_progress_create_index b ON b.index_relid = i.indexrelid
ORDER BY w.phase, w.name;

-- In steps: whoever changes a published pitch of a step waits for its end, a fraction of a second. Not in the file that
-- makes the trigger, since that holds off all writers until it is committed. A document with a filter was written by the
-- trigger meanwhile, and knows better than what was seen here.
DO $$
DECLARE
  -- Of this session: one that begins again passes quickly over what is done.
  done uuid := coalesce(nullif(current_setting('search.filled', true), ''), '00000000-0000-0000-0000-000000000000');
  last uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  step uuid := coalesce((SELECT pitch_id FROM pitch_search WHERE pitch_id > done ORDER BY pitch_id OFFSET 1999 LIMIT 1), last);
BEGIN
  DELETE FROM pitch_search s
  WHERE s.pitch_id > done AND s.pitch_id <= step AND NOT s.document @@ '''=genre:'':*'::tsquery
    AND (SELECT p.status FROM pitches p WHERE p.id = s.pitch_id) <> 'published';

  -- In the order of their making, in which a search looks at them.
  UPDATE pitch_search s
  SET document = s.document || (
    SELECT array_to_tsvector(ARRAY[
      pitch_filter('genre', p.genre), pitch_filter('format', p.format), pitch_filter('stage', p.production_stage)
    ])
    FROM pitches p WHERE p.id = s.pitch_id
  )
  WHERE s.pitch_id > done AND s.pitch_id <= step AND NOT s.document @@ '''=genre:'':*'::tsquery;

  -- How common each filter is tells the planner which way to look.
  IF step = last THEN
    ANALYZE pitch_search;
  END IF;
  PERFORM set_config('search.filled', step::text, false);
END
$$;
SELECT FROM (VALUES (current_setting('search.filled')::uuid)) AS s (step) WHERE step < 'ffffffff-ffff-ffff-ffff-ffffffffffff';

-- Published pitches alone have a document, and it also holds what a search filters by: the index that finds the words
-- finds both at once, and nobody has to join `pitches` to know which hits are wanted.

-- A lexeme that no text can have: the parser begins no token with an equals sign, in a title or in a search.
CREATE FUNCTION pitch_filter(field text, value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '=' || field || ':' || value;

-- The same as a query, quoted, so that it is one lexeme whatever is in `value`.
CREATE FUNCTION pitch_filter_query(field text, value text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ('''' || replace(replace(pitch_filter(field, value), '\', '\\'), '''', '''''') || '''')::tsquery;

-- The filters have no position and no weight: nothing ranks by them.
CREATE FUNCTION pitch_document(title text, logline text, genre text, format text, production_stage text)
RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pitch_document(title, logline) || array_to_tsvector(ARRAY[
  pitch_filter('genre', genre), pitch_filter('format', format), pitch_filter('stage', production_stage)
]);

-- True of every document; the planner, who does not know that, takes it for true of one in three, and so the way through
-- the newest documents for three times as long. It is: the planner holds a match for as cheap as an addition. UNSAFE
-- keeps it from workers, who each walk on past the newest hits.
CREATE FUNCTION is_document(document tsvector) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL UNSAFE
RETURN length(document) >= 0;

CREATE OR REPLACE FUNCTION pitches_companions() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO pitch_counters (pitch_id) VALUES (NEW.id);
  END IF;
  IF NEW.status = 'published' THEN
    INSERT INTO pitch_search AS s (pitch_id, document)
    VALUES (NEW.id, pitch_document(NEW.title, NEW.logline, NEW.genre, NEW.format, NEW.production_stage))
    ON CONFLICT (pitch_id) DO UPDATE SET document = excluded.document;
  ELSIF TG_OP = 'UPDATE' THEN
    DELETE FROM pitch_search WHERE pitch_id = NEW.id;
  END IF;
  RETURN NULL;
END
$$;

-- Who edits a draft, over and over until it is right, writes no document.
CREATE OR REPLACE TRIGGER pitches_companions_update
AFTER UPDATE OF title, logline, genre, format, production_stage, status ON pitches
FOR EACH ROW WHEN (
  'published' IN (OLD.status, NEW.status)
  AND (OLD.title, OLD.logline, OLD.genre, OLD.format, OLD.production_stage, OLD.status)
    IS DISTINCT FROM (NEW.title, NEW.logline, NEW.genre, NEW.format, NEW.production_stage, NEW.status)
)
EXECUTE FUNCTION pitches_companions();

-- The searchable text in a table of its own: adding it as a column would have rewritten every pitch under an
-- exclusive lock, and made the heap that browsing reads more than twice as big.
CREATE TABLE pitch_search (
  pitch_id uuid PRIMARY KEY CONSTRAINT pitch_search_pitch_id_fkey REFERENCES pitches ON DELETE CASCADE,
  document tsvector NOT NULL
);

-- Titles also word for word (`simple`), so that "It" and "The Who" can be found; both languages, heavier than the
-- log line.
CREATE FUNCTION pitch_document(title text, logline text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN setweight(to_tsvector('pg_catalog.simple'::regconfig, title), 'A')
  || setweight(to_tsvector('pg_catalog.english'::regconfig, title), 'A')
  || setweight(to_tsvector('pg_catalog.english'::regconfig, logline), 'B');

CREATE FUNCTION pitches_companions() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO pitch_counters (pitch_id) VALUES (NEW.id);
    INSERT INTO pitch_search (pitch_id, document) VALUES (NEW.id, pitch_document(NEW.title, NEW.logline));
  ELSE
    UPDATE pitch_search SET document = pitch_document(NEW.title, NEW.logline) WHERE pitch_id = NEW.id;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER pitches_companions_insert AFTER INSERT ON pitches
FOR EACH ROW EXECUTE FUNCTION pitches_companions();

CREATE TRIGGER pitches_companions_update AFTER UPDATE OF title, logline ON pitches
FOR EACH ROW WHEN ((OLD.title, OLD.logline) IS DISTINCT FROM (NEW.title, NEW.logline))
EXECUTE FUNCTION pitches_companions();

CREATE TABLE companies (
  id uuid PRIMARY KEY,
  name text NOT NULL CONSTRAINT companies_name_check CHECK (length(name) BETWEEN 1 AND 200),
  website text CONSTRAINT companies_website_check CHECK (website ~ '^https?://' AND length(website) <= 300),
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

ALTER TABLE users
  ADD COLUMN company_id uuid CONSTRAINT users_company_id_fkey REFERENCES companies ON DELETE SET NULL,
  ADD COLUMN bio text NOT NULL DEFAULT '' CONSTRAINT users_bio_check CHECK (length(bio) <= 2000),
  -- A removed account keeps its row, since its pitches, agreements and threads are other people's too; nothing of the
  -- person is left in it.
  ADD COLUMN removed_at timestamptz(3),
  ADD CONSTRAINT users_removed_check CHECK (
    removed_at IS NULL OR (password_hash = '!' AND name = 'Removed account' AND bio = '' AND company_id IS NULL)
  );

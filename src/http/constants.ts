/** Bytes a request's body may have: a pitch needs 2 KiB, and what is larger is a mistake or an attack. */
export const MAX_BODY_BYTES = 65_536;

/** A body that is not there by then is given up: its request must have time left for the database (3 s in all). */
export const READ_BODY_MS = 2_000;

/** Characters of an `Idempotency-Key`: a UUID needs 36, and the header of a careless client must not become a row. */
export const MAX_IDEMPOTENCY_KEY = 255;

/** Wrong fields named in one answer: enough to mend a form, and bounded for a body of 30,000 unknown fields. */
export const MAX_FIELD_ERRORS = 20;

/** Characters of a field's name that an answer repeats: the client chose it. */
export const MAX_FIELD_NAME = 80;

/** Browsers remember for a year that this host speaks https only. */
export const HSTS = "max-age=31536000";

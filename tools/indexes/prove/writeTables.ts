/** How the rows of a table come to be and change, as the application has it. */
export interface WriteTable {
  readonly table: string;
  /** What orders its rows by when they were made: the later ones are inserted into the earlier. */
  readonly order: string;
  /** What inserted rows are before they go in, as `SET …`, where they became something else since. */
  readonly insertedAs?: string;
  /** The usual change of one row, as `SET …`: of what changes most often. None: the application never changes one. */
  readonly set?: string;
}

/** Each table of the marketplace that people write to, and what the refresh of the statistics writes of indexed ones. */
export const WRITE_TABLES: readonly WriteTable[] = [
  { table: "users", order: "created_at", set: "bio = bio || '.'" },
  { table: "sessions", order: "created_at" },
  { table: "pitches", order: "created_at", set: "title = left(title || '.', 200), updated_at = now()" },
  {
    table: "pitch_counters",
    order: "pitch_id",
    // Each is a draft's when it is made; it enters the lists with a refresh.
    insertedAs: "views = 0, likes = 0, score = 0, genre = NULL, format = NULL, production_stage = NULL",
    set: "views = views + 1, score = score + 0.001",
  },
  { table: "pitch_search", order: "pitch_id", set: "document = document || 'other'::tsvector" },
  { table: "pitch_documents", order: "created_at" },
  { table: "likes", order: "created_at" },
  { table: "saved_pitches", order: "created_at" },
  { table: "follows", order: "created_at" },
  { table: "pitch_views", order: "day, viewer" },
  { table: "nda_requests", order: "created_at", set: "message = message || '.'" },
  { table: "ndas", order: "signed_at", set: "revoked_at = now()" },
  { table: "investments", order: "created_at", set: "amount = amount + 1, updated_at = now()" },
  { table: "conversations", order: "created_at" },
  {
    table: "conversation_participants",
    order: "last_message_at",
    set: "unread = unread + 1, last_message_at = last_message_at + interval '1 day'",
  },
  { table: "messages", order: "created_at" },
  { table: "notifications", order: "created_at", set: "read_at = now()" },
  { table: "password_resets", order: "created_at", set: "used_at = now()" },
  { table: "audit_log", order: "at" },
  { table: "pitch_statistics", order: "pitch_id", set: "views = views + 1" },
  { table: "trending_pitches", order: "score", set: "score = score + 0.01" },
];

/** What the marketplace keeps: emptied, filled and analysed together, since it tells one story. */
export const TABLES = [
  "companies",
  "users",
  "sessions",
  "pitches",
  "pitch_counters",
  "pitch_search",
  "likes",
  "pitch_documents",
  "nda_requests",
  "ndas",
  "follows",
  "saved_pitches",
  "pitch_views",
  "investments",
  "conversations",
  "conversation_participants",
  "messages",
  "notifications",
  "password_resets",
  "audit_log",
] as const;

/** What is counted from the tables above. */
export const STATISTICS_TABLES = [
  "statistics_changes",
  "listing_changes",
  "pitch_daily",
  "pitch_statistics",
  "creator_daily",
  "creator_statistics",
  "genre_counts",
  "trending_pitches",
  "statistics_state",
] as const;

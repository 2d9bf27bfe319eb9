/**
 * Which columns the application's UPDATE statements change, by table. `hot`: again and again in a row's life, so an
 * index over one makes each such update write every index of the table (no HOT). `rare`: some times in it, or once. A
 * column that is updated and stands in neither fails a test; one that stands nowhere never changes.
 */
export interface UpdatedColumns {
  readonly hot: readonly string[];
  readonly rare: readonly string[];
}

export const UPDATED_COLUMNS: Readonly<Record<string, UpdatedColumns>> = {
  // Email and company only when the account is removed.
  users: { hot: [], rare: ["name", "bio", "password_hash", "email", "company_id", "removed_at"] },
  password_resets: { hot: [], rare: ["used_at"] },
  // An edit is a few words, over and over, until it is right; what kind of film it is changes seldom.
  pitches: { hot: ["title", "logline", "updated_at"], rare: ["genre", "format", "production_stage", "status"] },
  pitch_search: { hot: ["document"], rare: [] },
  // All by the refresh of the statistics, for each pitch that anything happened to.
  pitch_counters: { hot: ["views", "likes", "score"], rare: [] },
  pitch_statistics: {
    hot: [
      "views",
      "likes",
      "saves",
      "nda_pending",
      "nda_approved",
      "nda_declined",
      "nda_withdrawn",
      "investments",
      "invested",
    ],
    rare: [],
  },
  pitch_daily: { hot: ["views", "likes", "saves"], rare: [] },
  creator_daily: { hot: ["views"], rare: [] },
  trending_pitches: { hot: ["score"], rare: [] },
  nda_requests: { hot: [], rare: ["status", "decided_at", "message"] },
  ndas: { hot: [], rare: ["revoked_at"] },
  investments: { hot: [], rare: ["amount", "state", "updated_at"] },
  conversation_participants: { hot: ["last_message_at", "unread"], rare: [] },
  messages: { hot: [], rare: ["body"] },
  // Once in a row's life, but nearly every row, and rows are many.
  notifications: { hot: ["read_at"], rare: [] },
};

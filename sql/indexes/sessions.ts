import { BTREE, SMALL_BTREE } from "./budgets.ts";
import { NEVER_BUILT, NO_LONGER_WANTED, UNUSED } from "./dropRules.ts";
import type { IndexEntry } from "./entry.ts";

/** Sessions and letters for new passwords. The look-up by a token's digest is a constraint's of the table itself. */
export const sessions: readonly IndexEntry[] = [
  {
    name: "sessions_user",
    table: "sessions",
    columns: ["user_id"],
    definition: "sessions (user_id)",
    phase: 1,
    queries: ["sessions.own", "sessions.end-others", "accounts.remove-sessions", "password-resets.end-sessions"],
    proofs: [
      { query: "sessions.own", isOrdered: false, maxBuffers: { common: 250, rare: 15 } },
      { query: "accounts.remove-sessions", maxBuffers: { common: 250, rare: 50 } },
    ],
    writeBudget: BTREE,
    dropRule: UNUSED,
    verdict: { kind: "ship" },
  },
  {
    name: "sessions_user_newest",
    table: "sessions",
    columns: ["user_id", "created_at", "id"],
    definition: "sessions (user_id, created_at DESC, id DESC)",
    phase: 1,
    queries: ["sessions.own", "sessions.end-others", "accounts.remove-sessions", "password-resets.end-sessions"],
    proofs: [
      { query: "sessions.own", maxBuffers: { common: 130, rare: 15 } },
      { query: "accounts.remove-sessions", maxBuffers: { common: 250, rare: 50 } },
    ],
    writeBudget: BTREE,
    dropRule: NEVER_BUILT,
    verdict: {
      kind: "rejected",
      reason:
        "899 pages for 191 of sessions_user, whose equal keys share an entry, and no fewer buffers: an account has few sessions, and those are sorted in memory",
    },
  },
  {
    name: "sessions_expires",
    table: "sessions",
    columns: ["expires_at"],
    definition: "sessions (expires_at)",
    phase: 2,
    queries: ["accounts.delete-expired-sessions"],
    proofs: [{ query: "accounts.delete-expired-sessions", isFinished: true, maxBuffers: { common: 10, rare: 10 } }],
    writeBudget: BTREE,
    dropRule: UNUSED,
    verdict: { kind: "ship" },
    isOwners: true,
  },
  {
    name: "idx_sessions_token",
    table: "sessions",
    columns: ["token"],
    definition: "sessions (token)",
    isUnique: true,
    phase: 1,
    queries: ["accounts.session"],
    proofs: [],
    writeBudget: BTREE,
    dropRule: "the tokens are replaced by their digests",
    verdict: {
      kind: "optional",
      when: "the table still keeps tokens as they are: looked up by their digests (bytea, unique) they need a quarter of the pages, 2,165 for 9,457, and a copy that leaks opens no session",
    },
    isOwners: true,
  },
  {
    name: "sessions_expires_brin",
    table: "sessions",
    columns: ["expires_at"],
    definition: "sessions USING brin (expires_at)",
    phase: 2,
    queries: ["accounts.delete-expired-sessions"],
    proofs: [],
    writeBudget: SMALL_BTREE,
    dropRule: NEVER_BUILT,
    verdict: {
      kind: "rejected",
      reason:
        "a session's end follows its login only while all last the same, and freed room is filled with new ones: 392 lossy buffers for 17, though 5 pages for 825 (500,000 pitches)",
    },
  },
  {
    name: "sessions_token_covering",
    table: "sessions",
    columns: ["token_hash", "user_id", "expires_at"],
    definition: "sessions (token_hash) INCLUDE (user_id, expires_at)",
    isUnique: true,
    phase: 1,
    queries: ["accounts.session"],
    proofs: [{ query: "accounts.session", maxBuffers: { common: 7, rare: 7 } }],
    writeBudget: BTREE,
    dropRule: NEVER_BUILT,
    verdict: {
      kind: "rejected",
      reason:
        "8 buffers for 7, since the account is looked up all the same, and 1,314 pages for 1,158 of the constraint's, which stays",
    },
  },
  {
    name: "sessions_token_hash_lookup",
    table: "sessions",
    columns: ["token_hash"],
    definition: "sessions USING hash (token_hash)",
    phase: 1,
    queries: ["accounts.session"],
    proofs: [{ query: "accounts.session", maxBuffers: { common: 7, rare: 7 } }],
    writeBudget: BTREE,
    dropRule: NEVER_BUILT,
    verdict: {
      kind: "rejected",
      reason:
        "5 buffers for 7, but a hash index cannot be unique: it would stand beside the constraint's, and each login write both",
    },
  },
  {
    name: "password_resets_user_newest",
    table: "password_resets",
    columns: ["user_id", "created_at"],
    definition: "password_resets (user_id, created_at DESC)",
    phase: 3,
    queries: ["password-resets.reader", "password-resets.insert", "password-resets.use", "accounts.remove-resets"],
    proofs: [
      { query: "password-resets.reader", maxBuffers: { common: 10, rare: 10 } },
      { query: "password-resets.insert", maxBuffers: { common: 20, rare: 20 } },
    ],
    writeBudget: BTREE,
    dropRule: NO_LONGER_WANTED,
    verdict: {
      kind: "optional",
      when: "more than some ten thousand resets are kept at a time: who forgot a password has all of them looked through, but they are deleted by night, and what is left fills some ten pages",
    },
  },
  {
    name: "password_resets_expires",
    table: "password_resets",
    columns: ["expires_at"],
    definition: "password_resets (expires_at)",
    phase: 3,
    queries: ["password-resets.delete-old"],
    proofs: [],
    writeBudget: BTREE,
    dropRule: NO_LONGER_WANTED,
    verdict: {
      kind: "optional",
      when: "more than 100,000 letters a day are asked for: each is forgotten after a day, so the table is small and one look at all of it a night is cheap",
    },
  },
];

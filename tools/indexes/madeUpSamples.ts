import type { Samples } from "./samples.ts";

const ID = "00000000-0000-7000-8000-000000000000";
const DIGEST = "0".repeat(64);

const position = { key: "2026-01-01T00:00:00.000Z", id: ID };
const ids = { common: ID, rare: ID };
const owned = { owners: ids, deep: position };
const session = { id: ID, userId: ID, tokenHash: DIGEST };
const reset = { userId: ID, tokenHash: DIGEST };
const pitch = { id: ID, creatorId: ID };
const document = { id: ID, pitchId: ID, creatorId: ID };
const unread = { userId: ID, ids: [ID] };
const thread = { id: ID, topic: `${ID}:${ID}`, userId: ID, otherId: ID, messageId: ID };

/** All eight, so that every text of browsing is there. */
const COMBINATIONS = [
  {},
  { genre: "drama" },
  { format: "feature" },
  { stage: "script" },
  { genre: "drama", format: "feature" },
  { genre: "drama", stage: "script" },
  { format: "feature", stage: "script" },
  { genre: "drama", format: "feature", stage: "script" },
];

/** Samples of no database: for what looks at names and texts alone. */
export const MADE_UP_SAMPLES: Samples = {
  security: {
    nowMs: 1_700_000_000_000,
    email: { known: "a@example.invalid", unknown: "b@example.invalid" },
    sessions: { common: session, rare: session },
    resets: { common: reset, rare: reset },
    unknownTokenHash: DIGEST,
    auditId: ID,
  },
  pitches: {
    creators: ids,
    deepOfCreator: position,
    published: { common: pitch, rare: pitch },
    draft: pitch,
    documents: { common: document, rare: document },
    filters: COMBINATIONS.map((filters) => ({
      shape: Object.keys(filters).join("+"),
      values: { common: filters, rare: filters },
      deep: { newest: position, popular: { key: 1, id: ID } },
    })),
  },
  words: { common: "the", mid: "war", dearest: "lies", rare: "archivist", none: "qxzqxz", deep: { key: 0.5, id: ID } },
  agreements: {
    asked: owned,
    asking: owned,
    pending: pitch,
    inForce: { pitchId: ID, userId: ID },
    investor: owned,
    investedIn: owned,
    standing: { id: ID, pitchId: ID, investorId: ID, creatorId: ID },
  },
  people: {
    follower: owned,
    followed: ids,
    saver: owned,
    saved: { userId: ID, pitchId: ID },
    liked: { userId: ID, pitchId: ID },
    notified: owned,
    unread: { common: unread, rare: unread },
    messaged: { threadId: ID, userId: ID },
  },
  threads: { participant: owned, threads: { common: thread, rare: thread }, deepOfThread: position },
};

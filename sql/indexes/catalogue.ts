import { agreements } from "./agreements.ts";
import type { IndexEntry } from "./entry.ts";
import { people } from "./people.ts";
import { pitches } from "./pitches.ts";
import { sessions } from "./sessions.ts";
import { statistics } from "./statistics.ts";
import { threads } from "./threads.ts";
import { users } from "./users.ts";

/**
 * Every candidate. What is not here and not a constraint's is unmanaged; what a primary key or a unique constraint of the
 * tables has already is not here, since those come with the tables.
 *
 * Buffers and pages in verdicts are of 200,000 seeded pitches (`npm run seed -- --pitches 200000`), warm, where nothing
 * else is said; `npm run cli -- indexes prove` measures them again. Bounds in proofs leave room for five times as many.
 */
export const ENTRIES: readonly IndexEntry[] = [
  ...users,
  ...sessions,
  ...pitches,
  ...statistics,
  ...agreements,
  ...people,
  ...threads,
];

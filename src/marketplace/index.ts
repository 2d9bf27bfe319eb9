/**
 * The reference application: a marketplace of film pitches. It imports the core through `../breakwater.ts` alone, and
 * nothing of the core imports it: another application replaces this folder, `sql/schema` and `sql/indexes`.
 */
import type { Query, Route } from "../breakwater.ts";
import { argon2Hasher } from "./auth/argon2.ts";
import { createPasswords } from "./auth/passwords.ts";
import { deleteExpiredSessions } from "./queries/nightly.ts";
import { authRoutes } from "./routes/authRoutes.ts";
import { listRoutes } from "./routes/listRoutes.ts";
import { outcomeRoutes } from "./routes/outcomeRoutes.ts";
import { pitchRoutes } from "./routes/pitchRoutes.ts";

export { accounts } from "./auth/accounts.ts";
export { problems } from "./problems.ts";

/** All endpoints of the marketplace. */
export const routes: readonly Route[] = [
  ...listRoutes,
  ...pitchRoutes,
  ...authRoutes(createPasswords(argon2Hasher)),
  ...outcomeRoutes,
];

/** What is to be forgotten each night: statements that delete a few rows, sent until they delete none. */
export const nightly: readonly Query[] = [deleteExpiredSessions(1_000)];

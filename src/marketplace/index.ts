/**
 * The reference application: a marketplace of film pitches. It imports the core through `../breakwater.ts` alone, and
 * nothing of the core imports it: another application replaces this folder, `sql/schema` and `sql/indexes`.
 */
import type { Query, RefreshStep, Route } from "../breakwater.ts";
import { argon2Hasher } from "./auth/argon2.ts";
import { createPasswords } from "./auth/passwords.ts";
import type { ResetDelivery } from "./auth/resetDelivery.ts";
import { FOLD_BATCH, FORGET_VIEWS_BATCH } from "./constants.ts";
import { deleteExpiredSessions, forgetViews } from "./queries/nightly.ts";
import { deleteOldResets } from "./queries/passwordResets.ts";
import { COUNTED_TAG, foldStatistics } from "./queries/statistics.ts";
import { accountRoutes } from "./routes/accountRoutes.ts";
import { authRoutes } from "./routes/authRoutes.ts";
import { conversationRoutes } from "./routes/conversationRoutes.ts";
import { dashboardRoutes } from "./routes/dashboardRoutes.ts";
import { documentRoutes } from "./routes/documentRoutes.ts";
import { followRoutes } from "./routes/followRoutes.ts";
import { fullPitchRoutes } from "./routes/fullPitchRoutes.ts";
import { interestRoutes } from "./routes/interestRoutes.ts";
import { investmentRoutes } from "./routes/investmentRoutes.ts";
import { listRoutes } from "./routes/listRoutes.ts";
import { ndaRoutes } from "./routes/ndaRoutes.ts";
import { notificationRoutes } from "./routes/notificationRoutes.ts";
import { outcomeRoutes } from "./routes/outcomeRoutes.ts";
import { passwordResetRoutes } from "./routes/passwordResetRoutes.ts";
import { pitchRoutes } from "./routes/pitchRoutes.ts";
import { profileRoutes } from "./routes/profileRoutes.ts";
import { sessionRoutes } from "./routes/sessionRoutes.ts";
import { trendingRoutes } from "./routes/trendingRoutes.ts";
import { viewRoutes } from "./routes/viewRoutes.ts";

export { accounts } from "./auth/accounts.ts";
export { chooseResetDelivery } from "./auth/chooseResetDelivery.ts";
export { problems } from "./problems.ts";

const passwords = createPasswords(argon2Hasher);

const ownRoutes: readonly Route[] = [
  ...listRoutes,
  ...pitchRoutes,
  ...authRoutes(passwords),
  ...sessionRoutes,
  ...accountRoutes,
  ...interestRoutes,
  ...viewRoutes,
  ...followRoutes,
  ...profileRoutes,
  ...conversationRoutes,
  ...outcomeRoutes,
  ...ndaRoutes,
  ...fullPitchRoutes,
  ...documentRoutes,
  ...investmentRoutes,
  ...notificationRoutes,
  ...dashboardRoutes,
  ...trendingRoutes,
];

/** All endpoints of the marketplace, with who brings a letter to its reader. */
export function routesWith(delivery: ResetDelivery): readonly Route[] {
  return [...ownRoutes, ...passwordResetRoutes({ passwords, delivery })];
}

/** The same without a way to send a letter: for documents, and for systems that nobody loses a password of. */
export const routes = routesWith({ send: async () => {} });

/** What is to be forgotten each night: statements that delete a few rows, sent until they delete none. */
export const nightly: readonly Query[] = [
  deleteExpiredSessions(1_000),
  deleteOldResets(1_000),
  forgetViews(FORGET_VIEWS_BATCH),
];

/** What is kept up to date every five minutes: all that is counted. */
export function refresh(scheduledMs: number): readonly RefreshStep[] {
  return [{ ...foldStatistics(scheduledMs, FOLD_BATCH), tags: [COUNTED_TAG] }];
}

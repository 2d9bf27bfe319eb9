import { MAX_SESSIONS_SHOWN, RESET_EVERY_MS, RESET_MS, SESSION_MS } from "../../../src/marketplace/constants.ts";
import {
  accountByEmail,
  deleteSession,
  insertSession,
  insertUser,
  replaceHash,
  sessionByToken,
} from "../../../src/marketplace/queries/accounts.ts";
import { deleteExpiredSessions } from "../../../src/marketplace/queries/nightly.ts";
import {
  deleteOldResets,
  endSessionsAfterReset,
  insertReset,
  resetPassword,
  resetReader,
  usableReset,
} from "../../../src/marketplace/queries/passwordResets.ts";
import { personById, profileOf, updateProfile } from "../../../src/marketplace/queries/profiles.ts";
import { removeAccount } from "../../../src/marketplace/queries/removeAccount.ts";
import { endOtherSessions, endSession, ownSessions, sessionById } from "../../../src/marketplace/queries/sessions.ts";
import { type Sample, samplesOf } from "../sample.ts";
import type { Samples } from "../samples.ts";
import { BATCH, freshDigest, freshId } from "./fresh.ts";

/** Signing in and out, profiles, and the end of an account. */
export function securityReads({ security, people }: Samples): readonly Sample[] {
  const { nowMs, email, sessions, resets, unknownTokenHash } = security;
  const own = ({ userId, tokenHash }: (typeof sessions)["common"]) =>
    ownSessions({ id: userId, tokenHash }, nowMs, MAX_SESSIONS_SHOWN);
  return [
    ...samplesOf({
      common: sessionByToken(sessions.common.tokenHash, nowMs),
      rare: sessionByToken(sessions.rare.tokenHash, nowMs),
      none: sessionByToken(unknownTokenHash, nowMs),
    }),
    ...samplesOf({ common: accountByEmail(email.known), none: accountByEmail(email.unknown) }),
    ...samplesOf({ common: resetReader(email.known, nowMs), none: resetReader(email.unknown, nowMs) }),
    ...samplesOf({
      common: usableReset(resets.common.tokenHash, nowMs),
      none: usableReset(unknownTokenHash, nowMs),
    }),
    ...samplesOf({ common: own(sessions.common), rare: own(sessions.rare) }),
    ...samplesOf({
      common: sessionById(sessions.common.id, sessions.common, nowMs),
      none: sessionById(freshId(nowMs), sessions.common, nowMs),
    }),
    ...samplesOf({
      common: profileOf(people.followed.common),
      rare: profileOf(people.followed.rare),
      none: profileOf(freshId(nowMs)),
    }),
    ...samplesOf({ common: personById(people.followed.common) }),
  ];
}

/** What they write. */
export function securityWrites({ security, people }: Samples): readonly Sample[] {
  const { nowMs, sessions, resets, auditId } = security;
  const { userId } = sessions.common;
  const id = freshId(nowMs);
  const tokenHash = freshDigest();
  const until = { createdMs: nowMs, expiresMs: nowMs + SESSION_MS };
  const reset = {
    id,
    tokenHash,
    userId,
    createdMs: nowMs,
    expiresMs: nowMs + RESET_MS,
    sinceMs: nowMs - RESET_EVERY_MS,
  };
  const [lockReset, addReset] = insertReset(reset);
  const removal = (heavy: string) => removeAccount({ id: heavy, auditId: id, nowMs });
  return [
    ...samplesOf({
      common: insertUser({
        id,
        email: `${id}@example.invalid`,
        name: "Sample",
        role: "creator",
        passwordHash: "!",
        createdMs: nowMs,
      }),
    }),
    ...samplesOf({ common: insertSession({ id, tokenHash, userId, passwordHash: "!", ...until }) }),
    ...samplesOf({ common: deleteSession(sessions.common.tokenHash) }),
    ...samplesOf({ common: replaceHash(userId, "!", "!!") }),
    ...samplesOf({ common: endSession(sessions.common.id, userId) }),
    ...samplesOf({
      common: endOtherSessions({ id: userId, tokenHash: sessions.common.tokenHash }),
      rare: endOtherSessions({ id: sessions.rare.userId, tokenHash: sessions.rare.tokenHash }),
    }),
    ...samplesOf({ common: deleteExpiredSessions(BATCH) }),
    ...samplesOf({ common: lockReset }),
    ...samplesOf({ common: addReset }),
    ...samplesOf({
      common: resetPassword({ tokenHash: resets.common.tokenHash, passwordHash: "!", auditId: id, nowMs }),
    }),
    ...samplesOf({ common: endSessionsAfterReset(auditId) }),
    ...samplesOf({ common: deleteOldResets(BATCH) }),
    ...samplesOf({ common: updateProfile(userId, { name: "Sample", bio: "" }) }),
    ...removal(people.notified.owners.common).flatMap((query) => samplesOf({ common: query })),
    ...removal(people.notified.owners.rare).flatMap((query) => samplesOf({ rare: query })),
  ];
}

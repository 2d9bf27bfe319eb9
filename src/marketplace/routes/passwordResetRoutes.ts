import { type Database, ProblemError, type Route, uuidv7 } from "../../breakwater.ts";
import { boundedInFlight } from "../auth/boundedInFlight.ts";
import type { Passwords } from "../auth/passwords.ts";
import type { ResetDelivery } from "../auth/resetDelivery.ts";
import { newToken, tokenHashOf } from "../auth/sessionToken.ts";
import { MAX_RESETS_IN_FLIGHT, RESET_EVERY_MS, RESET_FORGOTTEN_MS, RESET_MS } from "../constants.ts";
import {
  endSessionsAfterReset,
  insertReset,
  resetPassword,
  resetReader,
  usableReset,
} from "../queries/passwordResets.ts";
import { route } from "../route.ts";
import { resetConfirmationSchema, resetRequestSchema } from "../schemas/accountSchemas.ts";
import { committed } from "./committed.ts";
import { ownTags } from "./ownTags.ts";

/** What a new password needs besides the database. */
interface ResetServices {
  readonly passwords: Passwords;
  readonly delivery: ResetDelivery;
}

/** A new password for who forgot theirs: a token by letter, then the password by the token. */
export function passwordResetRoutes({ passwords, delivery }: ResetServices): readonly Route[] {
  const inFlight = boundedInFlight(MAX_RESETS_IN_FLIGHT, RESET_FORGOTTEN_MS);
  return [
    route({
      method: "POST",
      path: "/api/auth/password-reset",
      summary: "Sends a token for a new password to an address, if it has an account; the answer does not tell",
      access: "anonymous",
      body: resetRequestSchema,
      answers: { 202: null },
      problems: ["busy"],
      handle: async ({ body: { email }, database, now, waitUntil }) => {
        const leave = inFlight.enter(now());
        if (!leave) throw new ProblemError("busy", { detail: "Too many letters are on their way at this moment." });
        // Nothing of it before the answer, which would take its time from it.
        const work = behindTheAnswer().then(() => sendReset(database, delivery, email, now()));
        waitUntil(work.finally(leave));
        return { status: 202 };
      },
    }),
    route({
      method: "POST",
      path: "/api/auth/password-reset/confirm",
      summary: "Sets a new password, once, and ends all sessions",
      access: "anonymous",
      body: resetConfirmationSchema,
      answers: { 204: null },
      problems: ["reset-token-invalid", "busy"],
      handle: async ({ body: { token, password }, database, now }) => {
        const tokenHash = await tokenHashOf(token);
        // Before the hash, which costs forty milliseconds: only who was sent a token may ask for one.
        const { rows } = await database.read(usableReset(tokenHash, now()), { freshness: "strict" });
        const [reset] = rows;
        if (!reset) throw new ProblemError("reset-token-invalid");
        const passwordHash = await passwords.hash(password);
        const auditId = uuidv7(now());
        const done = await database.write(
          [resetPassword({ tokenHash, passwordHash, auditId, nowMs: now() }), endSessionsAfterReset(auditId)],
          { tags: ownTags(reset.user_id) },
        );
        if (committed(done).changed[0] === 0) throw new ProblemError("reset-token-invalid");
        return { status: 204 };
      },
    }),
  ];
}

async function sendReset(database: Database, delivery: ResetDelivery, email: string, nowMs: number): Promise<void> {
  const sinceMs = nowMs - RESET_EVERY_MS;
  const { rows } = await database.read(resetReader(email, sinceMs), { freshness: "strict" });
  const [reader] = rows;
  if (!reader) return;
  const token = newToken();
  const tokenHash = await tokenHashOf(token);
  const expiresMs = nowMs + RESET_MS;
  const done = await database.write(
    insertReset({ id: uuidv7(nowMs), tokenHash, userId: reader.id, createdMs: nowMs, expiresMs, sinceMs }),
    { tags: ownTags(reader.id) },
  );
  if (committed(done).changed[1] === 0) return;
  await delivery.send({ to: reader.email, name: reader.name, token, expiresAt: new Date(expiresMs).toISOString() });
}

/** The next turn of the event loop: the answer has been given by then. */
function behindTheAnswer(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

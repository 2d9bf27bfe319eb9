import * as z from "zod/mini";
import { ROLES } from "../lists.ts";
import { id } from "./id.ts";

/** Everything about accounts and sessions that comes in or goes out. */

const tooLong = { error: "must be at most 254 characters long" };
const email = z
  .string({ error: "must be text" })
  .check(z.trim(), z.maxLength(254, tooLong), z.email({ error: "must be an e-mail address" }));

const name = z
  .string({ error: "must be text" })
  .check(
    z.trim(),
    z.minLength(1, { error: "must not be empty" }),
    z.maxLength(100, { error: "must be at most 100 characters long" }),
  );

const passwordTooLong = { error: "must be at most 200 characters long" };
const newPassword = z
  .string({ error: "must be text" })
  .check(z.minLength(8, { error: "must be at least 8 characters long" }), z.maxLength(200, passwordTooLong));

const role = z.enum(ROLES, { error: `must be one of: ${ROLES.join(", ")}` });

export const registrationSchema = z.strictObject({ email, password: newPassword, name, role });

/** The rules for new passwords do not apply: a password that breaks them is simply wrong. */
export const loginSchema = z.strictObject({
  email,
  password: z.string({ error: "must be text" }).check(z.maxLength(200, passwordTooLong)),
});

const userSchema = z.object({ id: z.uuid(), email: z.string(), name: z.string(), role });

export const signedInSchema = z.object({ user: userSchema, token: z.string() });

export const sessionSchema = z.object({ user: userSchema, expiresAt: z.iso.datetime() });

export const resetRequestSchema = z.strictObject({ email });

/** Whatever the token looks like: one that nobody was sent is answered as one that was used. */
export const resetConfirmationSchema = z.strictObject({
  token: z.string({ error: "must be text" }).check(z.maxLength(200, passwordTooLong)),
  password: newPassword,
});

/** A malformed id is the id of nothing: the door answers 404. */
export const sessionIdSchema = z.object({ id });

export const ownSessionsSchema = z.object({
  items: z.array(
    z.object({ id: z.uuid(), createdAt: z.iso.datetime(), expiresAt: z.iso.datetime(), current: z.boolean() }),
  ),
});

import * as z from "zod/mini";
import { ROLES } from "../lists.ts";
import { id } from "./id.ts";
import { text } from "./text.ts";

/** Everything about what an account shows of itself that comes in or goes out. */

export const accountIdSchema = z.object({ id });

/** An empty biography is none. */
const bio = z
  .string({ error: "must be text" })
  .check(z.trim(), z.maxLength(2_000, { error: "must be at most 2000 characters long" }));

export const profileChangeSchema = z
  .partial(z.strictObject({ name: text(100), bio }))
  .check(z.refine((change) => Object.keys(change).length > 0, { error: "must change at least one field" }));

export type ProfileChange = z.infer<typeof profileChangeSchema>;

const role = z.enum(ROLES);

export const profileSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  role,
  bio: z.string(),
  company: z.nullable(z.object({ id: z.uuid(), name: z.string() })),
  memberSince: z.iso.datetime(),
  followers: z.int(),
  publishedPitches: z.int(),
});

export const followedPageSchema = z.object({
  items: z.array(z.object({ id: z.uuid(), name: z.string(), role, followedAt: z.iso.datetime() })),
  nextCursor: z.nullable(z.string()),
});

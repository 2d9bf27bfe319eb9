import type * as z from "zod/mini";
import type { ProfileRow } from "../queries/profiles.ts";
import type { profileSchema } from "../schemas/profileSchemas.ts";
import { utc } from "./utc.ts";

/** An account as everybody sees it. */
export function profileItem(row: ProfileRow): z.infer<typeof profileSchema> {
  const { id, name, role, bio, company_id: companyId, company_name: companyName, followers } = row;
  const company = companyId === null || companyName === null ? null : { id: companyId, name: companyName };
  const memberSince = utc(row.created_at);
  return { id, name, role, bio, company, memberSince, followers, publishedPitches: row.published_pitches };
}

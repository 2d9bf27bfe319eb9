import { type Query, query } from "../../breakwater.ts";
import type { Role } from "../lists.ts";
import type { ProfileChange } from "../schemas/profileSchemas.ts";
import { keyset } from "./keyset.ts";
import type { ListRow, Page } from "./listPitches.ts";
import { PITCH_COLUMNS, PITCH_TABLES } from "./pitchRow.ts";

export interface ProfileRow {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly bio: string;
  readonly company_id: string | null;
  readonly company_name: string | null;
  readonly created_at: string;
  readonly followers: number;
  readonly published_pitches: number;
}

/**
 * What everybody may know of an account that is there: never its address. Counts at each look, so that who follows sees
 * it at once; that is cheap while followers are thousands, and for more there are the statistics, minutes old.
 */
export function profileOf(id: string): Query<ProfileRow> {
  return query(
    "profiles.by-id",
    `SELECT u.id, u.name, u.role, u.bio, c.id AS company_id, c.name AS company_name, u.created_at,
  (SELECT count(*) FROM follows f WHERE f.creator_id = u.id)::int AS followers,
  (SELECT count(*) FROM pitches p WHERE p.user_id = u.id AND p.status = 'published')::int AS published_pitches
FROM users u
LEFT JOIN companies c ON c.id = u.company_id
WHERE u.id = $1 AND u.removed_at IS NULL`,
    [id],
  );
}

/** An account that is there, as others are shown it in passing. */
export function personById(id: string): Query<{ readonly id: string; readonly name: string }> {
  return query("profiles.person", "SELECT id, name FROM users WHERE id = $1 AND removed_at IS NULL", [id]);
}

/** The published pitches of an account that is there, the newest first. */
export function publishedBy(userId: string, page: Page): Query<ListRow> {
  const values: (string | number)[] = [userId];
  return query(
    "profiles.pitches",
    `SELECT ${PITCH_COLUMNS}, p.created_at AS sort_key
FROM ${PITCH_TABLES}
WHERE p.user_id = $1 AND p.status = 'published' AND u.removed_at IS NULL
${keyset({ time: "p.created_at", id: "p.id" }, page, values)}`,
    values,
  );
}

/** The fields of a change, which are columns. The order is the text's: one text for each set of fields. */
const CHANGEABLE = ["name", "bio"] as const;

/** Changes what an account shows of itself. */
export function updateProfile(id: string, change: ProfileChange): Query {
  const values: string[] = [id];
  const assignments = CHANGEABLE.flatMap((field) => {
    const value = change[field];
    return value === undefined ? [] : [`${field} = $${values.push(value)}`];
  });
  return query(
    "profiles.update",
    `UPDATE users SET ${assignments.join(", ")} WHERE id = $1 AND removed_at IS NULL`,
    values,
  );
}

import { type Query, query } from "../../breakwater.ts";
import type { Status } from "../lists.ts";
import type { PitchChange } from "../schemas/pitchSchemas.ts";
import { PITCH_COLUMNS, PITCH_TABLES, type PitchRow } from "./pitchRow.ts";

/** One pitch that everybody may see. */
export function publishedPitch(id: string): Query<PitchRow> {
  return query(
    "pitches.by-id",
    `SELECT ${PITCH_COLUMNS}\nFROM ${PITCH_TABLES}\nWHERE p.id = $1 AND p.status = 'published'`,
    [id],
  );
}

/** One pitch that this user may see: published, or their own. */
export function visiblePitch(id: string, userId: string): Query<PitchRow> {
  return query(
    "pitches.by-id",
    `SELECT ${PITCH_COLUMNS}\nFROM ${PITCH_TABLES}\nWHERE p.id = $1 AND (p.status = 'published' OR p.user_id = $2)`,
    [id, userId],
  );
}

/** One pitch of this user's own: the result of every change to it. */
export function ownPitch(id: string, userId: string): Query<PitchRow> {
  return query("pitches.own", `SELECT ${PITCH_COLUMNS}\nFROM ${PITCH_TABLES}\nWHERE p.id = $1 AND p.user_id = $2`, [
    id,
    userId,
  ]);
}

/** What permissions hang on, of a pitch that whoever asks may not be allowed to see. */
export function pitchFacts(id: string): Query<{ readonly creator_id: string; readonly status: Status }> {
  return query("pitches.facts", "SELECT user_id AS creator_id, status FROM pitches WHERE id = $1", [id]);
}

/** A new pitch, a draft. */
export function insertPitch(pitch: {
  id: string;
  userId: string;
  title: string;
  logline: string;
  genre: string;
  format: string;
  stage: string;
  createdMs: number;
}): Query {
  const { id, userId, title, logline, genre, format, stage, createdMs } = pitch;
  return query(
    "pitches.insert",
    `INSERT INTO pitches (id, user_id, title, logline, genre, format, production_stage, status, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', $8, $8)`,
    [id, userId, title, logline, genre, format, stage, iso(createdMs)],
  );
}

/** Where each field of a change is kept. The order is the text's: one text for each set of fields. */
const CHANGEABLE = [
  ["title", "title"],
  ["logline", "logline"],
  ["genre", "genre"],
  ["format", "format"],
  ["stage", "production_stage"],
] as const;

/** Changes some fields of a pitch of this user's own. */
export function updatePitch(id: string, userId: string, change: PitchChange, nowMs: number): Query {
  const values: string[] = [id, userId, iso(nowMs)];
  const assignments = ["updated_at = $3"];
  for (const [field, column] of CHANGEABLE) {
    const value = change[field];
    if (value !== undefined) assignments.push(`${column} = $${values.push(value)}`);
  }
  return query("pitches.update", `UPDATE pitches SET ${assignments.join(", ")} WHERE id = $1 AND user_id = $2`, values);
}

/** Publishes or archives a pitch of this user's own. */
export function setPitchStatus(id: string, userId: string, status: Status, nowMs: number): Query {
  return query("pitches.set-status", "UPDATE pitches SET status = $3, updated_at = $4 WHERE id = $1 AND user_id = $2", [
    id,
    userId,
    status,
    iso(nowMs),
  ]);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

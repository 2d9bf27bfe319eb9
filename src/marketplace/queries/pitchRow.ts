import type { FORMATS, GENRES, STAGES, Status } from "../lists.ts";

/** One pitch with its maker and counters, as `PITCH_COLUMNS` names it. */
export interface PitchRow {
  readonly id: string;
  readonly title: string;
  readonly logline: string;
  readonly genre: (typeof GENRES)[number];
  readonly format: (typeof FORMATS)[number];
  readonly stage: (typeof STAGES)[number];
  readonly status: Status;
  readonly creator_id: string;
  readonly creator_name: string;
  /** ISO 8601 in UTC from a read; JSON's form, in the server's zone, from the result of a write. */
  readonly created_at: string;
  readonly likes: number;
  readonly views: number;
}

export const PITCH_COLUMNS = `p.id, p.title, p.logline, p.genre, p.format, p.production_stage AS stage, p.status,
  p.user_id AS creator_id, u.name AS creator_name, p.created_at, c.likes, c.views`;

export const PITCH_TABLES = `pitches p
JOIN users u ON u.id = p.user_id
JOIN pitch_counters c ON c.pitch_id = p.id`;

import type * as z from "zod/mini";
import type { PitchRow } from "../queries/pitchRow.ts";
import type { listedPitchSchema, pitchSchema } from "../schemas/pitchSchemas.ts";
import { utc } from "./utc.ts";

/** A row as a list shows it. */
export function listedPitch(row: PitchRow): z.infer<typeof listedPitchSchema> {
  const { id, title, logline, genre, format, stage, likes, views } = row;
  const creator = { id: row.creator_id, name: row.creator_name };
  return { id, title, logline, genre, format, stage, creator, createdAt: utc(row.created_at), likes, views };
}

/** A row as it is shown by itself. */
export function pitchItem(row: PitchRow): z.infer<typeof pitchSchema> {
  return { ...listedPitch(row), status: row.status };
}

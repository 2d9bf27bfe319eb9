import type * as z from "zod/mini";
import type { DocumentRow } from "../queries/documents.ts";
import type { documentSchema } from "../schemas/documentSchemas.ts";
import { utc } from "./utc.ts";

/** A row as it is shown. */
export function documentItem({ id, kind, title, bytes, created_at }: DocumentRow): z.infer<typeof documentSchema> {
  return { id, kind, title, bytes, createdAt: utc(created_at) };
}

import type * as z from "zod/mini";
import type { NdaRequestRow } from "../queries/ndaRequestRow.ts";
import type { ndaRequestSchema } from "../schemas/ndaSchemas.ts";
import { utc } from "./utc.ts";

/** A row as it is shown. */
export function ndaRequestItem(row: NdaRequestRow): z.infer<typeof ndaRequestSchema> {
  return {
    id: row.id,
    pitch: { id: row.pitch_id, title: row.pitch_title },
    requester: { id: row.requester_id, name: row.requester_name },
    creator: { id: row.creator_id, name: row.creator_name },
    status: row.status,
    message: row.message,
    createdAt: utc(row.created_at),
    decidedAt: row.decided_at && utc(row.decided_at),
  };
}

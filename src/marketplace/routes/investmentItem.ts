import type * as z from "zod/mini";
import type { InvestmentRow } from "../queries/investmentRow.ts";
import type { investmentSchema } from "../schemas/investmentSchemas.ts";
import { utc } from "./utc.ts";

/** A row as it is shown. */
export function investmentItem(row: InvestmentRow): z.infer<typeof investmentSchema> {
  return {
    id: row.id,
    pitch: { id: row.pitch_id, title: row.pitch_title },
    investor: { id: row.investor_id, name: row.investor_name },
    creator: { id: row.creator_id, name: row.creator_name },
    amount: Number(row.amount),
    state: row.state,
    createdAt: utc(row.created_at),
    updatedAt: utc(row.updated_at),
  };
}

import { type Query, query } from "../../breakwater.ts";
import type { NdaStatus } from "../lists.ts";
import { keyset } from "./keyset.ts";
import type { Page } from "./listPitches.ts";
import { NDA_REQUEST_COLUMNS, NDA_REQUEST_TABLES, type NdaRequestRow } from "./ndaRequestRow.ts";

/** One request, whoever asks: who may see it is for the caller to find out. */
export function ndaRequestById(id: string): Query<NdaRequestRow> {
  return query("nda-requests.by-id", `SELECT ${NDA_REQUEST_COLUMNS}\nFROM ${NDA_REQUEST_TABLES}\nWHERE r.id = $1`, [
    id,
  ]);
}

/** The requests that a user was asked (`in`) or asked (`out`), newest first. */
export function listNdaRequests(list: {
  box: "in" | "out";
  userId: string;
  status: NdaStatus | undefined;
  page: Page;
}): Query<NdaRequestRow> {
  const values: (string | number)[] = [list.userId];
  const party = list.box === "in" ? "r.creator_id" : "r.requester_id";
  const inStatus = list.status === undefined ? "" : `  AND r.status = $${values.push(list.status)}\n`;
  const text = `SELECT ${NDA_REQUEST_COLUMNS}
FROM ${NDA_REQUEST_TABLES}
WHERE ${party} = $1
${inStatus}${keyset({ time: "r.created_at", id: "r.id" }, list.page, values)}`;
  return query("nda-requests.list", text, values);
}

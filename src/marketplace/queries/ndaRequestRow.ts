import type { NdaStatus } from "../lists.ts";

/** A request for an NDA with its pitch and its parties, as `NDA_REQUEST_COLUMNS` names it. */
export interface NdaRequestRow {
  readonly id: string;
  readonly pitch_id: string;
  readonly pitch_title: string;
  readonly requester_id: string;
  readonly requester_name: string;
  readonly creator_id: string;
  readonly creator_name: string;
  readonly status: NdaStatus;
  readonly message: string;
  readonly created_at: string;
  /** Null while it is pending. */
  readonly decided_at: string | null;
}

export const NDA_REQUEST_COLUMNS = `r.id, r.pitch_id, p.title AS pitch_title, r.requester_id, a.name AS requester_name,
  r.creator_id, c.name AS creator_name, r.status, r.message, r.created_at, r.decided_at`;

export const NDA_REQUEST_TABLES = `nda_requests r
JOIN pitches p ON p.id = r.pitch_id
JOIN users a ON a.id = r.requester_id
JOIN users c ON c.id = r.creator_id`;

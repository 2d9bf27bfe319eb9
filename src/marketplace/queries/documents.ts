import { type Query, query } from "../../breakwater.ts";
import { MAX_DOCUMENTS } from "../constants.ts";
import type { DocumentKind } from "../lists.ts";
import { iso } from "./parameters.ts";
import { PITCH_COLUMNS, PITCH_TABLES, type PitchRow } from "./pitchRow.ts";

/** A document as a JSON value of the database has it. */
export interface DocumentRow {
  readonly id: string;
  readonly kind: DocumentKind;
  readonly title: string;
  readonly bytes: number;
  readonly created_at: string;
}

export interface FullPitchRow extends PitchRow {
  readonly has_nda: boolean;
  /** Oldest first. */
  readonly documents: readonly DocumentRow[];
}

/** A pitch with its documents, and whether this user has an NDA in force; who may see it is for the caller to find out. */
export function fullPitch(id: string, userId: string, nowMs: number): Query<FullPitchRow> {
  return query(
    "pitches.full",
    `SELECT ${PITCH_COLUMNS},
  EXISTS (
    SELECT FROM ndas n WHERE n.pitch_id = p.id AND n.user_id = $2 AND n.revoked_at IS NULL AND n.expires_at > $3
  ) AS has_nda,
  (
    SELECT coalesce(jsonb_agg(to_jsonb(d) ORDER BY d.created_at, d.id), '[]')
    FROM (SELECT id, kind, title, bytes, created_at FROM pitch_documents WHERE pitch_id = p.id) d
  ) AS documents
FROM ${PITCH_TABLES}
WHERE p.id = $1`,
    [id, userId, iso(nowMs)],
  );
}

/** Goes first in what adds a document: two at once would both count one too few. */
export function lockPitch(id: string, userId: string): Query {
  return query("pitches.lock", "SELECT FROM pitches WHERE id = $1 AND user_id = $2 FOR NO KEY UPDATE", [id, userId]);
}

/**
 * A new document of a pitch of this user's own, if it has room for one. Violates `pitch_documents_storage_key_key`
 * where the bytes are a document already.
 */
export function insertDocument(document: {
  id: string;
  pitchId: string;
  userId: string;
  kind: DocumentKind;
  title: string;
  storageKey: string;
  bytes: number;
  createdMs: number;
}): Query {
  const { id, pitchId, userId, kind, title, storageKey, bytes, createdMs } = document;
  return query(
    "documents.insert",
    `INSERT INTO pitch_documents (id, pitch_id, kind, title, storage_key, bytes, created_at)
SELECT $1::uuid, p.id, $4::text, $5::text, $6::text, $7::bigint, $8::timestamptz
FROM pitches p
WHERE p.id = $2 AND p.user_id = $3
  AND (SELECT count(*) FROM pitch_documents d WHERE d.pitch_id = p.id) < ${MAX_DOCUMENTS}`,
    [id, pitchId, userId, kind, title, storageKey, bytes, iso(createdMs)],
  );
}

/** One document of a pitch. */
export function documentById(id: string, pitchId: string): Query<DocumentRow> {
  return query(
    "documents.by-id",
    "SELECT id, kind, title, bytes, created_at FROM pitch_documents WHERE id = $1 AND pitch_id = $2",
    [id, pitchId],
  );
}

/** Deletes a document of a pitch of this user's own. */
export function deleteDocument(id: string, pitchId: string, userId: string): Query {
  return query(
    "documents.delete",
    `DELETE FROM pitch_documents d USING pitches p
WHERE d.id = $1 AND d.pitch_id = $2 AND p.id = d.pitch_id AND p.user_id = $3`,
    [id, pitchId, userId],
  );
}

import { type Query, query } from "../../breakwater.ts";
import { iso } from "./parameters.ts";

/** How requests for NDAs, and NDAs, come to be. What reads them is in `ndaRequests.ts`. */

/**
 * Goes first in whatever changes the agreements of a user for a pitch. Each statement after it sees what the batch
 * before it did; without it, a request could be opened in the very moment that another is approved.
 */
export function lockNda(pitchId: string, userId: string): Query {
  return query(
    "ndas.lock",
    "SELECT pg_advisory_xact_lock(hashtextextended('nda ' || $1::uuid::text || ' ' || $2::uuid::text, 0))",
    [pitchId, userId],
  );
}

/**
 * Opens a request, tells the creator and leaves a trace; nothing of it where the pitch is not to be seen or an NDA is
 * in force. Violates `nda_requests_open_key` where another is pending.
 */
export function openNdaRequest(request: {
  id: string;
  pitchId: string;
  requesterId: string;
  message: string;
  notificationId: string;
  traceId: string;
  createdMs: number;
}): Query {
  const { id, pitchId, requesterId, message, notificationId, traceId, createdMs } = request;
  return query(
    "nda-requests.open",
    `WITH changed AS (
  INSERT INTO nda_requests (id, pitch_id, creator_id, requester_id, message, created_at)
  SELECT $1::uuid, p.id, p.user_id, $3::uuid, $6::text, $2::timestamptz
  FROM pitches p
  WHERE p.id = $7 AND p.status = 'published' AND p.user_id <> $3::uuid AND NOT EXISTS (
    SELECT FROM ndas n
    WHERE n.pitch_id = p.id AND n.user_id = $3::uuid AND n.revoked_at IS NULL AND n.expires_at > $2::timestamptz
  )
  RETURNING id, pitch_id, creator_id AS other_id
)${toldAndTraced("nda-requested", "nda.request")}`,
    [id, iso(createdMs), requesterId, notificationId, traceId, message, pitchId],
  );
}

interface Decision {
  readonly requestId: string;
  readonly creatorId: string;
  readonly notificationId: string;
  readonly traceId: string;
  readonly decidedMs: number;
}

/** Declines a pending request of this creator's, tells the requester and leaves a trace; nothing of it otherwise. */
export function declineNda({ requestId, creatorId, notificationId, traceId, decidedMs }: Decision): Query {
  return query("nda-requests.decline", `WITH ${decided("declined")}${toldAndTraced("nda-declined", "nda.decline")}`, [
    requestId,
    iso(decidedMs),
    creatorId,
    notificationId,
    traceId,
  ]);
}

/**
 * Approves a pending request of this creator's, makes the NDA, tells the requester and leaves a trace; nothing of it
 * otherwise. An older NDA of theirs, which can only have expired, makes room: it is revoked before the new one is made,
 * which first asks how many were.
 */
export function approveNda(decision: Decision & { readonly ndaId: string; readonly expiresMs: number }): Query {
  const { requestId, creatorId, notificationId, traceId, decidedMs, ndaId, expiresMs } = decision;
  return query(
    "nda-requests.approve",
    `WITH ${decided("approved")}, revoked AS (
  UPDATE ndas n SET revoked_at = $2::timestamptz
  FROM changed
  WHERE n.pitch_id = changed.pitch_id AND n.user_id = changed.other_id AND n.revoked_at IS NULL
  RETURNING n.id
), made AS (
  INSERT INTO ndas (id, pitch_id, user_id, request_id, signed_at, expires_at)
  SELECT $6::uuid, pitch_id, other_id, id, $2::timestamptz, $7::timestamptz
  FROM changed
  WHERE (SELECT count(*) FROM revoked) >= 0
)${toldAndTraced("nda-approved", "nda.approve")}`,
    [requestId, iso(decidedMs), creatorId, notificationId, traceId, ndaId, iso(expiresMs)],
  );
}

function decided(status: "approved" | "declined"): string {
  return `changed AS (
  UPDATE nda_requests SET status = '${status}', decided_at = $2::timestamptz
  WHERE id = $1 AND creator_id = $3 AND status = 'pending'
  RETURNING id, pitch_id, requester_id AS other_id
)`;
}

/** The rest of a change: `$2` is when, `$3` who did it, `$4` and `$5` are ids for what is made here. */
function toldAndTraced(kind: string, action: string): string {
  return `, told AS (
  INSERT INTO notifications (id, user_id, kind, actor_id, pitch_id, subject_id, created_at)
  SELECT $4::uuid, other_id, '${kind}', $3::uuid, pitch_id, id, $2::timestamptz FROM changed
)
INSERT INTO audit_log (id, at, actor_id, action, subject_kind, subject_id, detail)
SELECT $5::uuid, $2::timestamptz, $3::uuid, '${action}', 'nda-request', id, jsonb_build_object('pitchId', pitch_id)
FROM changed`;
}

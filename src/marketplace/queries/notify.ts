import { type Query, query } from "../../breakwater.ts";
import type { NotificationKind } from "../lists.ts";

export interface NewNotification {
  readonly id: string;
  /** Who is told. */
  readonly userId: string;
  readonly kind: NotificationKind;
  readonly actorId: string;
  readonly pitchId?: string | undefined;
  /** The request, conversation or investment it tells of. */
  readonly subjectId?: string | undefined;
  readonly createdMs: number;
}

/** Tells somebody of something, in the same transaction as the thing itself. */
export function notify({ id, userId, kind, actorId, pitchId, subjectId, createdMs }: NewNotification): Query {
  return query(
    "notifications.insert",
    `INSERT INTO notifications (id, user_id, kind, actor_id, pitch_id, subject_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [id, userId, kind, actorId, pitchId ?? null, subjectId ?? null, new Date(createdMs).toISOString()],
  );
}

import { type Query, query } from "../../breakwater.ts";
import type { InvestmentState } from "../lists.ts";
import { INVESTMENT_COLUMNS, INVESTMENT_TABLES, type InvestmentRow } from "./investmentRow.ts";
import { keyset } from "./keyset.ts";
import type { Page } from "./listPitches.ts";
import { iso } from "./parameters.ts";

/**
 * Shows interest in a published pitch of another, or changes the amount of the interest that stands, and tells the
 * creator; nothing of it where it stands with this amount. What the creator said of another amount no longer holds.
 */
export function setInvestment(investment: {
  id: string;
  pitchId: string;
  investorId: string;
  amount: number;
  notificationId: string;
  nowMs: number;
}): Query {
  const { id, pitchId, investorId, amount, notificationId, nowMs } = investment;
  return query(
    "investments.set",
    `WITH changed AS (
  INSERT INTO investments AS i (id, pitch_id, creator_id, investor_id, amount, created_at, updated_at)
  SELECT $1::uuid, p.id, p.user_id, $3::uuid, $5::bigint, $2::timestamptz, $2::timestamptz
  FROM pitches p WHERE p.id = $6 AND p.status = 'published' AND p.user_id <> $3::uuid
  ON CONFLICT (pitch_id, investor_id) WHERE state <> 'withdrawn'
  DO UPDATE SET amount = excluded.amount, state = 'interested', updated_at = excluded.updated_at
  WHERE i.amount <> excluded.amount
  RETURNING i.id, i.pitch_id, i.creator_id AS told_id
)
${TELL}`,
    [id, iso(nowMs), investorId, notificationId, amount, pitchId],
  );
}

export interface StandingInvestmentRow extends InvestmentRow {
  /** It was made by this request. */
  readonly is_new: boolean;
}

/** The investment of an investor that stands for a pitch still published. `id`: the one that this request would make. */
export function standingInvestment(id: string, pitchId: string, investorId: string): Query<StandingInvestmentRow> {
  return query(
    "investments.standing",
    `SELECT ${INVESTMENT_COLUMNS}, i.id = $1 AS is_new
FROM ${INVESTMENT_TABLES}
WHERE i.pitch_id = $2 AND i.investor_id = $3 AND i.state <> 'withdrawn' AND p.status = 'published'`,
    [id, pitchId, investorId],
  );
}

/** One investment, whoever asks: who may see it is for the caller to find out. */
export function investmentById(id: string): Query<InvestmentRow> {
  return query("investments.by-id", `SELECT ${INVESTMENT_COLUMNS}\nFROM ${INVESTMENT_TABLES}\nWHERE i.id = $1`, [id]);
}

/** Investments in a creator's pitches, or of an investor, newest first. */
export function listInvestments(party: "creator" | "investor", userId: string, page: Page): Query<InvestmentRow> {
  const values: (string | number)[] = [userId];
  return query(
    "investments.list",
    `SELECT ${INVESTMENT_COLUMNS}
FROM ${INVESTMENT_TABLES}
WHERE i.${party}_id = $1
${keyset({ time: "i.created_at", id: "i.id" }, page, values)}`,
    values,
  );
}

/**
 * Moves an investment of this user's on, as its investor or its creator, and tells the other; nothing of it where it is
 * in that state, or withdrawn.
 */
export function setInvestmentState(change: {
  id: string;
  userId: string;
  party: "creator" | "investor";
  state: InvestmentState;
  notificationId: string;
  nowMs: number;
}): Query {
  const { id, userId, party, state, notificationId, nowMs } = change;
  return query(
    "investments.set-state",
    `WITH changed AS (
  UPDATE investments SET state = $5, updated_at = $2::timestamptz
  WHERE id = $1 AND ${party}_id = $3 AND state NOT IN ($5, 'withdrawn')
  RETURNING id, pitch_id, ${party === "creator" ? "investor_id" : "creator_id"} AS told_id
)
${TELL}`,
    [id, iso(nowMs), userId, notificationId, state],
  );
}

/** `$2` is when, `$3` who did it, `$4` the notification's id. */
const TELL = `INSERT INTO notifications (id, user_id, kind, actor_id, pitch_id, subject_id, created_at)
SELECT $4::uuid, told_id, 'investment', $3::uuid, pitch_id, id, $2::timestamptz FROM changed`;

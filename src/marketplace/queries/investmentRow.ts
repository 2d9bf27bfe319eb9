import type { InvestmentState } from "../lists.ts";

/** An investment with its pitch and its parties, as `INVESTMENT_COLUMNS` names it. */
export interface InvestmentRow {
  readonly id: string;
  readonly pitch_id: string;
  readonly pitch_title: string;
  readonly investor_id: string;
  readonly investor_name: string;
  readonly creator_id: string;
  readonly creator_name: string;
  /** A bigint: text from a read, a number from the result of a write. */
  readonly amount: string | number;
  readonly state: InvestmentState;
  readonly created_at: string;
  readonly updated_at: string;
}

export const INVESTMENT_COLUMNS = `i.id, i.pitch_id, p.title AS pitch_title, i.investor_id, a.name AS investor_name,
  i.creator_id, c.name AS creator_name, i.amount, i.state, i.created_at, i.updated_at`;

export const INVESTMENT_TABLES = `investments i
JOIN pitches p ON p.id = i.pitch_id
JOIN users a ON a.id = i.investor_id
JOIN users c ON c.id = i.creator_id`;

import type { Phase } from "../../../sql/indexes/entry.ts";
import { IndexError } from "./indexError.ts";
import type { Session } from "./session.ts";

type LedgerAction = "build" | "drop" | "rename" | "adopt" | "analyze" | "pause";
type LedgerState = "begun" | "done" | "failed" | "blocked" | "cancelled";

/** One action on one index. */
export interface LedgerNote {
  readonly name: string;
  readonly relation: string;
  readonly phase: Phase;
  readonly action: LedgerAction;
  readonly state: LedgerState;
  readonly statement: string;
  readonly definition?: string | undefined;
  readonly detail?: string | undefined;
}

export interface LedgerRow {
  readonly name: string;
  readonly relation: string;
  readonly phase: Phase;
  readonly action: string;
  readonly state: string;
  readonly statement: string;
  readonly definition: string | null;
}

/** Whether the database has a ledger: it comes with the core's migrations. */
export async function hasLedger(session: Session): Promise<boolean> {
  const [row] = await session.ask<{ there: boolean }>(
    "SELECT to_regclass('breakwater.index_ledger') IS NOT NULL AS there",
  );
  return row?.there === true;
}

/** Throws for a database without a ledger: what is done there could not be undone. */
export async function requireLedger(session: Session): Promise<void> {
  if (await hasLedger(session)) return;
  throw new IndexError("refused", "This database keeps no ledger of indexes yet: run `npm run cli -- install` first.");
}

/** Adds a row. A repeat after a lost connection is harmless: the catalogue decides, the rows only tell. */
export async function note(session: Session, entry: LedgerNote): Promise<void> {
  await session.ask(
    `INSERT INTO breakwater.index_ledger (by, name, relation, phase, action, state, statement, definition, detail)
      VALUES (session_user || ' ' || current_setting('application_name'), $1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      entry.name,
      entry.relation,
      entry.phase,
      entry.action,
      entry.state,
      entry.statement,
      entry.definition ?? null,
      entry.detail ?? null,
    ],
  );
}

/** The actions of each name, oldest first; none where there is no ledger. `names` undefined: of all. */
export async function lastActions(session: Session, names?: readonly string[]): Promise<Map<string, LedgerRow[]>> {
  const actions = new Map<string, LedgerRow[]>();
  if (!(await hasLedger(session))) return actions;
  const rows = await session.ask<LedgerRow>(
    `SELECT name, relation, phase, action, state, statement, definition FROM breakwater.index_ledger
      WHERE $1::text[] IS NULL OR name = ANY ($1) ORDER BY id`,
    [names ?? null],
  );
  for (const row of rows) actions.set(row.name, [...(actions.get(row.name) ?? []), row]);
  return actions;
}

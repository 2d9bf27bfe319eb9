import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { SCHEMA } from "./constants.ts";
import { indexStates, type SeenIndex } from "./indexStates.ts";
import { hasLedger, lastActions } from "./ledger.ts";
import { Session } from "./session.ts";
import { stagingName } from "./statements.ts";

export interface Status {
  readonly entries: readonly SeenIndex[];
  /** Why the last deploy did not start its next index, if nothing was done since. */
  readonly paused: string | undefined;
  /** Built by us, by the ledger, and gone: a deploy builds those of the catalogue again. */
  readonly drifted: readonly string[];
  /** Indexes of our tables that the catalogue does not know, and no constraint has; never dropped. */
  readonly unmanaged: readonly { readonly name: string; readonly table: string; readonly isValid: boolean }[];
}

/** What there is, by looking alone. */
export async function status(connectionString: string, entries: readonly IndexEntry[]): Promise<Status> {
  const session = await new Session(connectionString, "observer").open();
  try {
    const seen = await indexStates(session, entries);
    const known = new Set(entries.flatMap(({ name }) => [name, stagingName(name)]));
    const unmanaged = await session.ask<Status["unmanaged"][number]>(
      `SELECT i.relname AS name, t.relname AS table, x.indisvalid AS "isValid"
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
        WHERE t.relnamespace = $1::regnamespace AND t.relname = ANY ($2) AND i.relname <> ALL ($3)
          AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid AND c.contype IN ('p', 'u', 'x'))
        ORDER BY t.relname, i.relname`,
      [SCHEMA, [...new Set(entries.map(({ table }) => table))], [...known]],
    );
    return {
      entries: seen,
      paused: await pausedBy(session),
      drifted: await driftedNames(session, seen, known),
      unmanaged,
    };
  } finally {
    await session.close();
  }
}

async function pausedBy(session: Session): Promise<string | undefined> {
  if (!(await hasLedger(session))) return undefined;
  const [last] = await session.ask<{ name: string; action: string; state: string; detail: string | null }>(
    "SELECT name, action, state, detail FROM breakwater.index_ledger ORDER BY id DESC LIMIT 1",
  );
  return last?.action === "pause" && last.state === "begun" ? `before ${last.name}: ${last.detail}` : undefined;
}

async function driftedNames(
  session: Session,
  seen: readonly SeenIndex[],
  known: ReadonlySet<string>,
): Promise<string[]> {
  const ours = seen.filter(
    ({ facts, state }) => state.kind === "absent" && facts.last?.isOurs === true && facts.last.state === "done",
  );
  const actions = await lastActions(session);
  const forgotten = [...actions].filter(([name, rows]) => {
    const last = rows.findLast(({ action }) => action !== "pause" && action !== "analyze");
    return !known.has(name) && last?.action === "build" && last.state === "done";
  });
  const there = new Set(
    (
      await session.ask<{ name: string }>(
        "SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relname = ANY ($2)",
        [SCHEMA, forgotten.map(([name]) => name)],
      )
    ).map(({ name }) => name),
  );
  return [...ours.map(({ entry }) => entry.name), ...forgotten.flatMap(([name]) => (there.has(name) ? [] : [name]))];
}

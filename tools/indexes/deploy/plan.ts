import type { IndexEntry, Phase } from "../../../sql/indexes/entry.ts";
import { blockerText } from "./blocker.ts";
import { oldTransactions } from "./blockers.ts";
import { chosenEntries } from "./chosenEntries.ts";
import { estimates } from "./estimate.ts";
import { indexStates, type SeenIndex } from "./indexStates.ts";
import { hasLedger } from "./ledger.ts";
import type { Limits } from "./limits.ts";
import { earlierEntries, missing } from "./phaseGate.ts";
import { lagInTheWay } from "./replicaLag.ts";
import { Session } from "./session.ts";
import { createStatement, dropStatement } from "./statements.ts";

/** One line of a plan: the catalogue's word, and what a deploy would do. */
interface PlannedEntry {
  readonly name: string;
  readonly table: string;
  readonly phase: Phase;
  readonly queries: readonly string[];
  readonly proof: IndexEntry["proofs"];
  readonly verdict: IndexEntry["verdict"]["kind"];
  /** Why it is optional, rejected, or skipped here; null for one that ships. */
  readonly reason: string | null;
  /** Null without a database. */
  readonly state: SeenIndex["state"] | null;
  /** What would be sent; empty where nothing is to do. */
  readonly statements: readonly string[];
  readonly estimatedBytes: number | null;
}

export interface Plan {
  readonly entries: readonly PlannedEntry[];
  /** What would keep a deploy from beginning, or hold it up. */
  readonly inTheWay: readonly string[];
}

export interface PlanOptions {
  /** Undefined: the catalogue alone. */
  readonly connectionString?: string | undefined;
  readonly entries: readonly IndexEntry[];
  /** What a deploy of this phase would do; undefined: of all. */
  readonly phase?: Phase | undefined;
  readonly optional?: readonly string[];
  readonly limits: Limits;
  readonly replicaUrls?: readonly string[];
}

/** What a deploy would do, found out by looking alone: no DDL is sent, and nothing is locked. */
export async function plan(options: PlanOptions): Promise<Plan> {
  const { connectionString, entries, phase } = options;
  const isPlanned = (entry: IndexEntry) => phase === undefined || entry.phase === phase;
  if (phase !== undefined) chosenEntries(entries, phase, options.optional);
  if (connectionString === undefined) {
    return {
      entries: entries.filter(isPlanned).map((entry) => planned(entry, undefined, undefined, [])),
      inTheWay: [],
    };
  }
  const session = await new Session(connectionString, "observer").open();
  try {
    const seen = await indexStates(session, entries);
    const sizes = await estimates(
      session,
      seen.filter(({ state }) => state.kind === "absent" || state.kind === "leftover"),
    );
    const inTheWay = await allInTheWay(session, options, seen);
    return {
      entries: seen
        .filter(({ entry }) => isPlanned(entry))
        .map(({ entry, state }) => planned(entry, state, sizes.get(entry.name), options.optional ?? [])),
      inTheWay,
    };
  } finally {
    await session.close();
  }
}

function planned(
  entry: IndexEntry,
  state: SeenIndex["state"] | undefined,
  bytes: number | undefined,
  optional: readonly string[],
): PlannedEntry {
  const { name, table, phase, queries, proofs, verdict } = entry;
  const skipped = state?.kind === "skipped" ? state.reason : undefined;
  const own = verdict.kind === "optional" ? verdict.when : verdict.kind === "rejected" ? verdict.reason : undefined;
  const isWanted = verdict.kind === "ship" || optional.includes(name);
  return {
    name,
    table,
    phase,
    queries,
    proof: proofs,
    verdict: verdict.kind,
    reason: skipped ?? own ?? null,
    state: state ?? null,
    statements: isWanted && state ? statementsFor(entry, state) : [],
    estimatedBytes: bytes ?? null,
  };
}

function statementsFor(entry: IndexEntry, state: SeenIndex["state"]): readonly string[] {
  if (state.kind === "absent") return [createStatement(entry)];
  if (state.kind === "leftover" || state.kind === "half-dropped") {
    return [dropStatement(entry.name), createStatement(entry)];
  }
  return [];
}

async function allInTheWay(session: Session, options: PlanOptions, seen: readonly SeenIndex[]): Promise<string[]> {
  const { entries, phase, limits, replicaUrls = [] } = options;
  const earlier = new Set(phase === undefined ? [] : earlierEntries(entries, phase).map(({ name }) => name));
  const gate = missing(seen.filter(({ entry }) => earlier.has(entry.name)));
  const tables = [...new Set(seen.flatMap(({ facts }) => facts.table.oid ?? []))];
  const old = await oldTransactions(session, tables, limits.waitBudgetMs);
  const lag = await lagInTheWay({ observer: session, limits, replicaUrls });
  return [
    ...((await hasLedger(session)) ? [] : ["the database keeps no ledger of indexes yet: `npm run cli -- install`"]),
    ...gate,
    ...old.map((each) => `a transaction older than the budget: ${blockerText(each)}`),
    ...(lag === undefined ? [] : [lag]),
  ];
}

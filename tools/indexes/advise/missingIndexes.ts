import type { Client } from "pg";
import type { IndexEntry } from "../../../sql/indexes/entry.ts";
import { IndexError } from "../deploy/indexError.ts";
import { sentenceOf } from "../inSentences.ts";
import type { Candidate } from "./candidate.ts";
import { catalogueCandidates } from "./catalogueCandidates.ts";
import type { Advice } from "./finding.ts";
import type { IndexFacts } from "./indexFacts.ts";
import { mergedWorkload } from "./mergedWorkload.ts";
import { provenFinding, unprovenFinding } from "./missingFinding.ts";
import { type PlannedStatement, proposedCandidates } from "./proposedCandidates.ts";
import { proveCandidates } from "./proveCandidates.ts";
import { queryIds } from "./queryIds.ts";
import { queryLabel } from "./queryLabel.ts";
import { genericPlan } from "./queryPlan.ts";
import { runnableQueries } from "./runnableQueries.ts";
import { statementStatistics } from "./statementStatistics.ts";
import type { TableWrites } from "./tableWrites.ts";
import { type WorkerQueries, workerQueries } from "./workerQueries.ts";
import type { WorkloadQuery } from "./workload.ts";
import { worthwhile } from "./worthwhile.ts";

export interface MissingOptions {
  readonly primary: Client;
  readonly replicas: readonly Client[];
  readonly entries: readonly IndexEntry[];
  readonly indexes: readonly IndexFacts[];
  readonly tables: ReadonlyMap<string, TableWrites>;
  readonly worker: { readonly url: string; readonly adminToken: string } | undefined;
  /** Opened only when there is something to try. */
  readonly openClone: (() => Promise<{ readonly client: Client; readonly close: () => Promise<void> }>) | undefined;
  readonly onProgress: (step: string) => void;
}

/** Indexes that slow or frequent queries want: tried on a clone and ranked, or told as what nobody has tried. */
export async function missingIndexes(options: MissingOptions): Promise<Advice> {
  const { primary, entries, indexes, tables, openClone, onProgress } = options;
  const { workload, notes } = await countedQueries(options);
  const wanted = worthwhile(workload);
  const planned = await plannedStatements(primary, wanted);
  notes.push(...planned.notes);
  const candidates = [
    ...catalogueCandidates(entries, indexes, wanted, await columnsOf(primary)),
    ...proposedCandidates(planned.statements, indexes, tables),
  ];
  if (candidates.length === 0) return { findings: [], notes };
  if (openClone === undefined) return { findings: unproven(candidates), notes };
  const clone = await openClone();
  try {
    return await tried();
  } catch (cause) {
    const sentence = sentenceOf(cause);
    throw sentence === undefined ? cause : new IndexError("refused", `Of the clone: ${sentence}`, { cause });
  } finally {
    await clone.close();
  }

  async function tried(): Promise<Advice> {
    onProgress("taking samples");
    const runnable = await runnableQueries(clone.client, workload, planned.statements);
    const { runnables } = runnable;
    const { proven, dismissed } = await proveCandidates(clone.client, candidates, { runnables, tables, onProgress });
    return {
      findings: proven.map((each, at) => provenFinding(each, at + 1)),
      notes: [
        ...notes,
        ...runnable.notes,
        ...dismissed.map(({ candidate, reason }) => `${candidate.name} is no finding: ${reason}.`),
      ],
    };
  }
}

async function countedQueries({ primary, replicas, worker }: MissingOptions) {
  const nodes = [];
  const notes: string[] = [];
  for (const node of [primary, ...replicas]) {
    const { statements, note } = await statementStatistics(node);
    nodes.push(statements);
    if (note !== undefined && !notes.includes(note)) notes.push(note);
  }
  const told: WorkerQueries =
    worker === undefined
      ? { queries: [], note: "No Worker was asked for its queries (--breakwater-url, --admin-token)." }
      : await workerQueries(worker);
  if (told.note !== undefined) notes.push(told.note);
  const names = nodes.flat().length === 0 ? new Map<string, string>() : await queryIds(primary);
  return { workload: mergedWorkload(nodes, names, told.queries), notes };
}

/** Plans of the statements that are not the application's own. */
async function plannedStatements(primary: Client, wanted: readonly WorkloadQuery[]) {
  const statements: PlannedStatement[] = [];
  const failed: WorkloadQuery[] = [];
  for (const query of wanted) {
    if (query.name !== undefined || query.text === undefined) continue;
    try {
      statements.push({ query, plan: await genericPlan(primary, query.text) });
    } catch {
      failed.push(query);
    }
  }
  const note = `Not planned without their values (that takes PostgreSQL 16, and rights on their tables): ${failed.map(queryLabel).join(", ")}.`;
  return { statements, notes: failed.length === 0 ? [] : [note] };
}

function unproven(candidates: readonly Candidate[]) {
  const time = ({ queries }: Candidate) => queries.reduce((sum, { totalMs }) => sum + totalMs, 0);
  return candidates.toSorted((a, b) => time(b) - time(a)).map(unprovenFinding);
}

async function columnsOf(primary: Client): Promise<ReadonlySet<string>> {
  const { rows } = await primary.query<{ name: string }>(
    `SELECT c.relname || '.' || a.attname AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped`,
  );
  return new Set(rows.map(({ name }) => name));
}

import type { ClientBase } from "pg";
import type { Candidate } from "./candidate.ts";
import { CLONE_TIMEOUT_MS } from "./constants.ts";
import { type Judgement, judgeTrial } from "./judgeTrial.ts";
import { type Proven, rankProven } from "./rankProven.ts";
import type { TableWrites } from "./tableWrites.ts";
import { type Baseline, baseline, trial } from "./trial.ts";
import { walPerWrite } from "./walPerWrite.ts";
import type { RunnableQuery } from "./workload.ts";

export interface ProofResult {
  readonly proven: readonly Proven[];
  /** Candidates that were tried and are not worth it, or could not be tried, and why. */
  readonly dismissed: readonly { readonly candidate: Candidate; readonly reason: string }[];
}

/**
 * Builds every candidate on a clone, one after another, and runs all queries of its table with and without it. Then the
 * best again, each beside those before it: one that is of no more use then is dismissed. All builds are rolled back.
 */
export async function proveCandidates(
  clone: ClientBase,
  candidates: readonly Candidate[],
  options: {
    readonly runnables: readonly RunnableQuery[];
    readonly tables: ReadonlyMap<string, TableWrites>;
    readonly onProgress?: (step: string) => void;
  },
): Promise<ProofResult> {
  const { tables, onProgress = () => {} } = options;
  const wanted = new Set(candidates.flatMap(({ queries }) => queries));
  // Reads first: what a write leaves behind, rolled back as it is, every later scan reads.
  const runnables = options.runnables
    .filter(({ query, kind }) => kind === "read" || wanted.has(query))
    .toSorted((one, other) => Number(one.kind === "write") - Number(other.kind === "write"));
  const dismissed: { candidate: Candidate; reason: string }[] = [];
  const alone: Proven[] = [];
  onProgress("running the queries as they are");
  const before = await inTransaction(clone, () => baseline(clone, runnables));
  for (const candidate of candidates) {
    onProgress(`trying ${candidate.name}`);
    try {
      const tried = await inTransaction(clone, () => trial(clone, candidate, { runnables, before }));
      const judgement = judgeTrial(tried);
      if (judgement.kind !== "helps") {
        dismissed.push({ candidate, reason: dismissal(judgement) });
        continue;
      }
      const wal = await walPerWrite(clone, candidate);
      const writes = tables.get(`${candidate.schema}.${candidate.relation}`)?.writes ?? 0;
      alone.push({ trial: tried, judgement, walPerWrite: wal, writes });
    } catch (error) {
      dismissed.push({ candidate, reason: couldNot(error) });
    }
  }
  const beside = await inTransaction(clone, () => besideTheBetter(clone, rankProven(alone), runnables));
  return {
    proven: rankProven(beside.filter((each): each is Proven => "trial" in each)),
    dismissed: [...dismissed, ...beside.filter((each) => "reason" in each)],
  };
}

/** Forward selection: each is tried beside those of its table that were kept so far, in their order. */
async function besideTheBetter(clone: ClientBase, ranked: readonly Proven[], runnables: readonly RunnableQuery[]) {
  const results: (Proven | { readonly candidate: Candidate; readonly reason: string })[] = [];
  const begun = new Set<string>();
  for (const proven of ranked) {
    const { candidate } = proven.trial;
    await clone.query("SAVEPOINT candidate");
    try {
      const isFirst = !begun.has(candidate.table);
      begun.add(candidate.table);
      const before: Baseline = isFirst ? new Map() : await baseline(clone, runnables, candidate.relation);
      const tried = await trial(clone, candidate, { runnables, before });
      // Nothing is there that could do its work: it was tried so already.
      const judgement = isFirst ? proven.judgement : judgeTrial(tried);
      if (judgement.kind === "helps") {
        results.push(isFirst ? proven : { ...proven, trial: tried, judgement });
        await clone.query("RELEASE SAVEPOINT candidate");
        continue;
      }
      results.push({ candidate, reason: `${dismissal(judgement)}, beside the better ones` });
    } catch (error) {
      results.push({ candidate, reason: couldNot(error) });
    }
    await clone.query("ROLLBACK TO SAVEPOINT candidate; RELEASE SAVEPOINT candidate");
  }
  return results;
}

/** What a clone says to a build, in our words. */
const REFUSALS: Readonly<Record<string, string>> = {
  "42P07": "the clone has an index of that name already: give one that is as the database is",
  "42P01": "the clone has not its table",
  "42703": "its table has other columns in the clone",
  "42501": "the clone's user may not build it",
  "23505": "two rows have the same keys",
  "54000": "some row's keys are too long for one page",
  "57014": `it took longer than ${CLONE_TIMEOUT_MS / 1_000} s`,
  "53100": "the clone has no room",
};

function couldNot(error: unknown): string {
  const { code = "", message = String(error) } = error as { code?: string; message?: string };
  return `it could not be tried: ${REFUSALS[code] ?? message}`;
}

function dismissal(judgement: Exclude<Judgement, { kind: "helps" }>): string {
  switch (judgement.kind) {
    case "useless": {
      const { best } = judgement;
      if (best === undefined) return "none of its queries could be run";
      return `on the clone it saves too little: at best ${best.before} buffers become ${best.after}`;
    }
    case "harms": {
      const { query, before, after } = judgement.worst;
      return `on the clone it makes ${query.name ?? "another statement"} read ${after} buffers instead of ${before}, with all its values`;
    }
    default:
      return judgement satisfies never;
  }
}

async function inTransaction<T>(clone: ClientBase, work: () => Promise<T>): Promise<T> {
  await clone.query(`BEGIN; SET LOCAL statement_timeout = ${CLONE_TIMEOUT_MS}`);
  try {
    return await work();
  } finally {
    await clone.query("ROLLBACK");
  }
}

import type { Candidate } from "./candidate.ts";
import type { Finding } from "./finding.ts";
import { queryLabel } from "./queryLabel.ts";
import { type Proven, savedPerWalByte } from "./rankProven.ts";
import type { TrialRun } from "./trial.ts";

/** An index that was built on a clone and helps there. */
export function provenFinding(proven: Proven, rank: number): Finding {
  const { trial, judgement, walPerWrite, writes } = proven;
  const { candidate, indexBytes, buildMs, runs } = trial;
  const { best, worse, savedMs } = judgement;
  return {
    kind: "missing",
    object: candidate.name,
    sentence: `On the clone ${changeOf(best)}; ${otherRuns(proven)}`,
    certainty: "proven",
    numbers: {
      rank,
      ...counted(candidate),
      buffersBefore: best.before,
      buffersAfter: best.after,
      runs: runs.length,
      worseRuns: worse.length,
      savedMs: Math.round(savedMs),
      walPerWrite: walPerWrite ?? null,
      writes,
      savedMsPerWalKilobyte: round(savedPerWalByte(proven) * 1_000),
      bytes: indexBytes,
      buildMs,
      definition: candidate.definition,
    },
    command: commandFor(candidate),
  };
}

/** An index that looks as if it could help, and that nobody has tried. It has no rank. */
export function unprovenFinding(candidate: Candidate): Finding {
  const names = candidate.queries.map(queryLabel).join(", ");
  const why =
    candidate.origin.kind === "catalogue"
      ? `The catalogue has it for ${names}, and the database has not.`
      : `A sequential scan of ${names} compares and sorts these columns.`;
  return {
    kind: "missing",
    object: candidate.name,
    sentence: `${why} Not tried: --clone-url or --copy would.`,
    certainty: "unproven",
    numbers: { ...counted(candidate), definition: candidate.definition },
    command: commandFor(candidate),
  };
}

function counted({ queries, origin }: Candidate) {
  const isOptional = origin.kind === "catalogue" && origin.when !== undefined;
  return {
    ...(isOptional ? { optional: `worth it where ${origin.when}` } : {}),
    queries: queries.map(queryLabel).join(", "),
    calls: sum(queries, ({ calls }) => calls),
    totalMs: Math.round(sum(queries, ({ totalMs }) => totalMs)),
    slowestMs: round(Math.max(...queries.map(({ slowMs }) => slowMs))),
  };
}

function commandFor({ name, definition, isUnique, origin }: Candidate): string {
  switch (origin.kind) {
    case "catalogue":
      return `npm run cli -- indexes deploy --phase ${origin.phase}${origin.when === undefined ? "" : ` --with ${name}`}`;
    case "proposed":
      return `CREATE ${isUnique ? "UNIQUE " : ""}INDEX CONCURRENTLY ${name} ON ${definition};`;
    default:
      return origin satisfies never;
  }
}

function otherRuns({ trial, judgement }: Proven): string {
  const { worse } = judgement;
  const [worst] = worse;
  if (worst === undefined) return `none of the ${trial.runs.length} runs that read its table became worse.`;
  return `but ${worse.length} of the ${trial.runs.length} runs that read its table became worse: ${changeOf(worst)}.`;
}

function changeOf({ query, sample, before, after }: TrialRun): string {
  return `${queryLabel(query)} (${sample}) reads ${after} buffers instead of ${before}`;
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

import type { IndexEntry, Proof } from "../../../sql/indexes/entry.ts";
import { costOf, keyOf, type Measured } from "./measure.ts";

/** One proof of an entry, held against one sample. */
export interface ProofResult {
  readonly entry: string;
  readonly sample: string;
  readonly buffers: number | undefined;
  readonly maxBuffers: number;
  /** Empty: it holds. */
  readonly failures: readonly string[];
}

/**
 * Holds the proofs of the entries that are there against what was measured with them. `common` bounds also the samples
 * in the middle and far behind the first page, `rare` also those that find nothing. A proof without samples fails: it
 * would prove nothing. Those of finished clean-ups are measured by `measureFinished`.
 */
export function checkProofs(entries: readonly IndexEntry[], measured: readonly Measured[]): readonly ProofResult[] {
  return entries.flatMap((entry) =>
    entry.proofs.filter(({ isFinished }) => !isFinished).flatMap((proof) => checkProof(entry, proof, measured)),
  );
}

function checkProof(entry: IndexEntry, proof: Proof, measured: readonly Measured[]): readonly ProofResult[] {
  const samples = measured.filter(
    ({ name, shape }) => name === proof.query && (proof.shape === undefined || shape === proof.shape),
  );
  if (samples.length === 0) return [unsampled(entry.name, proof)];
  return samples.map((sample) => {
    const maxBuffers = boundOf(proof, sample.label);
    return {
      entry: entry.name,
      sample: keyOf(sample),
      buffers: costOf(sample),
      maxBuffers,
      failures: failuresOf(entry, proof, sample, maxBuffers),
    };
  });
}

/** The result of a proof that nothing can be held against. */
export function unsampled(entry: string, { query, shape, maxBuffers }: Proof): ProofResult {
  const sample = [query, ...(shape === undefined ? [] : [shape])].join(" ");
  const failures = ["there is no sample of it"];
  return { entry, sample, buffers: undefined, maxBuffers: maxBuffers.common, failures };
}

/** What keeps one proof from holding for one sample, a few words each. */
export function failuresOf(
  entry: IndexEntry,
  proof: Pick<Proof, "isOrdered" | "isChosen">,
  measured: Measured,
  maxBuffers: number,
): string[] {
  const { plan, trouble } = measured;
  const buffers = costOf(measured);
  if (plan === undefined || buffers === undefined) return [`it failed: ${trouble}`];
  const failures: string[] = [];
  const indexes = [...new Set(plan.nodes.flatMap(({ index }) => index ?? []))];
  if (proof.isChosen !== false && !indexes.includes(entry.name))
    failures.push(`its plan reads ${indexes.join(", ") || "no index"}`);
  if (proof.isOrdered !== false && plan.isSorted) failures.push("its plan sorts");
  if (buffers > maxBuffers) failures.push(`${buffers} buffers are more than ${maxBuffers}`);
  return failures;
}

function boundOf({ maxBuffers }: Proof, label: Measured["label"]): number {
  switch (label) {
    case "common":
    case "mid":
    case "deep":
      return maxBuffers.common;
    case "rare":
    case "none":
      return maxBuffers.rare;
    default:
      return label satisfies never;
  }
}

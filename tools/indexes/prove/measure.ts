import type { ClientBase } from "pg";
import type { Sample, SampledQuery } from "../sample.ts";
import { vacuumWritten } from "../vacuumWritten.ts";
import { type ExplainOptions, explain } from "./explain.ts";
import type { Plan } from "./planNodes.ts";

/** A sampled query and how it ran. */
export interface Measured {
  readonly name: string;
  readonly shape: string | undefined;
  readonly label: Sample["label"];
  readonly kind: SampledQuery["kind"];
  /** Undefined: it failed, as `trouble` says; a statement may need an index, `ON CONFLICT` does. */
  readonly plan: Plan | undefined;
  readonly trouble?: string;
}

/**
 * Runs every sample, one after another. What a write leaves behind though it was rolled back, dead rows that every
 * later scan would read, is vacuumed away after each, unless the transaction is the caller's. That changes what the
 * planner knows by a little: whoever compares reads measures them before any writes.
 */
export async function measure(
  client: ClientBase,
  queries: readonly SampledQuery[],
  { onProgress = () => {}, ...options }: ExplainOptions & { readonly onProgress?: (key: string) => void } = {},
): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const { name, kind, samples } of queries) {
    for (const { shape, label, query } of samples) {
      onProgress(keyOf({ name, shape, label }));
      const sample = { name, shape, label, kind };
      let plan: Plan | undefined;
      try {
        plan = await explain(client, query, options);
        measured.push({ ...sample, plan });
      } catch (error) {
        measured.push({ ...sample, plan, trouble: error instanceof Error ? error.message : String(error) });
      }
      if (plan && kind === "write" && !options.isInTransaction) await vacuumWritten(client, [plan]);
    }
  }
  return measured;
}

/** What a sample is judged by: what it reads; of a write only what finding its rows takes. Undefined: it failed. */
export function costOf({ kind, plan }: Measured): number | undefined {
  return kind === "write" ? plan?.findingBuffers : plan?.buffers;
}

/** `pitches.browse genre rare`: names one sample. */
export function keyOf({ name, shape, label }: Pick<Measured, "name" | "shape" | "label">): string {
  return [name, ...(shape === undefined ? [] : [shape]), label].join(" ");
}

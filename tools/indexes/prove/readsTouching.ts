import type { SampledQuery } from "../sample.ts";
import { keyOf, type Measured } from "./measure.ts";

/** The reads whose plan, as it was measured, reads a table: an index on another one changes nothing for them. */
export function readsTouching(
  table: string,
  queries: readonly SampledQuery[],
  measured: readonly Measured[],
): readonly SampledQuery[] {
  const touching = new Set(
    measured.filter(({ plan }) => plan?.nodes.some(({ relation }) => relation === table)).map(keyOf),
  );
  return queries.flatMap((query) => {
    const samples = query.samples.filter(({ shape, label }) => touching.has(keyOf({ name: query.name, shape, label })));
    return query.kind === "read" && samples.length > 0 ? [{ ...query, samples }] : [];
  });
}

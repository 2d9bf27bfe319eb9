import fc from "fast-check";
import type { Operation } from "./apiOperations.ts";
import { END_WEIGHT, HASH_WEIGHT } from "./constants.ts";
import type { Asker, Drafted, Plan, Twist } from "./plan.ts";
import { twistArbitrary } from "./twistArbitrary.ts";
import { pick, valueArbitrary } from "./valueArbitrary.ts";

/** How often each asks. */
const ASKER_WEIGHTS: readonly (readonly [Asker, number])[] = [
  ["creator-1", 5],
  ["creator-2", 4],
  ["investor", 4],
  ["production", 3],
  ["nobody", 1.5],
  ["stranger", 0.5],
];

/** Inputs for these operations: about half are as the document wants them, half have one thing wrong. */
export function planArbitrary(operations: readonly Operation[]): fc.Arbitrary<Plan> {
  return fc.oneof(...operations.map((operation) => ({ weight: weightOf(operation), arbitrary: planOf(operation) })));
}

/** Relative, and whole numbers. Who can be told `busy` costs a hash, and would make all others wait. */
function weightOf({ method, parameters, body, responses }: Operation): number {
  const isHash = responses["503"]?.schemas.some((pointer) => pointer.endsWith("/BusyProblem"));
  if (isHash) return 100 * HASH_WEIGHT;
  // What takes nothing and removes something removes all there is: who asks begins anew.
  const isEnd = method === "DELETE" && parameters.length === 0 && !body;
  return isEnd ? 100 * END_WEIGHT : 100;
}

function planOf(operation: Operation): fc.Arbitrary<Plan> {
  const { parameters, body } = operation;
  const isList = parameters.some(({ name }) => name === "cursor");
  const takesKey = parameters.some((each) => each.in === "header");
  return fc.record({
    operation: fc.constant(operation),
    asker: weighted(ASKER_WEIGHTS),
    credential: weighted([
      ["bearer", 6],
      ["cookie", 2],
      ["foreign-cookie", 0.5],
    ] as const),
    params: parametersArbitrary(operation, "path"),
    query: parametersArbitrary(operation, "query"),
    body: body ? valueArbitrary(body, "body") : fc.constant(undefined),
    // Few keys, so that some come twice: with the same request, and with another.
    idempotencyKey: takesKey
      ? sometimes(
          0.3,
          fc.integer({ min: 0, max: 400 }).map((key) => `key-${key}`),
        )
      : never,
    follows: isList ? sometimes(0.3, pick) : never,
    twist: sometimes<Twist>(0.55, twistArbitrary(operation)),
  });
}

const never = fc.constant(undefined);

function parametersArbitrary(
  { parameters }: Operation,
  place: "path" | "query",
): fc.Arbitrary<Readonly<Record<string, Drafted>>> {
  const here = parameters.filter((each) => each.in === place);
  const fields = here.map(({ name, required, schema }) => {
    const value = valueArbitrary(schema, name);
    return [name, required ? value : sometimes(0.3, value)] as const;
  });
  return fc.record(Object.fromEntries(fields));
}

function sometimes<T>(share: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { weight: Math.round(share * 100), arbitrary },
    { weight: Math.round((1 - share) * 100), arbitrary: fc.constant(undefined) },
  );
}

function weighted<T>(weights: readonly (readonly [T, number])[]): fc.Arbitrary<T> {
  return fc.oneof(...weights.map(([value, weight]) => ({ weight: weight * 10, arbitrary: fc.constant(value) })));
}

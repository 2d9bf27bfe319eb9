import * as z from "zod/mini";

const node = z.looseObject({ name: z.string(), state: z.string() });
const answer = z.looseObject({
  mode: z.optional(z.string()),
  nodes: z._default(z.array(node), []),
  isolate: z._default(z.array(node), []),
});

/** Not closed yet: a node that is being tried, or let in by and by, can do without an index build. */
const UNWELL: readonly string[] = ["open", "forced-open", "half-open", "ramping"];

/** The nodes that `GET /admin/breaker` says are unwell, each with its state; empty: the next index may start. */
export function breakerPause(json: unknown): readonly string[] {
  const { nodes, isolate } = answer.parse(json);
  const unwell = [...nodes, ...isolate].filter(({ state }) => UNWELL.includes(state));
  return [...new Set(unwell.map(({ name, state }) => `${name} is ${state}`))];
}

import type { DatabaseState } from "./databaseState.ts";

/** How long one of the nodes has been asked without limit, for all that this isolate knows; 0: none is; infinite: one always was. */
export function backForMs({ nodes, breakers }: Pick<DatabaseState, "nodes" | "breakers">, now: number): number {
  return Math.max(...nodes.map(({ name }) => breakers.closedForMs(name, now)));
}

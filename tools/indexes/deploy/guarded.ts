import { interrupted, type Run } from "./run.ts";
import { supervise } from "./supervise.ts";

/**
 * Work on the builder that reads a table for a while, under the watchdog's eyes: even a reader's lock holds up an ALTER,
 * and every writer behind it. Nothing of it need be cleaned up. Throws where it gave way, as the server would (55P03).
 */
export async function guarded<T>(run: Run, table: number | undefined, work: () => Promise<T>): Promise<T> {
  let value: { readonly is: T } | undefined;
  const ended = await supervise({
    builder: run.builder,
    observer: run.observer,
    work: async () => {
      value = { is: await work() };
    },
    table,
    waitBudgetMs: run.limits.waitBudgetMs,
    signal: run.signal,
    onSight: () => {},
  });
  if (value) return value.is;
  if (ended.kind === "interrupted") throw interrupted();
  if (ended.kind === "failed") throw ended.error;
  throw Object.assign(new Error(ended.kind === "gave-way" ? ended.why : "it ended without an answer"), {
    code: "55P03",
  });
}

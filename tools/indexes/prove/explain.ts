import type { ClientBase } from "pg";
import type { Query } from "../../../src/database/query.ts";
import { quantile } from "../report/quantile.ts";
import { COUNTED_RUNS, SLOW_RUN_MS, STATEMENT_TIMEOUT_MS, WARMING_RUNS } from "./constants.ts";
import { type Plan, parsePlan } from "./planNodes.ts";

export interface ExplainOptions {
  /** Inside a transaction of the caller's, which goes on: each run is rolled back to a savepoint. Default: one of its own. */
  readonly isInTransaction?: boolean;
  readonly countedRuns?: number;
}

/**
 * Runs a statement and says what it read: warm, the middle of several runs, of the plan for its values. Whatever it
 * writes is rolled back. Plans are serial and not compiled, so that figures are those of the work.
 *
 * @throws what the statement throws; the transaction is rolled back then, as far as it is its own.
 */
export async function explain(
  client: ClientBase,
  { text, values }: Pick<Query, "text" | "values">,
  { isInTransaction = false, countedRuns = COUNTED_RUNS }: ExplainOptions = {},
): Promise<Plan> {
  const [begin, end] = isInTransaction
    ? ["SAVEPOINT run", "ROLLBACK TO SAVEPOINT run; RELEASE SAVEPOINT run"]
    : ["BEGIN", "ROLLBACK"];
  const plans: Plan[] = [];
  for (let warming = WARMING_RUNS; plans.length < countedRuns; warming--) {
    await client.query(`${begin}; ${SETTINGS}`);
    try {
      const { rows } = await client.query<{ "QUERY PLAN": unknown }>(
        `EXPLAIN (ANALYZE, BUFFERS, WAL, TIMING OFF, FORMAT JSON) ${text}`,
        [...values],
      );
      const plan = parsePlan(rows[0]?.["QUERY PLAN"]);
      if (warming <= 0 || plan.ms > SLOW_RUN_MS) plans.push(plan);
    } finally {
      await client.query(end);
    }
  }
  const middle = quantile(
    plans.map(({ buffers }) => buffers),
    0.5,
  );
  const plan = plans.find(({ buffers }) => buffers === middle);
  if (!plan) throw new Error("a run that was measured is gone");
  const ms = quantile(
    plans.map((each) => each.ms),
    0.5,
  );
  return { ...plan, ms };
}

const SETTINGS = [
  "SET LOCAL max_parallel_workers_per_gather = 0",
  "SET LOCAL jit = off",
  `SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}`,
].join("; ");

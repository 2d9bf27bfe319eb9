import { parseDefinition } from "../parseDefinition.ts";
import type { Candidate } from "./candidate.ts";
import { LEAST_TABLE_PAGES } from "./constants.ts";
import { indexEntryOf } from "./indexEntryOf.ts";
import type { IndexFacts } from "./indexFacts.ts";
import { type Proposal, proposals } from "./proposals.ts";
import type { QueryPlanNode } from "./queryPlan.ts";
import type { TableWrites } from "./tableWrites.ts";
import type { WorkloadQuery } from "./workload.ts";

/** A statement without a name, and how it is planned with any value. */
export interface PlannedStatement {
  readonly query: WorkloadQuery;
  readonly plan: QueryPlanNode;
}

/** What the plans of unknown statements ask for and no index of the database has; the same proposal once. */
export function proposedCandidates(
  statements: readonly PlannedStatement[],
  indexes: readonly IndexFacts[],
  tables: ReadonlyMap<string, TableWrites>,
): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const { query, plan } of statements) {
    for (const proposal of proposals(plan)) {
      const table = proposal.schema === "public" ? proposal.table : `${proposal.schema}.${proposal.table}`;
      if ((tables.get(table)?.pages ?? 0) < LEAST_TABLE_PAGES) continue;
      if (indexes.some((index) => beginsWith(index, proposal))) continue;
      const definition = `${table} (${proposal.keys.join(", ")})`;
      const earlier = found.get(definition);
      const queries = [...(earlier?.queries ?? []), query];
      found.set(definition, {
        name: nameOf(proposal),
        table,
        definition,
        isUnique: false,
        origin: { kind: "proposed" },
        queries,
      });
    }
  }
  return [...found.values()];
}

function beginsWith(index: IndexFacts, proposal: Proposal): boolean {
  if (!index.isValid || index.schema !== proposal.schema || index.table !== proposal.table) return false;
  const definition = indexEntryOf(index)?.definition;
  if (definition === undefined) return false;
  const { method, keys, predicate } = parseDefinition(definition);
  if (method !== "btree" || predicate !== undefined) return false;
  return proposal.keys.every((key, at) => {
    const here = keys[at];
    return here !== undefined && key === `${here.expression}${here.isDescending ? " DESC" : ""}`;
  });
}

/** As Postgres would cut it, with room for its own suffixes. */
function nameOf({ table, keys }: Proposal): string {
  return [table, ...keys.map((key) => key.split(" ")[0]), "idx"].join("_").slice(0, 58);
}

import { unquoted } from "../identifier.ts";
import { parseDefinition } from "../parseDefinition.ts";
import type { Candidate } from "./candidate.ts";
import { LEAST_TABLE_PAGES } from "./constants.ts";
import { indexEntryOf } from "./indexEntryOf.ts";
import type { IndexFacts } from "./indexFacts.ts";
import { columnOf, type Proposal, proposals } from "./proposals.ts";
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
      const { schema, table: relation } = proposal;
      const { sqlName: table, pages } = tables.get(`${schema}.${relation}`) ?? { sqlName: relation, pages: 0 };
      if (pages < LEAST_TABLE_PAGES) continue;
      if (indexes.some((index) => beginsWith(index, proposal))) continue;
      const definition = `${table} (${proposal.keys.join(", ")})`;
      const earlier = found.get(definition);
      const queries = [...(earlier?.queries ?? []), query];
      const taken = [...found.values(), ...indexes].map(({ name }) => name);
      found.set(definition, {
        name: earlier?.name ?? freeName(proposal, taken),
        schema,
        relation,
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

/** As Postgres would make it up, of letters that need no quotes, and with room for its own suffixes. */
function freeName({ table, keys }: Proposal, taken: readonly string[]): string {
  const words = [table, ...keys.map((key) => unquoted(columnOf(key)))].join("_").toLowerCase();
  const plain = words
    .replaceAll(/[^a-z0-9_]+/g, "_")
    .replace(/^(?=\d)/, "_")
    .slice(0, 52);
  const names = Array.from({ length: taken.length + 1 }, (_, at) => `${plain}${at === 0 ? "" : `_${at + 1}`}_idx`);
  return names.find((name) => !taken.includes(name)) ?? `${plain}_idx`;
}

import type { IndexFacts } from "../../../../../../tools/indexes/advise/indexFacts.ts";
import type { WorkloadQuery } from "../../../../../../tools/indexes/advise/workload.ts";

/** An index of one table, to be changed by a test; `tail` is what pg_get_indexdef prints after the table. */
export function index(name: string, tail: string, change: Partial<IndexFacts> = {}): IndexFacts {
  const { schema = "public", table = "pitches", isUnique = false } = change;
  return {
    schema: "public",
    table: "pitches",
    name,
    qualified: `public.${name}`,
    definition: `CREATE ${isUnique ? "UNIQUE " : ""}INDEX ${name} ON ${schema}.${table} ${tail}`,
    isUnique: false,
    isValid: true,
    isReady: true,
    isPartitioned: false,
    isReplicaIdentity: false,
    constraint: null,
    foreignKey: null,
    builderPid: null,
    scans: 0,
    bytes: 8_192,
    ...change,
  };
}

export function counted(change: Partial<WorkloadQuery> = {}): WorkloadQuery {
  return {
    name: "pitches.browse",
    text: undefined,
    source: "worker",
    calls: 100,
    totalMs: 1_000,
    slowMs: 50,
    ...change,
  };
}

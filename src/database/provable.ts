import type { Proof } from "../replicas/session/proof.ts";
import type { Token } from "../replicas/session/token.ts";
import { type Query, query } from "./query.ts";
import { GENERATION } from "./statements.ts";
import type { ResultSet } from "./transport.ts";

/** What stands before the query's own columns, by position: names of the query's own might be the same. */
const PROOF_COLUMNS = 7;

/**
 * The query with what its answer proves, in one statement and so in one snapshot: which of the session's marks are
 * seen, the snapshot's bounds, process, epoch and role of the node. Scalar sub-selects, each evaluated once; the rows keep
 * their types and their order, and where there are none one row still brings the proof. `proven` takes it apart.
 */
export function provable<Row>(statement: Query<Row>, { marks, seen }: Token): Query<Row> {
  const { name, text, values } = statement;
  const ids = `$${values.length + 1}::uuid[]`;
  const since = `$${values.length + 2}::bigint`;
  const wrapped = `SELECT
 (SELECT coalesce(bit_or(1 << (array_position(${ids}, m.id) - 1)), 0) FROM breakwater.marks m WHERE m.id = ANY(${ids}) AND m.kind = 'w')::int4 AS bw_own,
 (SELECT pg_snapshot_xmin(s)::text || ':' || pg_snapshot_xmax(s)::text FROM pg_current_snapshot() s) AS bw_snapshot,
 (SELECT ${GENERATION}) AS bw_generation,
 (SELECT max(e.epoch)::text FROM breakwater.epochs e) AS bw_epoch,
 (SELECT pg_is_in_recovery()) AS bw_standby,
 (SELECT CASE WHEN bool_or(e.epoch = ${since}) AND bool_and(e.epoch = ${since} OR e.switch_xmin IS NOT NULL)
   THEN min(e.switch_xmin) FILTER (WHERE e.epoch > ${since}) END FROM breakwater.epochs e WHERE e.epoch >= ${since})::text AS bw_switch,
 q.* FROM (SELECT) one LEFT JOIN LATERAL (SELECT true AS bw_row, x.* FROM (
${text}
) x) q ON true`;
  return query<Row>(name, wrapped, [...values, marks.map(({ id }) => id), seen?.epoch ?? "0"]);
}

/** The proof, and the answer as the query alone would have had it; undefined where the answer has not this shape. */
export function proven({ columns, rows, command }: ResultSet): { proof: Proof; answer: ResultSet } | undefined {
  const [own, snapshot, generation, epoch, isStandby, switchXmin] = rows[0] ?? [];
  const bounds = /^(\d+):(\d+)$/.exec(String(snapshot));
  const [, xmin, xmax] = bounds ?? [];
  if (typeof own !== "number" || !xmin || !xmax || typeof generation !== "string") return undefined;
  const answered = rows.filter((row) => row[PROOF_COLUMNS - 1] === true).map((row) => row.slice(PROOF_COLUMNS));
  return {
    proof: {
      own,
      xmin: BigInt(xmin),
      xmax: BigInt(xmax),
      generation,
      epoch: typeof epoch === "string" ? BigInt(epoch) : null,
      isPrimary: isStandby === false,
      switchXmin: typeof switchXmin === "string" ? BigInt(switchXmin) : null,
    },
    answer: { columns: columns.slice(PROOF_COLUMNS), rows: answered, command, rowCount: answered.length },
  };
}

import type { Proof } from "../replicas/session/proof.ts";
import { max, newestEpochOf, type Token } from "../replicas/session/token.ts";
import { type Query, query } from "./query.ts";
import type { ResultSet } from "./transport.ts";

/** What stands before the query's own columns, by position: names of the query's own might be the same. */
const PROOF_COLUMNS = 8;

/**
 * The query with what its answer proves, in one statement and so in one snapshot: which of the session's marks are
 * seen, the snapshot's bounds, the process, the epochs since the session's own, and the node's role. Scalar sub-selects,
 * each evaluated once, with as few functions as will do: a new connection looks each of them up anew, and what can be
 * made of them is made in `proven`. The rows keep their types and their order, and where there are none one row still
 * brings the proof. `proven` takes it apart.
 */
export function provable<Row>(statement: Query<Row>, token: Token): Query<Row> {
  const { name, text, values } = statement;
  const ids = `$${values.length + 1}::uuid[]`;
  const since = `$${values.length + 2}::bigint`;
  const wrapped = `SELECT
 (SELECT bit_or(1 << array_position(${ids}, m.id)) FROM breakwater.marks m WHERE m.id = ANY(${ids}) AND m.kind = 'w') AS bw_own,
 (SELECT pg_snapshot_xmin(pg_current_snapshot())) AS bw_xmin,
 (SELECT pg_snapshot_xmax(pg_current_snapshot())) AS bw_xmax,
 (SELECT extract(epoch FROM pg_postmaster_start_time())) AS bw_started,
 (SELECT extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time())) AS bw_reset,
 (SELECT string_agg(concat(e.epoch, ':', e.switch_xmin), ',') FROM breakwater.epochs e WHERE e.epoch >= ${since}) AS bw_epochs,
 (SELECT pg_is_in_recovery()) AS bw_standby,
 q.* FROM (SELECT) one LEFT JOIN LATERAL (SELECT true AS bw_row, x.* FROM (
${text}
) x) q ON true`;
  const marks = token.marks.map(({ id }) => id);
  return query<Row>(name, wrapped, [...values, marks, sinceOf(token)]);
}

/** The epoch that the session last read in; before its first read the newest it wrote in. */
function sinceOf(token: Token): string {
  return token.seen?.epoch ?? String(newestEpochOf(token));
}

/**
 * The proof, and the answer as the query alone would have had it; undefined where the answer has not this shape. `token`:
 * the one that the query was made provable with.
 */
export function proven(
  { columns, rows, command }: ResultSet,
  token: Token,
): { proof: Proof; answer: ResultSet } | undefined {
  const [own, xmin, xmax, started, reset, epochs, isStandby] = rows[0] ?? [];
  if (!isNumber(xmin) || !isNumber(xmax) || typeof started !== "string") return undefined;
  const answered = rows.filter((row) => row[PROOF_COLUMNS - 1] === true).map((row) => row.slice(PROOF_COLUMNS));
  return {
    proof: {
      own: typeof own === "number" ? own >> 1 : 0, // positions in an array begin at one
      xmin: BigInt(xmin),
      xmax: BigInt(xmax),
      // After a crash of one backend the server restarts within, under the same start time; statistics are discarded then.
      generation: `${started}/${typeof reset === "string" ? reset : ""}`,
      ...epochsOf(typeof epochs === "string" ? epochs : "", BigInt(sinceOf(token))),
      isPrimary: isStandby === false,
    },
    answer: { columns: columns.slice(PROOF_COLUMNS), rows: answered, command, rowCount: answered.length },
  };
}

function isNumber(value: unknown): value is string {
  return typeof value === "string" && /^\d+$/.test(value);
}

/**
 * The newest epoch that the node knows of (0: none as new as the session's), and what had surely been over on every node
 * that was promoted since the session's, where its line had that one.
 */
function epochsOf(text: string, since: bigint): Pick<Proof, "epoch" | "switchXmin"> {
  const known = text.split(",").flatMap((each) => {
    const [, epoch, xmin] = /^(\d+):(\d*)$/.exec(each) ?? [];
    return epoch === undefined ? [] : [{ epoch: BigInt(epoch), xmin: xmin ? BigInt(xmin) : null }];
  });
  const epoch = known.reduce((newest, each) => max(newest, each.epoch), 0n);
  const later = known.filter((each) => each.epoch > since).map(({ xmin }) => xmin);
  const isOfLine = known.length > later.length;
  const sure = later.filter((xmin) => xmin !== null).toSorted((a, b) => (a < b ? -1 : 1));
  return { epoch, switchXmin: isOfLine && sure.length === later.length ? (sure[0] ?? null) : null };
}

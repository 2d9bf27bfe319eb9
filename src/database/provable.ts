import type { FillFacts } from "../cache/fillFacts.ts";
import type { Proof } from "../replicas/session/proof.ts";
import { max, newestEpochOf, type Token } from "../replicas/session/token.ts";
import { type Query, query } from "./query.ts";
import type { ResultSet } from "./transport.ts";

/** What stands before the query's own columns, by position: names of the query's own might be the same. */
const PROOF_COLUMNS = 2;

/** The proof's parts, in the order in which `provable` joins them; a part that is null is empty. The last two are a fill's. */
const PROOF =
  /^(?<own>\d*) (?<xmin>\d+) (?<xmax>\d+) (?<started>\S+) (?<reset>\S*) (?<isStandby>[tf]) (?<epochs>[\d:,]*)( (?<held>[\d,]*) (?<process>\S+))?$/;

/**
 * The query with what its answer proves, in one statement and so in one snapshot: which of the session's marks are
 * seen, the snapshot's bounds, the process, the node's role, and the epochs since the session's own, in one text that
 * `breakwater.proof` makes, once for all rows. The rows keep their types and their order, and where there are none one
 * row still brings the proof. `bumps`: the answer will be shared, and is to say which of these marks it holds.
 */
export function provable<Row>(statement: Query<Row>, token: Token, bumps?: readonly string[]): Query<Row> {
  const { name, text, values } = statement;
  const next = values.length + 1;
  const proof = bumps
    ? `breakwater.fill_proof($${next}::uuid[], $${next + 1}::bigint, $${next + 2}::uuid[])`
    : `breakwater.proof($${next}::uuid[], $${next + 1}::bigint)`;
  const wrapped = `SELECT (SELECT ${proof}) AS bw_proof, q.* FROM (SELECT) one LEFT JOIN LATERAL (SELECT true AS bw_row, x.* FROM (
${text}
) x) q ON true`;
  const marks = token.marks.map(({ id }) => id);
  return query<Row>(name, wrapped, [...values, marks, sinceOf(token), ...(bumps ? [bumps] : [])]);
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
): { proof: Proof; answer: ResultSet; fill?: Omit<FillFacts, "isPrimary"> } | undefined {
  const [text] = rows[0] ?? [];
  const groups = PROOF.exec(String(text))?.groups ?? {};
  const { own, xmin, xmax, started, reset, isStandby, epochs, held, process } = groups;
  if (xmin === undefined || xmax === undefined) return undefined;
  const line = epochsOf(epochs ?? "", BigInt(sinceOf(token)));
  const answered = rows.filter((row) => row[PROOF_COLUMNS - 1] === true).map((row) => row.slice(PROOF_COLUMNS));
  return {
    proof: {
      own: Number(own) >> 1, // positions in an array begin at one
      xmin: BigInt(xmin),
      xmax: BigInt(xmax),
      // After a crash of one backend the server restarts within, under the same start time; statistics are discarded then.
      generation: `${started}/${reset}`,
      ...line,
      isPrimary: isStandby === "f",
    },
    ...(process === undefined
      ? {}
      : { fill: { held: held ? held.split(",").map(Number) : [], process, epoch: String(line.epoch) } }),
    answer: { columns: columns.slice(PROOF_COLUMNS), rows: answered, command, rowCount: answered.length },
  };
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

import type { Client } from "pg";
import type { Victims } from "./plantVictims.ts";

/** The rows that nobody but the victims may change, as text, by table and id. */
export type VictimRows = ReadonlyMap<string, string>;

/** Each answers rows of `id` and `row`; `$1` are both victims' ids, `$2` all ids that were planted. */
const QUERIES: readonly (readonly [table: string, sql: string])[] = [
  ["users", "SELECT id, to_jsonb(t) AS row FROM users t WHERE id = ANY ($1)"],
  ["sessions", "SELECT id, to_jsonb(t) AS row FROM sessions t WHERE user_id = ANY ($1)"],
  ["password_resets", "SELECT id, to_jsonb(t) AS row FROM password_resets t WHERE user_id = ANY ($1)"],
  ["pitches", "SELECT id, to_jsonb(t) AS row FROM pitches t WHERE user_id = ANY ($1)"],
  [
    "pitch_documents",
    "SELECT t.id, to_jsonb(t) AS row FROM pitch_documents t JOIN pitches p ON p.id = t.pitch_id WHERE p.user_id = ANY ($1)",
  ],
  ["nda_requests", "SELECT id, to_jsonb(t) AS row FROM nda_requests t WHERE requester_id = ANY ($1)"],
  ["ndas", "SELECT id, to_jsonb(t) AS row FROM ndas t WHERE user_id = ANY ($1)"],
  ["investments", "SELECT id, to_jsonb(t) AS row FROM investments t WHERE investor_id = ANY ($1)"],
  [
    "messages",
    "SELECT id, to_jsonb(t) AS row FROM messages t WHERE conversation_id = ANY ($2) OR sender_id = ANY ($1)",
  ],
  [
    "conversation_participants",
    "SELECT user_id AS id, to_jsonb(t) AS row FROM conversation_participants t WHERE conversation_id = ANY ($2)",
  ],
  // What others do is told to the victims as well: those are other rows.
  ["notifications", "SELECT id, to_jsonb(t) AS row FROM notifications t WHERE id = ANY ($2)"],
];

/** The victims' rows as they are now. */
export async function victimRows(client: Client, { creator, investor, things }: Victims): Promise<VictimRows> {
  const people = [creator.id, investor.id];
  const planted = Object.values(things).flat();
  const rows = new Map<string, string>();
  for (const [table, sql] of QUERIES) {
    // Not every query takes both.
    const typed = `WITH given AS (SELECT $1::uuid[], $2::uuid[]) ${sql}`;
    const found = await client.query<{ id: string; row: object }>(typed, [people, planted]);
    for (const { id, row } of found.rows) rows.set(`${table} ${id}`, JSON.stringify(row));
  }
  return rows;
}

/** Sentences about what became of the victims' rows; none: nothing. */
export function tamperedRows(before: VictimRows, after: VictimRows): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name} was ${before.get(name) ?? "not there"} and is ${after.get(name) ?? "gone"}`);
}

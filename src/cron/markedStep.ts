import { type Query, query } from "../database/query.ts";

/**
 * A step that leaves a mark where it did something, in its own transaction: visible exactly where its changes are, and
 * found by the look at the primary if nobody tells of it. No epoch is asked for, as with `breakwater.touch`.
 */
export function markedStep(
  { name, text, values }: Query<{ readonly done: number }>,
  mark: { readonly id: string; readonly tags: readonly string[] },
): Query<{ readonly done: number }> {
  const [id, tags] = [values.length + 1, values.length + 2];
  return query(
    name,
    `WITH step AS MATERIALIZED (
  ${text}
), mark AS (
  INSERT INTO breakwater.marks (id, tags) SELECT $${id}::uuid, $${tags}::text[] FROM step WHERE done > 0
)
SELECT done FROM step`,
    [...values, mark.id, mark.tags],
  );
}

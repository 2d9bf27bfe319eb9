import type { BumpsPart } from "../../rpc/parts.ts";
import type { HotKey } from "./hotKeys.ts";

/**
 * How long the hot keys can be answered without the database: until the first of them has no usable copy left, 0 once it
 * has none. Of keys that had a copy, for all that is known: one that never had any is refused from the first moment of a
 * loss on, and tells nothing of how long the others last; it is told as a number beside (`keys` less than those asked
 * about). Null: none is known to have had any.
 *
 * A copy counts until the end of its stale-if-error window, and still counts, as 0, when that is over: from then on its
 * key is refused. It ends with the next copy that somebody tells of, or when the key is hot no more; where its thing was
 * told to be gone (`errorUntil` 0), there is none. Whether a purge took a copy away is not known here: tags are the
 * copies' own.
 */
export function runway(hottest: readonly HotKey[], now: number): NonNullable<BumpsPart["runway"]> {
  const ends = hottest.flatMap(({ copy }) => copy?.errorUntil || []);
  const ms = ends.length === 0 ? null : Math.max(0, Math.min(...ends) - now);
  return { ms, keys: ends.length };
}

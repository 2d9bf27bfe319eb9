import { joinOwed, type Owed } from "../../cache/owed.ts";
import { MAX_JOINED_MARKS, type Mark, type Token } from "./token.ts";

/** One session that a client carries in pieces: all that any of them is owed. `now`: for pieces of older versions. */
export function joinTokens(pieces: readonly Token[], now: number): Token {
  const marks = new Map(pieces.flatMap((piece) => piece.marks.map((mark): [string, Mark] => [mark.id, mark])));
  const inOrder = [...marks.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    marks: inOrder.slice(-MAX_JOINED_MARKS),
    seen: pieces.find(({ seen }) => seen !== null)?.seen ?? null,
    shared: joinOwed(pieces.flatMap((piece) => piece.shared ?? owedOf(piece, now))),
  };
}

/** What a token owes that tells of its marks alone: each may have touched anything. */
export function owedOf({ marks }: Token, now: number): Owed[] {
  return marks.map((mark) => ({ ...mark, seq: 0, incarnation: 0, at: now, buckets: null }));
}

import * as z from "zod/mini";
import { MAX_OWED, owedSchema } from "../../cache/owed.ts";

/** A bigint as text: 64 bits do not fit into a number. */
const bigint = z.string().check(z.regex(/^\d{1,20}$/));
const name = z.string().check(z.regex(/^[a-z][a-z0-9-]{0,30}$/));

/** Writes of one session that may be unproven: one of each epoch as a rule, and more than that nobody is told of. */
export const MAX_MARKS = 4;

/**
 * The same of one that a browser carries in pieces, of which none tells which marks of the others it implies: as many as
 * have room in a token beside eight debts.
 */
export const MAX_JOINED_MARKS = 7;

/**
 * What a session takes with it from one request to the next, so that whatever node answers can be held to it. It names
 * no account and nothing that was read.
 */
export const tokenSchema = z.object({
  /** Its writes that no later one implies, oldest first: a write that began after another was answered implies that one. */
  marks: z.array(z.object({ id: z.uuid(), epoch: bigint })).check(z.maxLength(MAX_JOINED_MARKS)),
  /** Where it last read, by which process (empty: none saw all of it), and from which transaction on nothing was seen. */
  seen: z.nullable(
    z.object({ node: name, generation: z.string().check(z.maxLength(64)), xmax: bigint, epoch: bigint }),
  ),
  /** Its writes as shared answers must show them; none: it wrote nothing, or with an older version. */
  shared: z.optional(z.array(owedSchema).check(z.maxLength(MAX_OWED))),
});
export type Token = Readonly<z.infer<typeof tokenSchema>>;

export const EMPTY_TOKEN: Token = { marks: [], seen: null };

/** The newest epoch that the session knows of: a node of an older one is behind, whatever it holds. */
export function newestEpochOf({ marks, seen }: Token): bigint {
  return [...marks, ...(seen ? [seen] : [])].reduce((newest, { epoch }) => max(newest, BigInt(epoch)), 0n);
}

export type Mark = Token["marks"][number];

/**
 * The token after a write of the session was answered. `before`: the marks that it had when that was sent. Those of the
 * same epoch need not be proven any more: the write stands behind them in the log, and no node shows it without them. Of
 * more than may be kept the oldest go, which nodes are likeliest to have.
 */
export function afterWrite(token: Token, mark: Mark, before: readonly Mark[]): Token {
  const isImplied = ({ id, epoch }: Mark) => epoch === mark.epoch && before.some((each) => each.id === id);
  const others = token.marks.filter((each) => each.id !== mark.id && !isImplied(each));
  const marks = [...others, mark].toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return { ...token, marks: marks.slice(-MAX_MARKS) };
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

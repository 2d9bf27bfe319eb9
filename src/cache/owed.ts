import * as z from "zod/mini";
import { TAG_BUCKETS } from "../rpc/constants.ts";
import type { BumpKnowledge } from "./bumpKnowledge.ts";
import { OWED_MS } from "./constants.ts";
import type { CacheEntry } from "./entry.ts";

/** Writes of one session that are kept apart; of more the oldest become one. */
export const MAX_OWED = 8;
/** Buckets kept of one; a write of more touches everything, as far as its session is concerned. */
const MAX_OWED_BUCKETS = 12;

const number = z.number().check(z.int(), z.nonnegative());

/**
 * A write that the answers which its session is given must show, the shared ones too: its mark (empty: several that became
 * one), its number in a life of the bump log (0: nobody told it yet), and the buckets that it touched (null: all).
 */
export const owedSchema = z.object({
  id: z.string().check(z.maxLength(36)),
  seq: number,
  incarnation: number,
  /** The database's epoch in which it is known to stand, a bigint as text: a failover may have lost it since. */
  epoch: z.string().check(z.maxLength(20)),
  /** When it was written, or the last of several, in milliseconds since 1970. */
  at: number,
  buckets: z.nullable(
    z.array(z.number().check(z.int(), z.nonnegative(), z.lt(TAG_BUCKETS))).check(z.maxLength(MAX_OWED_BUCKETS)),
  ),
});
export type Owed = Readonly<z.infer<typeof owedSchema>>;

/** The session's debts after one more write of it. */
export function withWrite(
  owed: readonly Owed[],
  { id, epoch }: Pick<Owed, "id" | "epoch">,
  buckets: readonly number[],
  now: number,
): Owed[] {
  const write: Owed = { id, seq: 0, incarnation: 0, epoch, at: now, buckets: boundedBuckets(buckets) };
  return bounded([...stillOwed(owed, now).filter((each) => each.id !== id), write]);
}

/** The debts of one session that came in pieces, some of them in several. */
export function joinOwed(pieces: readonly Owed[]): Owed[] {
  const all = new Map<string, Owed>();
  for (const each of pieces) {
    // Those that became one have no mark: only what is the same is one.
    const key = each.id === "" ? JSON.stringify(each) : each.id;
    const known = all.get(key);
    all.set(key, known ? { ...(known.seq > 0 ? known : each), epoch: newer(known.epoch, each.epoch) } : each);
  }
  return bounded([...all.values()].toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)));
}

/**
 * Of more than may be kept two become one, the oldest: of those that have numbers in one life of the log first, since the
 * later number stands for both; of others none ever will.
 */
function bounded(owed: Owed[]): Owed[] {
  if (owed.length <= MAX_OWED) return owed;
  const first = owed.find((a) => owed.some((b) => b !== a && areNumbered(a, b)));
  const second = first && owed.find((b) => b !== first && areNumbered(first, b));
  const [one, other] = first && second ? [first, second] : owed;
  if (!one || !other) return owed;
  return bounded([joined(one, other), ...owed.filter((each) => each !== one && each !== other)]);
}

/** Those that some copy may lack that is given without a look at the database: no route keeps one for longer (`policyTrouble`). */
export function stillOwed(owed: readonly Owed[], now: number): readonly Owed[] {
  return owed.every(({ at }) => now - at < OWED_MS) ? owed : owed.filter(({ at }) => now - at < OWED_MS);
}

/** With the numbers that the log gave meanwhile; the same list where there is no news. */
export function withNumbers(owed: readonly Owed[], { incarnation, recent }: BumpKnowledge): readonly Owed[] {
  const isNews = ({ id, seq }: Owed) => seq === 0 && recent.has(id);
  if (!owed.some(isNews)) return owed;
  return owed.map((each) => (isNews(each) ? { ...each, seq: recent.get(each.id) ?? 0, incarnation } : each));
}

/** The debts with what is known of them from elsewhere: numbers alone, of the same marks. */
export function withNumbersOf(owed: readonly Owed[], known: readonly Owed[]): Owed[] {
  return owed.map((each) => {
    if (each.seq > 0 || each.id === "") return each;
    const { seq = 0, incarnation = 0 } = known.find(({ id }) => id === each.id) ?? {};
    return { ...each, seq, incarnation };
  });
}

/**
 * The debts after the session's read of the database, in this epoch: what stood before a failover and was not lost stands
 * in the new epoch; what was lost no copy will ever show. A write that a later one implied is lost with it or stands with
 * it, since it stands before it in the log.
 */
export function afterRead(owed: readonly Owed[], epoch: string, lost: readonly string[]): readonly Owed[] {
  if (owed.every((each) => each.epoch === epoch && !lost.includes(each.id))) return owed;
  const lostEpochs = new Set(owed.filter(({ id }) => lost.includes(id)).map((each) => each.epoch));
  return owed
    .filter((each) => !lost.includes(each.id) && !(lostEpochs.has(each.epoch) && each.epoch !== epoch))
    .map((each) => (BigInt(each.epoch) < BigInt(epoch) ? { ...each, epoch } : each));
}

/** Whether the entry shows all of these, which touch it. It need not be current for that. */
export function showsOwed({ proof }: Pick<CacheEntry, "proof">, owed: readonly Owed[]): boolean {
  return owed.every((each) => {
    if (each.id !== "" && proof.saw.includes(each.id)) return true;
    // Numbers outlive what a failover lost: in another epoch the session looks at the database once, and is told.
    if (each.epoch !== proof.epoch) return false;
    return each.seq > 0 && each.incarnation === proof.incarnation && proof.provenThrough >= each.seq;
  });
}

/** Whether an answer that touches these buckets could lack one of them. */
export function meets({ buckets: touched }: Owed, buckets: readonly number[]): boolean {
  return touched === null || touched.some((bucket) => buckets.includes(bucket));
}

/** Two that became one: neither mark stands for both, so only numbers prove it. */
function joined(a: Owed, b: Owed): Owed {
  const isNumbered = areNumbered(a, b);
  const buckets = a.buckets && b.buckets ? boundedBuckets([...new Set([...a.buckets, ...b.buckets])]) : null;
  return {
    id: "",
    seq: isNumbered ? Math.max(a.seq, b.seq) : 0,
    incarnation: isNumbered ? a.incarnation : 0,
    epoch: newer(a.epoch, b.epoch),
    at: Math.max(a.at, b.at),
    buckets,
  };
}

function areNumbered(a: Owed, b: Owed): boolean {
  return a.seq > 0 && b.seq > 0 && a.incarnation === b.incarnation && a.epoch === b.epoch;
}

function boundedBuckets(buckets: readonly number[]): number[] | null {
  return buckets.length > MAX_OWED_BUCKETS ? null : [...buckets];
}

function newer(a: string, b: string): string {
  return BigInt(a) > BigInt(b) ? a : b;
}

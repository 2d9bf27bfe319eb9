import { compareStamps, type Stamp } from "./stamp.ts";

/** A statement as somebody other than its owner holds it: `ageMs` was its age when it came, `at` the holder's clock then. */
export interface Held<P extends Stamp> {
  readonly part: P;
  readonly ageMs: number;
  readonly at: number;
  /** It came by a neighbour's copy. */
  readonly viaNeighbour: boolean;
}

/**
 * A part that just came. `elapsedMs`: the whole duration of the call that brought it, since nobody knows when within
 * it the owner spoke: an age is never understated.
 */
export function hold<P extends Stamp & { ageMs: number }>(
  part: P,
  elapsedMs: number,
  now: number,
  viaNeighbour = false,
): Held<P> {
  return { part, ageMs: part.ageMs + Math.max(0, elapsedMs), at: now, viaNeighbour };
}

/** How long ago the owner said it. A clock that went back makes nothing younger than it came. */
export function ageOf({ ageMs, at }: Held<Stamp>, now: number): number {
  return ageMs + Math.max(0, now - at);
}

/** The part as its holder hands it on: with its age by now. */
export function handOn<P extends Stamp & { ageMs: number }>(held: Held<P>, now: number): P {
  return { ...held.part, ageMs: ageOf(held, now) };
}

/** The later statement of the two; of one statement, the younger word; of equals the second. */
export function later<P extends Stamp>(
  a: Held<P> | undefined,
  b: Held<P> | undefined,
  now: number,
): Held<P> | undefined {
  if (!a || !b) return a ?? b;
  const order = compareStamps(a.part, b.part);
  if (order !== 0) return order > 0 ? a : b;
  return ageOf(b, now) <= ageOf(a, now) ? b : a;
}

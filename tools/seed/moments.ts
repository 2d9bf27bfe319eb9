import type { Random } from "./random.ts";

/** A moment from `fromMs` on and before `untilMs`; the higher `eagerness`, the sooner. */
export function momentBetween(fromMs: number, untilMs: number, random: Random, eagerness = 1): number {
  return Math.floor(fromMs + Math.max(0, untilMs - fromMs) * random.next() ** eagerness);
}

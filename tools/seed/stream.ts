import { Random } from "./random.ts";

/** A generator of its own for each purpose: more rows in one table leave every other table as it was. */
export function stream(seed: number, purpose: string): Random {
  let hash = 0x811c9dc5; // FNV-1a
  for (const character of purpose) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return new Random(seed ^ hash);
}

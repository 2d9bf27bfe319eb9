/** What a summary says of a key: it came at most `count` times, and at least `count - error` times. */
export interface HeatCounter {
  readonly key: string;
  readonly count: number;
  readonly error: number;
}

/** Hottest first; of keys as hot as each other the surer one first, then by name, so that the order is the same everywhere. */
export function byHeat(a: HeatCounter, b: HeatCounter): number {
  return b.count - a.count || a.error - b.error || (a.key < b.key ? -1 : 1);
}

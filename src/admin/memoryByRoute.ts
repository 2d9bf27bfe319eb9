/** What an isolate's memory holds of one route. */
export interface HeldOfRoute {
  readonly entries: number;
  readonly bytes: number;
  /** Since their loads began. */
  readonly ageMs: { readonly p50: number; readonly p90: number; readonly max: number };
}

interface Copy {
  readonly key: string;
  readonly loadedAt: number;
  readonly bytes: number;
}

/** By route, the largest first. `routeOf`: whose answer a key is; undefined: of none that there is now. */
export function memoryByRoute(
  copies: Iterable<Copy>,
  routeOf: (key: string) => string | undefined,
  now: number,
): Readonly<Record<string, HeldOfRoute>> {
  const held = new Map<string, Copy[]>();
  for (const copy of copies) {
    const route = routeOf(copy.key) ?? "other";
    const known = held.get(route);
    if (known) known.push(copy);
    else held.set(route, [copy]);
  }
  const routes = Array.from(held, ([route, all]) => [route, heldOf(all, now)] as const);
  return Object.fromEntries(routes.sort(([, a], [, b]) => b.bytes - a.bytes));
}

function heldOf(all: readonly Copy[], now: number): HeldOfRoute {
  const ages = all.map(({ loadedAt }) => Math.max(0, now - loadedAt)).sort((a, b) => a - b);
  const at = (share: number) => ages[Math.min(ages.length - 1, Math.floor(ages.length * share))] ?? 0;
  const bytes = all.reduce((sum, copy) => sum + copy.bytes, 0);
  return { entries: all.length, bytes, ageMs: { p50: at(0.5), p90: at(0.9), max: at(1) } };
}

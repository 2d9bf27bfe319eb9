/** Where a value stands in a JSON value: keys from the outside in; none: it is the whole. */
export type Place = readonly (string | number)[];

/** Every place in a value below the whole, at most so many. */
export function placesIn(value: unknown, most = 500): readonly Place[] {
  const places: Place[] = [];
  const open: { readonly value: unknown; readonly place: Place }[] = [{ value, place: [] }];
  for (let next = open.shift(); next && places.length < most; next = open.shift()) {
    for (const [key, inner] of entriesOf(next.value)) {
      const place = [...next.place, key];
      places.push(place);
      open.push({ value: inner, place });
    }
  }
  return places;
}

/** What stands there. */
export function valueAt(value: unknown, place: Place): unknown {
  return place.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value);
}

/** The value with another one there, or (`undefined`) with nothing there. */
export function withValueAt(value: unknown, [key, ...rest]: Place, replacement: unknown): unknown {
  if (key === undefined) return replacement;
  const isGone = rest.length === 0 && replacement === undefined;
  const inner = isGone ? undefined : withValueAt((value as Record<string | number, unknown>)[key], rest, replacement);
  if (Array.isArray(value)) return isGone ? value.toSpliced(Number(key), 1) : value.with(Number(key), inner);
  const entries = Object.entries(value as object).filter(([name]) => name !== key || !isGone);
  return Object.fromEntries(entries.map(([name, each]) => [name, name === key ? inner : each]));
}

function entriesOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return value.map((each, index) => [index, each]);
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

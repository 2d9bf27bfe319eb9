/** Where a page ended: the sort key and the id of its last item. Times as ISO 8601, scores and ranks as numbers. */
export interface Position {
  readonly key: string | number;
  readonly id: string;
}

/** What a list is sorted by, as far as a cursor must know: what its key may be without the database refusing it. */
export type KeyKind = "time" | "float4" | "float8";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Magnitudes that each type can hold for certain, besides zero. A score or rank beyond is not one of ours. */
const MAGNITUDES = { float4: [1e-37, 1e37], float8: [1e-300, 1e300] } as const;

/** The position as opaque text, good for the list named and no other. */
export function encodeCursor(list: string, { key, id }: Position): string {
  return btoa(JSON.stringify([digest(list), key, id]))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/**
 * The position in a cursor, or null where it is another list's, or nobody's. A cursor is not signed: forging one
 * yields a page that anybody may see, of the same list, from another place on.
 */
export function decodeCursor(list: string, kind: KeyKind, cursor: string): Position | null {
  const parts = parse(cursor);
  if (!Array.isArray(parts) || parts.length !== 3) return null;
  const [of, key, id] = parts as readonly unknown[];
  if (of !== digest(list) || typeof id !== "string" || !UUID.test(id)) return null;
  return isKey(key, kind) ? { key, id } : null;
}

function isKey(key: unknown, kind: KeyKind): key is string | number {
  if (kind === "time") return typeof key === "string" && isTime(key);
  if (typeof key !== "number") return false;
  const [least, most] = MAGNITUDES[kind];
  return key === 0 || (Math.abs(key) >= least && Math.abs(key) <= most);
}

/** A real day of a year that Postgres knows (it has no year 0), written as we write it. */
function isTime(text: string): boolean {
  if (!TIME.test(text) || text.startsWith("0000")) return false;
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString() === text;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return undefined;
  }
}

/** FNV-1a, 32 bits: tells lists apart for whoever mixes up cursors; it keeps nothing secret. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}

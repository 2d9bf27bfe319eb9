import {
  CUT,
  MAX_DEPTH,
  MAX_ENTRIES,
  MAX_NAME_CHARS,
  MAX_READ_CHARS,
  MAX_REPORT_CHARS,
  MAX_TEXT_CHARS,
  MAX_VALUES,
  REMOVED,
  UNREADABLE,
} from "./constants.ts";
import { scrubText } from "./scrubText.ts";
import { isSecretHeader, isSecretName, isTraceId } from "./secretNames.ts";

/** What is left of a value: JSON, without secrets. */
export type Scrubbed = string | number | boolean | null | undefined | readonly Scrubbed[] | ScrubbedFields;
interface ScrubbedFields {
  readonly [name: string]: Scrubbed;
}

/** Larger numbers are shown as cut: making a text of them takes quadratic time. */
const BIG = 10n ** 30n;

/** What may still be visited, and the objects we are inside of. */
interface Walk {
  values: number;
  chars: number;
  readonly inside: Set<object>;
}

/**
 * A copy of the value without secrets: those in texts (`scrubText`), those in fields and headers whose name says so.
 * Takes anything and never throws; bounded in depth, entries, values and characters; scrubbing twice changes nothing.
 */
export function scrub(value: unknown): Scrubbed {
  return visit(value, 0, { values: MAX_VALUES, chars: MAX_REPORT_CHARS, inside: new Set() });
}

function visit(value: unknown, depth: number, walk: Walk): Scrubbed {
  switch (typeof value) {
    case "string":
      return visitText(value, walk);
    case "number":
      return Number.isFinite(value) ? value : visitText(String(value), walk);
    case "bigint":
      return visitText(value > -BIG && value < BIG ? String(value) : CUT, walk);
    case "boolean":
    case "undefined":
      return value;
    case "symbol":
    case "function":
      return visitText(`[${typeof value}]`, walk);
    case "object":
      return value === null ? null : visitObject(value, depth, walk);
    default:
      return UNREADABLE; // there is no other type; the compiler cannot know that of `unknown`
  }
}

/**
 * Every text of the copy passes here. It is charged by the longer of what was read and what came of it, and what was
 * cut is free: so a second walk finds at least as much left at each text as the first did, and keeps what that kept.
 */
function visitText(text: string, walk: Walk): string {
  const lookedAt = Math.min(text.length, MAX_READ_CHARS);
  if (text === CUT || lookedAt > walk.chars) return CUT;
  const scrubbed = scrubText(text);
  const cost = Math.max(lookedAt, scrubbed.length);
  if (cost > walk.chars) return CUT;
  walk.chars -= cost;
  return scrubbed;
}

function visitObject(value: object, depth: number, walk: Walk): Scrubbed {
  if (walk.inside.has(value)) return visitText("[cycle]", walk);
  if (depth >= MAX_DEPTH || walk.values <= 0) return CUT;
  walk.inside.add(value);
  try {
    if (Array.isArray(value)) return visitList(value, depth, walk);
    if (value instanceof Date) return visitText(Date.prototype.toISOString.call(value), walk);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return visitText("[bytes]", walk);
    return visitFields(value, depth, walk);
  } catch {
    return visitText(UNREADABLE, walk); // a proxy, or a date that is none
  } finally {
    walk.inside.delete(value);
  }
}

function visitList(list: readonly unknown[], depth: number, walk: Walk): Scrubbed {
  const kept = list.length > MAX_ENTRIES ? MAX_ENTRIES - 1 : list.length;
  const scrubbed: Scrubbed[] = [];
  let isSecret = false;
  for (let index = 0; index < kept; index++) {
    const value = list[index];
    scrubbed.push(visitNext(isSecret && isHideable(value) ? REMOVED : value, depth, walk));
    isSecret = typeof value === "string" && isSecretHeader(value);
  }
  return kept < list.length ? [...scrubbed, CUT] : scrubbed;
}

function visitFields(value: object, depth: number, walk: Walk): Scrubbed {
  const names = fieldNames(value);
  const kept = names.length > MAX_ENTRIES ? names.slice(0, MAX_ENTRIES - 1) : names;
  const isNamedSecret = namesSecret(value);
  const scrubbed = new Map<string, Scrubbed>();
  for (const name of kept) {
    const shown = scrubName(name);
    if (scrubbed.has(shown)) continue; // two secrets of one kind; to overwrite would change the order of things
    const field = read(value, name);
    const isSecret = isSecretName(name) || isSecretName(shown) || (isNamedSecret && shown === "value");
    const next = isSecret && isHideable(field) ? REMOVED : field;
    scrubbed.set(shown, isTraceId(name, next) ? next : visitNext(next, depth, walk));
  }
  if (kept.length < names.length) scrubbed.set(CUT, CUT);
  return Object.fromEntries(scrubbed); // creates properties, also one called "__proto__"
}

function visitNext(value: unknown, depth: number, walk: Walk): Scrubbed {
  if (value === CUT || walk.values <= 0) return CUT;
  walk.values--;
  return visit(value, depth + 1, walk);
}

function scrubName(name: string): string {
  return name.length > MAX_TEXT_CHARS ? CUT : scrubText(name, MAX_NAME_CHARS);
}

/** An error's name and message are no enumerable fields of it, and the best it has. */
function fieldNames(value: object): readonly string[] {
  const own = Object.keys(value);
  return value instanceof Error ? [...new Set(["name", "message", ...own])] : own;
}

function read(value: object, name: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>>)[name];
  } catch {
    return UNREADABLE;
  }
}

/** `{ name: "authorization", value: "…" }`, as headers are sometimes listed. */
function namesSecret(value: object): boolean {
  const name = read(value, "name");
  return typeof name === "string" && (isSecretName(name) || isSecretName(scrubText(name)));
}

/** Yes, no and nothing give nothing away, and `hasKey: false` is worth knowing. What was cut is hidden already. */
function isHideable(value: unknown): boolean {
  return value !== undefined && value !== null && typeof value !== "boolean" && value !== CUT;
}

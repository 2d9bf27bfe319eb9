/** What an answer depends on: a route, and what its schemas made of a request. */
export interface KeyParts {
  /** The route's path: `/api/pitches/:id`. */
  readonly template: string;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** As the schema gave it, never as it came: what the schema does not name (tracking parameters) is not in it. */
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  /** Values that the schema puts in for what was not given. */
  readonly defaults?: Readonly<Record<string, unknown>> | undefined;
  /** Of the answer's shape: a whole number from 1, the default. */
  readonly version?: number | undefined;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The key of an answer: `/api/pitches?genre=drama&limit=50`, the URL that asks for just this, so that whoever warms it can
 * ask with it. Parameters stand in the order of their names; what was not given and what has its default is left out; a list
 * keeps its order. Different parts never give one key, and equal ones always do: separators are escaped, and so is the
 * first character of what else would read as something different (`%3120` is the text 120, `120` the number; `/a/%62` is
 * `/a/:x` with b, `/a/b` another route). A version from 2 on stands behind it as a fragment (`#2`), which no request sends
 * and no path has: as a URL it asks for the same. Throws for a parameter that is missing, or a value that is no data: mistakes of the table.
 */
export function cacheKey({ template, params = {}, query = {}, defaults = {}, version = 1 }: KeyParts): string {
  const path = template.replace(/:(\w+)/g, (_, name: string) => segment(template, name, params[name]));
  const pairs = Object.keys(query)
    .filter(
      (name) => query[name] !== undefined && !(Object.hasOwn(defaults, name) && isSame(query[name], defaults[name])),
    )
    .sort()
    .map((name) => `${encodeURIComponent(name)}=${valueText(query[name])}`);
  const url = pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
  return version === 1 ? url : `${url}#${version}`;
}

/** The path, with its query, of a key of whatever version: what a visitor asks with. */
export function pathOfKey(key: string): string {
  return key.split("#", 1)[0] ?? key;
}

/**
 * A path parameter, which is text whatever the schema made of it; written as no literal path is: those have no escapes, and
 * are no UUIDs.
 */
function segment(template: string, name: string, value: unknown): string {
  if (value === undefined || value === "") throw new Error(`${template}: a key needs its parameter "${name}".`);
  const text = encodeURIComponent(typeof value === "string" ? value : dataText(value));
  return text.includes("%") || UUID.test(text) ? text : firstEscaped(text);
}

function isSame(value: unknown, standard: unknown): boolean {
  return valueText(value) === valueText(standard);
}

function valueText(value: unknown): string {
  if (typeof value !== "string") return dataText(value);
  const text = encodeURIComponent(value);
  return readsAsOther(value) ? firstEscaped(text) : text;
}

/** What is no text, with signs that escaped text never holds. */
function dataText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return `"${encodeURIComponent(value)}"`;
    case "bigint":
      return `${value}n`;
    case "number":
    case "boolean":
    case "undefined":
      return encodeURIComponent(String(value));
    default:
      return value === null ? "null" : nestedText(value);
  }
}

function nestedText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(dataText).join(",")}]`;
  if (value instanceof Date) return `@${value.getTime()}`;
  if (!isRecord(value)) throw new Error(`A key is made of data: text, numbers, lists and the like, not of ${value}.`);
  const fields = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort()
    .map((name) => `"${encodeURIComponent(name)}":${dataText(value[name])}`);
  return `{${fields.join(",")}}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function readsAsOther(text: string): boolean {
  return String(Number(text)) === text || /^(-?\d+n|true|false|null|undefined)$/.test(text);
}

/** Of a text that begins with an unescaped character: one byte. */
function firstEscaped(text: string): string {
  return `%${text.charCodeAt(0).toString(16).toUpperCase()}${text.slice(1)}`;
}

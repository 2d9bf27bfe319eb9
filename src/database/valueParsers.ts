/** Turns the text of one non-null value into what `Transport` promises. */
export type ValueParser = (text: string) => unknown;

const OID = {
  bool: 16,
  int2: 21,
  int4: 23,
  json: 114,
  jsonb: 3802,
  float4: 700,
  float8: 701,
  timestamp: 1114,
  timestamptz: 1184,
  textArray: 1009,
  uuidArray: 2951,
} as const;

const asText: ValueParser = (text) => text;

const PARSERS: ReadonlyMap<number, ValueParser> = new Map<number, ValueParser>([
  [OID.bool, (text) => text === "t"],
  [OID.int2, Number],
  [OID.int4, Number],
  [OID.float4, Number],
  [OID.float8, Number],
  [OID.json, (text) => JSON.parse(text)],
  [OID.jsonb, (text) => JSON.parse(text)],
  [OID.timestamptz, isoTimestamp],
  [OID.timestamp, isoTimestamp],
  [OID.textArray, textArray],
  [OID.uuidArray, textArray],
]);

/** One table of types for every transport (the shape that both drivers take), so that a row does not tell which it came by. */
export const valueParsers = {
  getTypeParser: (oid: number): ValueParser => PARSERS.get(oid) ?? asText,
};

/** `2026-11-24 21:30:00.123+00`, the server's ISO style in whatever zone, to `2026-11-24T21:30:00.123Z`. */
function isoTimestamp(text: string): string {
  const zoned = /[+-]\d\d(:\d\d)?$/.test(text) ? text.replace(/([+-]\d\d)$/, "$1:00") : `${text}Z`;
  const date = new Date(zoned.replace(" ", "T"));
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}

/** A one-dimensional array of text, as Postgres writes it: `{a,"b,c",NULL}`. */
function textArray(text: string): (string | null)[] {
  const items: (string | null)[] = [];
  for (const [, quoted, plain] of text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/g)) {
    if (quoted !== undefined) items.push(quoted.replace(/\\(.)/g, "$1"));
    else items.push(plain === "NULL" ? null : (plain ?? ""));
  }
  return items;
}

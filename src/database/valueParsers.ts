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
  boolArray: 1000,
  int2Array: 1005,
  int4Array: 1007,
  textArray: 1009,
  varcharArray: 1015,
  int8Array: 1016,
  float4Array: 1021,
  float8Array: 1022,
  timestampArray: 1115,
  timestamptzArray: 1185,
  uuidArray: 2951,
} as const;

const asText: ValueParser = (text) => text;

const PARSERS: ReadonlyMap<number, ValueParser> = new Map<number, ValueParser>([
  [OID.bool, isTrue],
  [OID.int2, Number],
  [OID.int4, Number],
  [OID.float4, Number],
  [OID.float8, Number],
  [OID.json, (text) => JSON.parse(text)],
  [OID.jsonb, (text) => JSON.parse(text)],
  [OID.timestamptz, isoTimestamp],
  [OID.timestamp, isoTimestamp],
  [OID.boolArray, arrayOf(isTrue)],
  [OID.int2Array, arrayOf(Number)],
  [OID.int4Array, arrayOf(Number)],
  [OID.textArray, arrayOf(asText)],
  [OID.varcharArray, arrayOf(asText)],
  [OID.int8Array, arrayOf(asText)],
  [OID.float4Array, arrayOf(Number)],
  [OID.float8Array, arrayOf(Number)],
  [OID.timestampArray, arrayOf(isoTimestamp)],
  [OID.timestamptzArray, arrayOf(isoTimestamp)],
  [OID.uuidArray, arrayOf(asText)],
]);

/** One table of types for every transport (the shape that both drivers take), so that a row does not tell which it came by. */
export const valueParsers = {
  getTypeParser: (oid: number): ValueParser => PARSERS.get(oid) ?? asText,
};

function isTrue(text: string): boolean {
  return text === "t";
}

/**
 * `2026-11-24 21:30:00.123+00`, the server's ISO style in whatever zone, to `2026-11-24T21:30:00.123Z`. What JavaScript
 * has no such date for (`infinity`, years BC and beyond 9999) stays as it is.
 */
function isoTimestamp(text: string): string {
  const [, local, sign, hours, minutes = "0", seconds = "0"] =
    /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)(?:([+-])(\d\d)(?::(\d\d)(?::(\d\d))?)?)?$/.exec(text) ?? [];
  if (local === undefined) return text;
  // Zones of before the railways have seconds, which ISO 8601 cannot say: so the offset is taken off here.
  const offsetMs = ((Number(hours ?? 0) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  const at = Date.parse(`${local.replace(" ", "T")}Z`) - (sign === "-" ? -offsetMs : offsetMs);
  return Number.isNaN(at) ? text : new Date(at).toISOString();
}

/** A one-dimensional array as Postgres writes it: `{a,"b,c",NULL}`, after its bounds where those are not the usual. */
function arrayOf(parse: ValueParser): ValueParser {
  return (text) => {
    const items: unknown[] = [];
    const inner = text.slice(text.indexOf("{") + 1, -1);
    for (const [, quoted, plain = ""] of inner.matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs)) {
      if (quoted !== undefined) items.push(parse(quoted.replace(/\\(.)/gs, "$1")));
      else items.push(plain === "NULL" ? null : parse(plain));
    }
    return items;
  };
}

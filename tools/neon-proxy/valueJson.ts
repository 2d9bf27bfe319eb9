import { EndpointError } from "./endpointError.ts";

const BOOL = 16;
const INT2 = 21;
const INT4 = 23;
const JSON_TYPE = 114;
const FLOAT4 = 700;
const FLOAT8 = 701;
const JSONB = 3802;
const TEXT = 25;

/** Array types whose elements are not plain text, by oid (`pg_type`). */
const ELEMENT_TYPES = new Map([
  [1000, BOOL],
  [1005, INT2],
  [1007, INT4],
  [199, JSON_TYPE],
  [1021, FLOAT4],
  [1022, FLOAT8],
  [3807, JSONB],
]);

/** Built-in array types whose elements stay text: int8, numeric, text, dates, uuid and their kin. */
const TEXT_ARRAYS = new Set([
  143, 271, 629, 651, 719, 775, 791, 1001, 1002, 1003, 1006, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 1016, 1017,
  1018, 1019, 1027, 1028, 1034, 1040, 1041, 1115, 1182, 1183, 1185, 1187, 1231, 1270, 1561, 1563, 2201, 2207, 2208,
  2209, 2210, 2211, 2949, 2951, 3221, 3643, 3644, 3645, 3735, 3770, 3905, 3907, 3909, 3911, 3913, 3927, 4073, 4090,
  4097,
]);

/**
 * One value of Postgres' text output as JSON text, for a client that did not ask for raw text: booleans, int2, int4,
 * floats and JSON as such, arrays as arrays without their bounds, all else (int8, numeric, dates) as a string.
 * Source: Neon's proxy, `pg_text_to_json`.
 * @throws {EndpointError} 500 for an array that does not parse.
 */
export function valueJson(text: string, typeId: number): string {
  const element = ELEMENT_TYPES.get(typeId) ?? (TEXT_ARRAYS.has(typeId) ? TEXT : undefined);
  if (element !== undefined) return arrayJson(text, element);
  switch (typeId) {
    case BOOL:
      return text === "t" ? "true" : "false";
    case INT2:
    case INT4:
    case JSON_TYPE:
    case JSONB:
      return text;
    case FLOAT4:
    case FLOAT8:
      // NaN and the infinities are no JSON numbers.
      return Number.isFinite(Number(text)) ? text : JSON.stringify(text);
    default:
      return JSON.stringify(text);
  }
}

function arrayJson(text: string, element: number): string {
  // Bounds such as `[0:2]=` have no place in JSON.
  const start = text.startsWith("[") ? text.indexOf("=") + 1 : 0;
  const reader = { text, at: start };
  const json = readArray(reader, element);
  if (reader.at !== text.length) throw unbalanced();
  return json;
}

interface Reader {
  readonly text: string;
  at: number;
}

function readArray(reader: Reader, element: number): string {
  if (reader.text[reader.at] !== "{") throw unbalanced();
  reader.at += 1;
  const items: string[] = [];
  while (reader.text[reader.at] !== "}") {
    items.push(readItem(reader, element));
    if (reader.text[reader.at] === ",") reader.at += 1;
    else if (reader.text[reader.at] !== "}") throw unbalanced();
  }
  reader.at += 1;
  return `[${items.join(",")}]`;
}

function readItem(reader: Reader, element: number): string {
  const { text, at } = reader;
  if (text[at] === "{") return readArray(reader, element);
  if (text[at] === '"') return valueJson(readQuoted(reader), element);
  while (reader.at < text.length && text[reader.at] !== "," && text[reader.at] !== "}") reader.at += 1;
  const item = text.slice(at, reader.at);
  return item === "NULL" ? "null" : valueJson(item, element);
}

function readQuoted(reader: Reader): string {
  let value = "";
  for (reader.at += 1; reader.at < reader.text.length; reader.at += 1) {
    const char = reader.text[reader.at];
    if (char === '"') {
      reader.at += 1;
      return value;
    }
    if (char === "\\") reader.at += 1;
    value += reader.text[reader.at] ?? "";
  }
  throw unbalanced();
}

function unbalanced(): EndpointError {
  return EndpointError.of(500, { message: "could not parse postgres response" });
}

import { describe, expect, test } from "vitest";
import { valueParsers } from "../../../../src/database/valueParsers.ts";

const OID = { bool: 16, int8: 20, int4: 23, json: 114, jsonb: 3802, float8: 701, numeric: 1700, date: 1082 };
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const TEXT_ARRAY = 1009;

const parse = (oid: number, text: string) => valueParsers.getTypeParser(oid)(text);

test.for<[string, number, string, unknown]>([
  ["a true", OID.bool, "t", true],
  ["a false", OID.bool, "f", false],
  ["an int4", OID.int4, "-42", -42],
  ["an int8 beyond a double's integers", OID.int8, "9007199254740993", "9007199254740993"],
  ["a numeric", OID.numeric, "0.10", "0.10"],
  ["a float8", OID.float8, "1.5e-300", 1.5e-300],
  ["an infinite float8", OID.float8, "-Infinity", Number.NEGATIVE_INFINITY],
  ["a float8 that is not a number", OID.float8, "NaN", Number.NaN],
  ["a json", OID.json, '{"a":[1,null]}', { a: [1, null] }],
  ["a jsonb null", OID.jsonb, "null", null],
  ["a date", OID.date, "2026-11-24", "2026-11-24"],
  ["a type nobody knows", 99_999, "(1,2)", "(1,2)"],
])("%s", ([, oid, text, value]) => {
  expect(parse(oid, text)).toEqual(value);
});

describe("a timestamp", () => {
  test.for([
    ["2026-11-24 21:30:00+00", "2026-11-24T21:30:00.000Z"],
    ["2026-11-24 21:30:00.1+00", "2026-11-24T21:30:00.100Z"],
    ["2026-11-24 21:30:00.123456+00", "2026-11-24T21:30:00.123Z"],
    ["2026-11-24 21:30:00-03", "2026-11-25T00:30:00.000Z"],
    ["2026-11-24 21:30:00+05:30", "2026-11-24T16:00:00.000Z"],
    ["2026-11-24 21:30:00-09:30", "2026-11-25T07:00:00.000Z"],
    ["1800-01-01 00:19:32+00:19:32", "1800-01-01T00:00:00.000Z"],
    ["1800-01-01 00:00:00-00:00:01", "1800-01-01T00:00:01.000Z"],
    ["2024-02-29 00:00:00+14", "2024-02-28T10:00:00.000Z"],
    ["infinity", "infinity"],
    ["-infinity", "-infinity"],
    ["0044-03-15 12:00:00+00 BC", "0044-03-15 12:00:00+00 BC"],
    ["10000-01-01 00:00:00+00", "10000-01-01 00:00:00+00"],
  ] as const)("with a zone, %s, is %s", ([text, iso]) => {
    expect(parse(TIMESTAMPTZ, text)).toBe(iso);
  });

  test.for([
    ["2026-11-24 21:30:00", "2026-11-24T21:30:00.000Z"],
    ["2026-11-24 21:30:00.5", "2026-11-24T21:30:00.500Z"],
    ["infinity", "infinity"],
  ] as const)("without a zone, %s, is in UTC: %s", ([text, iso]) => {
    expect(parse(TIMESTAMP, text)).toBe(iso);
  });
});

describe("an array", () => {
  test.for<[string, number, string, readonly unknown[]]>([
    ["that is empty", TEXT_ARRAY, "{}", []],
    ["of plain words", TEXT_ARRAY, "{a,b}", ["a", "b"]],
    ["of one empty text", TEXT_ARRAY, '{""}', [""]],
    ["of empty texts between others", TEXT_ARRAY, '{a,"",b,""}', ["a", "", "b", ""]],
    ["with a NULL", TEXT_ARRAY, "{a,NULL,NULL}", ["a", null, null]],
    ["with the word NULL", TEXT_ARRAY, '{"NULL",NULL,"null"}', ["NULL", null, "null"]],
    ["with commas and braces", TEXT_ARRAY, '{"a,b","{c}"}', ["a,b", "{c}"]],
    ["with quotes and backslashes", TEXT_ARRAY, '{"say \\"hi\\"","a\\\\b","\\\\"}', ['say "hi"', "a\\b", "\\"]],
    ["with line ends", TEXT_ARRAY, '{"a\nb"}', ["a\nb"]],
    ["with other bounds", TEXT_ARRAY, "[2:3]={a,b}", ["a", "b"]],
    ["of uuids", 2951, "{0198c0de-0000-7000-8000-000000000001}", ["0198c0de-0000-7000-8000-000000000001"]],
    ["of int4", 1007, "{1,NULL,-3}", [1, null, -3]],
    ["of int8", 1016, "{9007199254740993}", ["9007199254740993"]],
    ["of booleans", 1000, "{t,f,NULL}", [true, false, null]],
    ["of timestamps", 1185, '{"2026-11-24 21:30:00+00"}', ["2026-11-24T21:30:00.000Z"]],
  ])("%s", ([, oid, text, items]) => {
    expect(parse(oid, text)).toEqual(items);
  });
});

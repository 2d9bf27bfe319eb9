import fc from "fast-check";
import type { JsonSchema } from "./apiOperations.ts";
import { PASSWORD } from "./constants.ts";
import { fraction } from "./fraction.ts";
import { NASTY_TEXTS } from "./nasty.ts";
import { type Drafted, Pick } from "./plan.ts";

/** Something picked: an id, an address, a cursor. */
export const pick: fc.Arbitrary<Pick> = fraction.map((at) => new Pick(at));

/** Values that a schema lets in, mostly; `name` is the field's. */
export function valueArbitrary(schema: JsonSchema, name: string): fc.Arbitrary<Drafted> {
  const { const: constant, enum: values, anyOf, oneOf, type } = schema;
  if (constant !== undefined) return fc.constant(constant);
  if (values) return fc.constantFrom(...values);
  const choices = anyOf ?? oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => valueArbitrary(choice, name)));
  switch (type) {
    case "string":
      return textArbitrary(schema, name);
    case "integer":
      return fc.integer(boundsOf(schema));
    case "number":
      return fc.oneof(fc.integer(boundsOf(schema)), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return arrayArbitrary(schema, name);
    default:
      return objectArbitrary(schema);
  }
}

function objectArbitrary({ properties = {}, required = [] }: JsonSchema): fc.Arbitrary<Drafted> {
  const fields = Object.entries(properties).map(([name, schema]) => [name, valueArbitrary(schema, name)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: required.filter((name) => name in properties) });
}

function arrayArbitrary({ items = {}, minItems = 0, maxItems = 10 }: JsonSchema, name: string): fc.Arbitrary<Drafted> {
  const item = valueArbitrary(items, name);
  return fc.oneof(
    { weight: 9, arbitrary: fc.array(item, { minLength: minItems, maxLength: Math.min(maxItems, minItems + 4) }) },
    {
      weight: 1,
      arbitrary: fc.array(item, { minLength: Math.min(maxItems, 200), maxLength: Math.min(maxItems, 200) }),
    },
  );
}

function textArbitrary(schema: JsonSchema, name: string): fc.Arbitrary<Drafted> {
  switch (schema.format) {
    case "uuid":
      return fc.oneof({ weight: 12, arbitrary: pick }, { weight: 1, arbitrary: fc.uuid() });
    case "email":
      return fc.oneof(
        pick,
        fc.integer({ min: 0, max: 1e9 }).map((number) => `fuzz.${number}@example.com`),
      );
    case "date-time":
      return fc
        .date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
        .map((at) => at.toISOString());
    case "date":
      return fc.date({ min: new Date(0), noInvalidDate: true }).map((at) => at.toISOString().slice(0, 10));
    case "uri":
      return fc.webUrl();
    default:
      break;
  }
  if (name === "cursor") return pick;
  if (name === "token") return fc.oneof(pick, wordsArbitrary(schema));
  if (/password/i.test(name)) return fc.oneof(fc.constant(PASSWORD), wordsArbitrary(schema));
  if (name === "q")
    return fc.oneof(fc.constantFrom("star", "the -war", '"lost city"', "love or"), wordsArbitrary(schema));
  return wordsArbitrary(schema);
}

// Made once: to make one takes fast-check ten milliseconds.
const graphemes = fc.string({ unit: "grapheme", maxLength: 30 });
const asciiText = fc.string({ unit: "grapheme-ascii", maxLength: 30 });

/** Text within its bounds, often at one of them, often of odd characters. */
function wordsArbitrary({ minLength = 0, maxLength = 10_000, pattern }: JsonSchema): fc.Arbitrary<string> {
  const odd = NASTY_TEXTS.filter((text) => text.length >= minLength && text.length <= maxLength);
  const within = (text: string) => text.slice(0, maxLength).padEnd(minLength, "w");
  const plain = fc.oneof(
    { weight: 4, arbitrary: graphemes.map(within) },
    { weight: 3, arbitrary: asciiText.map((text) => within(`w${text}`)) },
    { weight: 1, arbitrary: fc.constantFrom(minLength, maxLength).map((length) => "w".repeat(length)) },
    { weight: 1, arbitrary: fc.constantFrom("w".repeat(minLength), ...odd) },
  );
  if (pattern === undefined) return plain;
  return fc.oneof({ weight: 4, arbitrary: matching(pattern) }, { weight: 1, arbitrary: plain });
}

function matching(pattern: string): fc.Arbitrary<string> {
  try {
    return fc.stringMatching(new RegExp(pattern));
  } catch {
    return fc.string(); // a pattern that fast-check cannot make text for
  }
}

function boundsOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): { min: number; max: number } {
  const min = Math.ceil(minimum ?? (exclusiveMinimum === undefined ? -1e9 : exclusiveMinimum + 1));
  const max = Math.floor(maximum ?? (exclusiveMaximum === undefined ? 1e9 : exclusiveMaximum - 1));
  return { min: Math.max(min, Number.MIN_SAFE_INTEGER), max: Math.min(Math.max(max, min), Number.MAX_SAFE_INTEGER) };
}

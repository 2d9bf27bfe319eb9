import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { cacheKey, type KeyParts, pathOfKey } from "../../../../src/cache/cacheKey.ts";
import { readQuery } from "../../../../src/http/readQuery.ts";

const LIST = "/api/pitches";
const ONE = "/api/pitches/:id";
const UUID = "018f3b1e-7c1a-7c3e-8d2f-0123456789ab";
const DEFAULTS = { sort: "newest", limit: 20 };

test.for<[string, KeyParts, string]>([
  ["a list as it is asked for first", { template: LIST }, "/api/pitches"],
  [
    "the order of names, not of asking",
    { template: LIST, query: { stage: "script", genre: "drama" } },
    "/api/pitches?genre=drama&stage=script",
  ],
  [
    "what was not given is left out",
    { template: LIST, query: { genre: undefined, stage: "script" } },
    "/api/pitches?stage=script",
  ],
  [
    "so is what has its default",
    { template: LIST, query: { ...DEFAULTS, limit: 50 }, defaults: DEFAULTS },
    "/api/pitches?limit=50",
  ],
  ["an empty text is a value", { template: LIST, query: { q: "" } }, "/api/pitches?q="],
  [
    "signs are escaped",
    { template: LIST, query: { q: "a&b=c?d/e%f#g h+i" } },
    "/api/pitches?q=a%26b%3Dc%3Fd%2Fe%25f%23g%20h%2Bi",
  ],
  [
    "a list keeps its order",
    { template: LIST, query: { genre: ["drama", "comedy"] } },
    '/api/pitches?genre=["drama","comedy"]',
  ],
  ["an id in the path", { template: ONE, params: { id: UUID } }, `/api/pitches/${UUID}`],
  ["a number is its digits", { template: LIST, query: { limit: 50 } }, "/api/pitches?limit=50"],
  ["a text of digits is none", { template: LIST, query: { q: "2001" } }, "/api/pitches?q=%32001"],
  [
    "a parameter that reads like a path of its own",
    { template: ONE, params: { id: "search" } },
    "/api/pitches/%73earch",
  ],
  ["two parameters", { template: "/a/:x/b/:y", params: { x: "1/2", y: "ä" } }, "/a/1%2F2/b/%C3%A4"],
  ["the first version of an answer", { template: LIST, query: { q: "a" }, version: 1 }, "/api/pitches?q=a"],
  ["a later one", { template: LIST, query: { q: "a" }, version: 12 }, "/api/pitches?q=a#12"],
  ["a later one, of a path alone", { template: ONE, params: { id: "x#1" }, version: 2 }, "/api/pitches/x%231#2"],
])("%s", ([, parts, key]) => {
  expect(cacheKey(parts)).toBe(key);
  const { version: _version, ...first } = parts;
  expect(pathOfKey(key)).toBe(cacheKey(first));
});

test.for<[string, KeyParts, RegExp]>([
  ["a parameter that is missing", { template: ONE }, /"id"/],
  ["an empty parameter", { template: ONE, params: { id: "" } }, /"id"/],
  ["a map", { template: LIST, query: { q: new Map([["a", 1]]) } }, /data/],
  ["a function", { template: LIST, query: { q: () => 1 } }, /data/],
])("a mistake of the table is told: %s", ([, parts, words]) => {
  expect(() => cacheKey(parts)).toThrow(words);
});

describe("of any parts", () => {
  /** Texts that look like what they are not, more often than chance would have it. */
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 6 }),
    fc.constantFrom(
      "1",
      "-1",
      "1n",
      "1e+21",
      "true",
      "null",
      "undefined",
      "NaN",
      "[",
      "[]",
      '"a"',
      "a,b",
      "a&b=c",
      "%31",
      "+",
      " ",
      UUID,
    ),
  );
  const scalar = fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.bigInt());
  const value = fc.oneof(
    scalar,
    fc.array(scalar, { maxLength: 3 }),
    fc.dictionary(text, scalar, { maxKeys: 2, noNullPrototype: true }),
    fc.date({ noInvalidDate: true }),
  );
  const template = fc.constantFrom(LIST, "/api/pitches/search", ONE, "/api/:a/:b", "/api/:a/b");
  const anyParts = fc.record({
    template,
    params: fc.record({ id: text, a: text, b: text }),
    query: fc.dictionary(fc.oneof(text, fc.constantFrom("a", "b")), fc.option(value, { nil: undefined }), {
      maxKeys: 3,
    }),
  });
  const keyOrNone = (parts: KeyParts) => {
    try {
      return cacheKey(parts);
    } catch {
      return undefined; // an empty parameter
    }
  };
  /** What two parts must differ in to be different. */
  const essence = ({ template, params = {}, query = {} }: KeyParts) => {
    const given = [...template.matchAll(/:(\w+)/g)].map(([, name = ""]) => params[name]);
    return { pattern: template.replace(/:\w+/g, ":"), given, query: plain(query) };
  };
  /** As `toEqual` compares, only that no zero has a sign. */
  const plain = (value: unknown): unknown => {
    if (Object.is(value, -0)) return 0;
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "object" || value === null || value instanceof Date) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  };

  test("different ones never give one key", () => {
    const keys = new Map<string, unknown>();
    fc.assert(
      fc.property(anyParts, (parts) => {
        const key = keyOrNone(parts);
        if (key === undefined) return;
        const before = keys.get(key);
        if (before) expect(essence(parts)).toEqual(before);
        else keys.set(key, essence(parts));
      }),
      { numRuns: 20_000 },
    );
    expect(keys.size).toBeGreaterThan(1_000);
  });

  test("equal ones give one key, in whichever order they came", () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        const turned = Object.fromEntries(Object.entries(parts.query).reverse());
        const spread = { ...turned, notGiven: undefined };
        expect(keyOrNone({ ...parts, query: spread })).toBe(keyOrNone(parts));
      }),
    );
  });

  test("the key asks for the same, read as any other URL", () => {
    const schema = z.object({ q: z.optional(z.string()), genre: z.optional(z.string()) });
    const names = new Set(["q", "genre"]);
    fc.assert(
      fc.property(fc.record({ q: text, genre: text }, { requiredKeys: [] }), (query) => {
        const { search } = new URL(cacheKey({ template: LIST, query }), "https://site.example");
        const read = readQuery(search, names, schema) as KeyParts["query"];
        expect(cacheKey({ template: LIST, query: read })).toBe(cacheKey({ template: LIST, query }));
      }),
    );
  });

  test("it is ASCII without a space", () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        expect(keyOrNone(parts) ?? "").toMatch(/^[\x21-\x7e]*$/);
      }),
    );
  });
});

describe("what a browser adds", () => {
  test("is in no key: the route's schema does not name it", () => {
    const schema = z.object({ genre: z.optional(z.string()) });
    const keyOf = (search: string) =>
      cacheKey({ template: LIST, query: readQuery(search, new Set(["genre"]), schema) as KeyParts["query"] });
    expect(keyOf("?utm_source=x&genre=drama&fbclid=y")).toBe(keyOf("?genre=drama"));
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CUT,
  MAX_DEPTH,
  MAX_ENTRIES,
  MAX_REPORT_CHARS,
  MAX_VALUES,
  REMOVED,
  UNREADABLE,
} from "../../../../../src/telemetry/errors/constants.ts";
import { scrub } from "../../../../../src/telemetry/errors/scrub.ts";
import { isSecretName } from "../../../../../src/telemetry/errors/secretNames.ts";

describe("the name of a field says that its value is secret:", () => {
  test.for([
    ..."password passwordHash dbPassword pwd secret clientSecret token access_token sessionToken dsn SENTRY_DSN".split(
      " ",
    ),
    ..."cookie set-cookie Authorization Proxy-Authorization Breakwater-Session session sessionId Idempotency-Key".split(
      " ",
    ),
    ..."idempotencyKey apiKey api-key key SESSION_KEYS connectionString DATABASE_URL_NODE_1 credentials values".split(
      " ",
    ),
    ..."parameters x-api-key".split(" "),
  ])("%s", (name) => {
    expect(isSecretName(name)).toBe(true);
    expect(scrub({ [name]: "short", b: { [name]: { deep: 1 } } })).toEqual({ [name]: REMOVED, b: { [name]: REMOVED } });
  });
});

test.for([
  "route",
  "requestId",
  "node",
  "sqlstate",
  "constraint",
  "table",
  "mark",
  "sessionAgeMs",
  "keyset",
  "query",
  "status",
])("the name of a field says nothing: %s", (name) => {
  expect(scrub({ [name]: "short" })).toEqual({ [name]: "short" });
});

test.for<[string, unknown, unknown]>([
  // what, value, what is left
  [
    "a secret of any type, but not whether there is one",
    { pwd: 12, key: true, token: null },
    { pwd: REMOVED, key: true, token: null },
  ],
  [
    "a header in a list of pairs",
    [
      ["Cookie", "a=b"],
      ["Host", "x"],
    ],
    [
      ["Cookie", REMOVED],
      ["Host", "x"],
    ],
  ],
  ["a header in a flat list", ["Authorization", "x", "Host", "y"], ["Authorization", REMOVED, "Host", "y"]],
  ["a header listed by name and value", { name: "Set-Cookie", value: "a" }, { name: "Set-Cookie", value: REMOVED }],
  ["a secret in a field's name", { "a@b.cd": 1 }, { [REMOVED]: 1 }],
  [
    "what is no JSON",
    [Number.NaN, 10n, Symbol("x"), () => 1, new Date(0)],
    ["NaN", "10", "[symbol]", "[function]", "1970-01-01T00:00:00.000Z"],
  ],
  ["a number too large to write down", 10n ** 10_000n, CUT],
  ["bytes", { body: new Uint8Array([1, 2]) }, { body: "[bytes]" }],
  [
    "an error",
    { error: Object.assign(new TypeError("by a@b.cd"), { code: "X" }) },
    { error: { name: "TypeError", message: `by ${REMOVED}`, code: "X" } },
  ],
  [
    "a field called __proto__",
    JSON.parse('{"__proto__": {"token": "x"}}'),
    JSON.parse(`{"__proto__": {"token": "${REMOVED}"}}`),
  ],
  ["an invalid date", { at: new Date(Number.NaN) }, { at: UNREADABLE }],
])("%s is scrubbed", ([, value, left]) => {
  expect(scrub(value)).toEqual(left);
});

test("ids of traces stay, for a report is followed by them; what only stands in their place does not", () => {
  const id = "0af7651916cd43dd8448eb211c80319c";
  expect(scrub({ traceId: id, span_id: id.slice(0, 16), other: id })).toEqual({
    traceId: id,
    span_id: id.slice(0, 16),
    other: REMOVED,
  });
  expect(scrub({ traceId: `${id}ff`, spanId: "a@b.cd" })).toEqual({ traceId: REMOVED, spanId: REMOVED });
});

test("what is cyclic is cut where it returns, what is only shared is shown twice", () => {
  const shared = { a: 1 };
  const cyclic: Record<string, unknown> = { one: shared, two: shared };
  cyclic.self = { again: cyclic };
  expect(scrub(cyclic)).toEqual({ one: { a: 1 }, two: { a: 1 }, self: { again: "[cycle]" } });
});

test("what throws when it is read is told as unreadable, and the rest is kept", () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const value = {
    get bad() {
      throw new Error("never");
    },
    proxy: revoked.proxy,
    good: 1,
  };
  expect(scrub(value)).toEqual({ bad: UNREADABLE, proxy: UNREADABLE, good: 1 });
});

describe("a large value is cut", () => {
  test("in depth", () => {
    let deep: unknown = "bottom";
    for (let level = 0; level < 100; level++) deep = { deep };
    const levels = JSON.stringify(scrub(deep)).split("deep").length - 1;
    expect(levels).toBe(MAX_DEPTH);
  });

  test("in breadth, and says so", () => {
    const list = scrub(Array.from({ length: 1_000 }, (_, index) => index));
    expect(list).toHaveLength(MAX_ENTRIES);
    expect((list as unknown[]).at(-1)).toBe(CUT);
    const fields = scrub(Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`f${index}`, index])));
    expect(Object.keys(fields as object)).toHaveLength(MAX_ENTRIES);
    expect(fields).toHaveProperty([CUT], CUT);
  });

  test("in values and characters", () => {
    const wide = Array.from({ length: 50 }, () => Array.from({ length: 50 }, () => 1));
    expect(JSON.stringify(scrub(wide)).split("1").length - 1).toBeLessThanOrEqual(MAX_VALUES);
    const long = Array.from({ length: 50 }, () => Array.from({ length: 50 }, () => "word ".repeat(400)));
    expect(JSON.stringify(scrub(long)).length).toBeLessThan(MAX_REPORT_CHARS + 50 * 50 * 10);
  });

  test("in time: 1 MB strings in every field", () => {
    const hostile = "aB3/ x'@".repeat(125_000);
    const value = Array.from({ length: 50 }, () => ({ a: hostile, [hostile]: hostile, b: [hostile, hostile] }));
    const startedAt = performance.now();
    scrub(value);
    expect(performance.now() - startedAt).toBeLessThan(2_000); // 3 to 10 ms where nothing else runs
  });
});

const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "a@b.cd",
    "SELECT 'x'",
    "Cookie",
    "authorization",
    "token",
    "eyJhbGciOi.x.y",
    CUT,
    REMOVED,
    "postgres://a:b@c",
  ),
  fc.string({ maxLength: 3 }).map((seed) => seed.repeat(3_000)),
);
const anything = fc.anything({
  key: text,
  values: [
    text,
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.bigInt(),
    fc.date({ noInvalidDate: false }),
  ],
  maxDepth: 8,
  maxKeys: 8,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
  withBigInt: true,
});

/** Large ones too, which fast-check seldom draws by itself: the bounds are reached. */
const large = fc
  .tuple(anything, text, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 10 }))
  .map(([value, name, wide, deep]) => {
    const list = Array.from({ length: wide }, (_, index) => ({ [`${name}${index}`]: [value, name], name, value }));
    let nested: unknown = list;
    for (let level = 0; level < deep; level++) nested = [name, nested, { [name]: list }];
    return nested;
  });

test("scrubbing twice is scrubbing once, and what is left is JSON, whatever the value", { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(fc.oneof(anything, large), (value) => {
      const once = scrub(value);
      expect(scrub(once)).toEqual(once);
      expect(JSON.stringify({ once })).toBeTypeOf("string");
    }),
    { numRuns: 120 },
  );
});

describe("scrubbing twice is scrubbing once, also", () => {
  test("where two names become one: the first is kept", () => {
    const once = scrub({ "a@b.cd": 1, "e@f.gh": 2, i: 3 });
    expect(once).toEqual({ [REMOVED]: 1, i: 3 });
    expect(scrub(once)).toEqual(once);
  });

  test("where a name is one of a secret only once it is scrubbed itself", () => {
    const once = scrub({ "redis://cache.key/0": "short" });
    expect(once).toEqual({ "redis://cache.key": REMOVED });
    expect(scrub(once)).toEqual(once);
  });

  test("where a secret stands at the very place where the bound falls", () => {
    let tooDeep: unknown = Array.from({ length: MAX_ENTRIES }, () => ({})); // counted once, free when it is cut already
    for (let level = 0; level < MAX_DEPTH - 3; level++) tooDeep = [tooDeep];
    for (let before = 0; before < 2 * MAX_ENTRIES; before++) {
      const filler = [Array(Math.min(before, MAX_ENTRIES)).fill(1), Array(Math.max(0, before - MAX_ENTRIES)).fill(1)];
      const once = scrub([filler, Array(8).fill(tooDeep), Array(20).fill({ token: "short" })]);
      expect(scrub(once)).toEqual(once);
    }
  });
});

test("nothing is thrown for a value that contains itself anywhere", () => {
  const { tree } = fc.letrec<{ tree: Record<string, unknown>; leaf: unknown }>((tie) => ({
    tree: fc.dictionary(fc.string({ maxLength: 3 }), fc.oneof({ depthSize: "small" }, tie("leaf"), tie("tree")), {
      maxKeys: 4,
    }),
    leaf: fc.oneof(fc.integer(), fc.string()),
  }));
  fc.assert(
    fc.property(
      tree,
      fc.string().filter((name) => name !== "__proto__"),
      (value, name) => {
        const objects = [value, ...Object.values(value).filter((inner) => typeof inner === "object" && inner !== null)];
        for (const inner of objects as Record<string, unknown>[]) inner[name] = value;
        const once = scrub(value);
        expect(scrub(once)).toEqual(once);
      },
    ),
    { numRuns: 300 },
  );
});

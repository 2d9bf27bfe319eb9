import fc from "fast-check";
import type { Operation } from "./apiOperations.ts";
import { fraction } from "./fraction.ts";
import { nastyText, nastyValue } from "./nasty.ts";
import { BYTES_TWISTS, type Twist } from "./plan.ts";

const at = fraction;

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"];

/** Pieces of a URL as they are sent, percent-encoded or wrong. */
const SUFFIXES = ["/", "//", "/..", "/.", "/../me", ";a=b", ".json", "%2f", "%00", "%ff", "/%2e%2e/me", "/x", "/full"];

/** Fields that no request has, and some that would be a gift. */
const FIELDS = [
  "id",
  "role",
  "status",
  "userId",
  "user_id",
  "creatorId",
  "createdAt",
  "__proto__",
  "constructor",
  "extra",
];

const HEADERS: readonly (readonly [string, string])[] = [
  ["Content-Type", "text/plain"],
  ["Content-Type", "application/json; charset=utf-16"],
  ["Content-Type", "application/json;charset=UTF-8"],
  ["Content-Type", "APPLICATION/JSON"],
  ["Content-Type", "multipart/form-data; boundary=x"],
  ["Content-Type", `application/json${";a=b".repeat(500)}`],
  ["Content-Encoding", "gzip"],
  ["Content-Encoding", "identity"],
  ["Accept", "text/html"],
  ["Accept-Encoding", "br;q=0, *"],
  ["Range", "bytes=0-1"],
  ["If-None-Match", "*"],
  ["X-HTTP-Method-Override", "DELETE"],
  ["X-Forwarded-Host", "evil.example"],
  ["X-Forwarded-Proto", "https"],
  ["Origin", "null"],
  ["Origin", "https://evil.example"],
  ["Sec-Fetch-Site", "cross-site"],
  ["Authorization", "Basic YTpi"],
  ["Authorization", "Bearer"],
  ["Authorization", `Bearer ${"a".repeat(4_000)}`],
  ["Authorization", "Bearer \xe9\xe9"],
  ["Cookie", "session=; session=a; bw=x"],
  ["Cookie", "a=b;".repeat(500)],
  ["Idempotency-Key", ""],
  ["Idempotency-Key", "\xe9"],
  ["Idempotency-Key", "k".repeat(255)],
  ["Idempotency-Key", "k".repeat(256)],
  ["Breakwater-Session", "not-a-token"],
  ["CF-Ray", "<script>"],
  ["CF-Connecting-IP", "not an address"],
  ["User-Agent", ""],
  ["User-Agent", "\xff".repeat(300)],
];

/** One thing wrong with a request of this operation. */
export function twistArbitrary({ body, parameters, method }: Operation): fc.Arbitrary<Twist> {
  const hasParams = parameters.some((each) => each.in === "path");
  const hasQuery = parameters.some((each) => each.in === "query");
  const anywhere = [
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...METHODS.filter((each) => each !== method))
        .map((each) => twist({ kind: "method", method: each })),
    },
    { weight: 1, arbitrary: fc.constantFrom(...SUFFIXES).map((suffix) => twist({ kind: "path", suffix })) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(...HEADERS).map(([name, value]) => twist({ kind: "header", name, value })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(at, nastyText)
        .map(([where, text]) => twist({ kind: "query", at: where, text: `extra=${encoded(text)}` })),
    },
  ];
  return fc.oneof(
    ...anywhere,
    ...(body ? BODY_TWISTS : []),
    ...(hasParams ? PARAM_TWISTS : []),
    ...(hasQuery ? QUERY_TWISTS : []),
  );
}

const BODY_TWISTS = [
  { weight: 10, arbitrary: fc.record({ kind: fc.constant("replace-value" as const), at, value: nastyValue }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("drop-value" as const), at }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("repeat-value" as const),
      at,
      value: fc.constantFrom(2, 101, 1_001, 5_001),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("add-field" as const),
      at,
      name: fc.oneof(fc.constantFrom(...FIELDS), nastyText),
      value: nastyValue,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("whole-body" as const), value: nastyValue }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("bytes" as const), how: fc.constantFrom(...BYTES_TWISTS) }) },
];

const PARAM_TWISTS = [
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("segment" as const), at, text: nastyText.map(encoded) }) },
];

const QUERY_TWISTS = [
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("query" as const),
      at,
      text: fc.oneof(nastyText.map(encoded), fc.constantFrom("%", "%zz", "%ff", "+", "%00", "%ud800")),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("query-twice" as const, "query-drop" as const), at }) },
];

function twist(made: Twist): Twist {
  return made;
}

/** Percent-encoded; halves of surrogate pairs, which cannot be, as the bytes they would be. */
function encoded(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : "%ed%a0%80";
}

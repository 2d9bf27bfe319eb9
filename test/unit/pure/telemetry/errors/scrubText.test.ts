import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CUT, MAX_TEXT_CHARS, REMOVED, UNREADABLE } from "../../../../../src/telemetry/errors/constants.ts";
import { hideSecrets } from "../../../../../src/telemetry/errors/hideSecrets.ts";
import { hideSqlLiterals } from "../../../../../src/telemetry/errors/hideSqlLiterals.ts";
import { scrubText } from "../../../../../src/telemetry/errors/scrubText.ts";

const TOKEN = "q7Zr2LxV9bT4mK8wP1cN6yH3dF5gJ0sAeUiOpRtQwEx";
const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl";

describe("of a text is hidden", () => {
  test.for<[string, string, string]>([
    // what, text, what is left
    [
      "user, password, database and query of a connection string",
      "at postgres://al:pw@h.neon.tech/db?a=b now",
      "at postgres://h.neon.tech now",
    ],
    ["a password with every sign in it", `postgresql://al:p"%w:x/y@z@host:5432/db`, "postgresql://host:5432"],
    ["all of a connection string that was cut off", "postgres://alice:pw", `postgres://${REMOVED}`],
    ["all of one whose password looks like a port", "postgres://alice:1234567", `postgres://${REMOVED}`],
    ["nothing of one without a secret", "postgres://host:5432", "postgres://host:5432"],
    [
      "user and query of any URL",
      "GET https://key@o1.ingest.sentry.io/42?q=a#b",
      `GET https://o1.ingest.sentry.io/42?${REMOVED}`,
    ],
    ["the query of a path", "GET /api/pitches?q=secret+film&x=1 failed", `GET /api/pitches?${REMOVED} failed`],
    [
      "the query of a frame, not its line",
      "at f (file:///a/b.ts?v=1a:12:34)",
      `at f (file:///a/b.ts?${REMOVED}:12:34)`,
    ],
    ["an Authorization header", "Authorization: Basic YTpi\nHost: x", `Authorization: ${REMOVED}\nHost: x`],
    ["all of a Cookie header", "cookie: a=b; c=d e\nx", `cookie: ${REMOVED}\nx`],
    ["a Set-Cookie header", 'Set-Cookie: bw="v"; Path=/', `Set-Cookie: ${REMOVED}`],
    ["our session header", "Breakwater-Session: short", `Breakwater-Session: ${REMOVED}`],
    ["an idempotency key", "idempotency-key=018f3c5e", `idempotency-key=${REMOVED}`],
    ["a bearer token, however short", "sent Bearer abc.def to", `sent Bearer ${REMOVED} to`],
    ["a JWT", `session ${JWT}.`, `session ${REMOVED}`],
    ["a base64url token", `got ${TOKEN}, then`, `got ${REMOVED}, then`],
    ["a base64 token", "got q7Zr2LxV/bT4mK8+P1cN6yH3dF5gJ0sAeUiOpRtQwE0= then", `got ${REMOVED} then`],
    ["a token in a path", `/reset/${TOKEN}/confirm`, `/reset/${REMOVED}/confirm`],
    ["a hex token", "hash d41d8cd98f00b204e9800998ecf8427e", `hash ${REMOVED}`],
    ["a password's hash", "is $argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA now", `is ${REMOVED} now`],
    ["a password of Neon's", "user npg_aB3dE5fG7hI9", `user ${REMOVED}`],
    ["an e-mail address", "mail to carol.o-smith+x@mail.example.org.", `mail to ${REMOVED}.`],
    ["an e-mail address of another alphabet", "иван@пример.рф", REMOVED],
    ["an e-mail address in a URL's code", "carol%40example.org", REMOVED],
    ["a named secret", "password=hunter2, next", `password=${REMOVED}, next`],
    ["a password of several words", "password: correct horse battery\nnext", `password: ${REMOVED}\nnext`],
    ["a list of secrets", "ADMIN_TOKENS=abc,def ghi", `ADMIN_TOKENS=${REMOVED} ghi`],
    ["a named secret in JSON", '{"apiToken": "a \\" b","n":1}', `{"apiToken": ${REMOVED},"n":1}`],
    ["a named secret in JSON in JSON", '{\\"secret\\":\\"a b\\",\\"n\\":1}', `{\\"secret\\":${REMOVED},\\"n\\":1}`],
    ["a named secret that is not closed", "secret: 'a b c", `secret: ${REMOVED}`],
    [
      "what Postgres says of a key",
      "Key (email)=(a, b (c)) already exists.",
      `Key (email)=(${REMOVED}) already exists.`,
    ],
    [
      "what Postgres says of an expression",
      "Key (lower(x))=(y) is not present in",
      `Key (lower(x))=(${REMOVED}) is not present in`,
    ],
    ["what Postgres says of a row", "Failing row contains (1, a).\nb).", `Failing row contains (${REMOVED})`],
    [
      "what Postgres could not read",
      'invalid input syntax for type uuid: "a"b"',
      'invalid input syntax for type uuid: "?"',
    ],
    ["where Postgres could not go on", 'syntax error at or near "hunter"', 'syntax error at or near "?"'],
    [
      "whom Postgres let not in",
      'password authentication failed for user "al"',
      'password authentication failed for user "?"',
    ],
    ["parameters in a log line", "parameters: $1 = 'a', $2 = 'b'", `parameters: ${REMOVED}`],
    [
      "literals of SQL",
      "SELECT a FROM b WHERE c = 'd''e' AND f=12.5 LIMIT $1",
      "SELECT a FROM b WHERE c = '?' AND f=? LIMIT $1",
    ],
    [
      "literals of SQL in VALUES",
      "INSERT INTO t VALUES ('a', -3, E'b\\'c', $$d$$, $x$e$x$)",
      "INSERT INTO t VALUES ('?', -?, '?', '?', '?')",
    ],
    ["literals of SQL that are not closed", "SELECT 'abc", "SELECT '?'"],
    ["literals of SQL after an apostrophe", "Couldn't run SELECT 'abc' -- don't", "Couldn't run SELECT '?' -- don't"],
    ["literals of SQL in lower case", "select a from b where c = 'd'", "select a from b where c = '?'"],
  ])("%s", ([, text, left]) => {
    expect(scrubText(text)).toBe(left);
  });
});

test.for([
  "Cannot read properties of undefined (reading 'foo')",
  "The node node-1 failed 3 times in a row, the last 250 ms ago.",
  "pitch 018f3c5e-7b1a-7c3e-9f00-aabbccddeeff is not there",
  'duplicate key value violates unique constraint "users_email_key"',
  'column "pitches_production_stage" of relation "pitches" does not exist',
  "no partition breakwater_marks_20260730_pkey of the day 2026-07-30T12:00:00.000Z",
  "    at async ensurePartitionsForTheComingDays (index.js:12345:67)",
  "    at RequestScope.query (file:///app/src/database/requestScope.ts:62:12)",
  "DELETE /api/pitches/018f3c5e-7b1a-7c3e-9f00-001122334455 took 12 ms",
  "GET /api/pitches/018f3c5e-7b1a-7c3e-9f00-aabbccddeeff/likes",
  "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
  "08006 connection failure, 57P01, 0/16B3748",
  "the query listPitches took 1,204 ms where 900 were left",
])("a text that helps and hides nothing stays as it is: %s", (text) => {
  expect(scrubText(text)).toBe(text);
});

/** Pieces that rules look for, and halves of them, so that what one rule leaves may be another's beginning. */
const piece = fc.oneof(
  fc.constantFrom(
    ..."' \" \\ = : , ; ( ) [ ] { } ? @ $ $$ / // :// . - _ % + # \n key Key (a)=( ) already token password= secret: Bearer".split(
      " ",
    ),
    ...[
      "SELECT ",
      "E'",
      " where ",
      "'s",
      "$1 = ",
      "parameters: ",
      "near ",
      "Failing row contains (",
      "postgres://",
      "https://",
    ],
    ...[
      "eyJ",
      "a@b.cd",
      "%40",
      "npg_",
      "Cookie: ",
      "invalid input: ",
      " ",
      "12",
      "aB3",
      REMOVED,
      CUT,
      UNREADABLE,
      TOKEN,
      "пé",
    ],
  ),
  fc.string({ maxLength: 5 }),
  fc.string({ unit: "binary", maxLength: 3 }),
);
const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));

test("scrubbing twice is scrubbing once, whatever the text", { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 20, max: 200 }), (whole, maxChars) => {
      const once = scrubText(whole, maxChars);
      expect(scrubText(once, maxChars)).toBe(once);
      expect(once.length).toBeLessThanOrEqual(maxChars);
    }),
    { numRuns: 2_000 },
  );
});

test("nearly every text comes to rest, so that its words are kept", () => {
  const texts = fc.sample(text, 2_000);
  expect(texts.filter((whole) => scrubText(whole) === UNREADABLE && !whole.includes(UNREADABLE)).length).toBeLessThan(
    20,
  );
});

const word = fc.stringMatching(/^[a-z]{3,8}$/);
const passwordChar = fc.constantFrom(..."abcxyzABCXYZ0123456789!$%&*()-_=+:;,./?<>|~^");
const password = fc.string({ unit: passwordChar, minLength: 1, maxLength: 40 }).map((tail) => `zq!${tail}!qz`);
test.for<[string, fc.Arbitrary<readonly [secret: string, text: string]>]>([
  ["password of a connection string", password.map((pw) => [pw, `postgres://user:${pw}@host.example/db`] as const)],
  ["named password in JSON", password.map((pw) => [pw, JSON.stringify({ password: pw })] as const)],
  ["cookie", password.map((pw) => [pw, `Cookie: bw=${pw}; b`] as const)],
  ["literal in SQL", password.map((pw) => [pw, `UPDATE a SET b = '${pw}' WHERE c = 1`] as const)],
  ["value of a key", password.map((pw) => [pw, `Key (name)=(${pw}) already exists.`] as const)],
  ["address", fc.emailAddress().map((address) => ["@", `<${address}>`] as const)],
])("no %s survives, whatever the words around it", ([, secrets]) => {
  fc.assert(
    fc.property(secrets, fc.array(word), fc.array(word), ([secret, inside], before, after) => {
      const scrubbed = scrubText([...before, inside, ...after].join(" "));
      expect(scrubbed).not.toContain(secret);
    }),
    { numRuns: 500 },
  );
});

test.for<[BufferEncoding, number, number]>([
  // encoding, bytes, how many of 10,000 may be taken for words
  ["hex", 16, 0],
  ["base64url", 16, 60],
  ["base64url", 24, 10],
  ["base64url", 32, 2],
  ["base64", 24, 30],
  ["base64", 32, 2],
])("of 10,000 tokens in %s of %d random bytes at most %d are left", ([encoding, bytes, most]) => {
  const left = Array.from({ length: 10_000 }, (_, index) => {
    const token = createHash("sha384").update(`token ${index}`).digest().subarray(0, bytes).toString(encoding);
    return scrubText(`got ${token}, then`).includes(token.slice(0, 8)) ? token : "";
  });
  expect(left.filter(Boolean).length).toBeLessThanOrEqual(most);
});

describe("a long text", () => {
  test("is cut where a word ends, so that no half of a secret is left", () => {
    const scrubbed = scrubText(`${"'x' ".repeat(4_090)}a b ${"carol@example.org ".repeat(10)}`);
    expect(scrubbed).toHaveLength(MAX_TEXT_CHARS);
    expect(scrubbed.endsWith(CUT)).toBe(true);
    const shrunk = scrubText(`token=${"s".repeat(16_368)} carol@example.org`);
    expect(shrunk).toBe(`token=${REMOVED} ${CUT}`);
  });

  test("costs nothing beyond what is looked at", () => {
    const huge = "carol@example.org ".repeat(60_000);
    const startedAt = performance.now();
    scrubText(huge);
    expect(performance.now() - startedAt).toBeLessThan(500); // 1 ms where nothing else runs
  });
});

/** What begins something that a rule looks for the end of, one beside the other without that end. */
const BEGINNINGS =
  "a A aA - @ a@ a@a. a. %40 a%40 o'o ' \" \\ $ $$ $a$ 1. 1_ { [ E'\\ token token: token:\" token:[a password password: postgres:// a:// a://\" ?a= eyJ key=( )=( cookie cookie: sk_ $argon2id$ aB3/ пa@";
const WITH_SPACES = [
  "key (",
  "key (a)=(",
  "password = '",
  "invalid input",
  "invalid input: ",
  "Failing row contains ",
  'near "',
];
const MORE_SPACES = [
  'user "\\',
  "basic ",
  "bearer ",
  "select ",
  "where ",
  "SELECT '",
  "SELECT E'\\",
  ": ",
  " ",
  "\n",
  "parameters: $",
];

test.for([...BEGINNINGS.split(" "), ...WITH_SPACES, ...MORE_SPACES])("1 MB of %j takes no quadratic time", (seed) => {
  const hostile = seed.repeat(Math.ceil(1_000_000 / seed.length));
  const startedAt = performance.now();
  hideSecrets(hostile);
  hideSqlLiterals(`SELECT ${hostile}`);
  expect(performance.now() - startedAt).toBeLessThan(4_000); // 50 to 200 ms alone; minutes if it were quadratic
});

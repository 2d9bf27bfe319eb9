import { describe, expect, test } from "vitest";
import { leakCheck, type Marker } from "../../../../tools/fuzz/leakCheck.ts";
import { NASTY_TEXTS } from "../../../../tools/fuzz/nasty.ts";

const MARKERS: readonly Marker[] = [
  { text: "word-draft", what: "a draft's title", mayBeSeenBy: ["ada"] },
  { text: "913572468", what: "an amount", mayBeSeenBy: ["ada", "bob"] },
];
const check = leakCheck("word", MARKERS);

describe("an answer gives away", () => {
  test.for([
    ["words of Postgres", 'null value in column violates not-null constraint "x"'],
    ["words of Postgres", 'syntax error at or near \\"DROP\\"'],
    ["words of Postgres", "invalid input syntax for type uuid"],
    ["words of Postgres", "SQLSTATE 23505"],
    ["a name of the schema", 'relation \\"nothing\\" does not exist'],
    ["a name of the catalogue", "pg_catalog.now()"],
    ["a constraint's name", "users_email_key"],
    ["a column's name", '{"password_hash":"x"}'],
    ["a password's hash", "$argon2id$v=19$m=19456"],
    ["a connection string", "postgres://u:p@host/db"],
    ["the driver, or where the database is", "NeonDbError: timeout"],
    ["a stack trace", "Error: x\\n    at handle (index.js:1:2)"],
    ["a stack trace", "    at async Object.fetch (file:///srv/index.js:10:20)"],
    ["a stack trace", "src/routes/pitchRoutes.ts:17"],
    ["the name of an error's class", "TypeError: x is not a function"],
  ] as const)("%s", ([what, text]) => {
    expect(check({ text, accountId: "ada", asked: "" }).join()).toContain(what);
    expect(check({ text, accountId: "ada", asked: `{"title":"${text}"}` }).join()).not.toContain(what);
  });

  test("what is another's, and only to others", () => {
    const text = '{"title":"word-draft"}';
    expect(check({ text, accountId: "ada", asked: "" })).toEqual([]);
    expect(check({ text, accountId: "bob", asked: "" })).toEqual(["it shows a draft's title"]);
    expect(check({ text, accountId: undefined, asked: "" })).toEqual(["it shows a draft's title"]);
    expect(check({ text: "amount 913572468", accountId: "bob", asked: "" })).toEqual([]);
    expect(check({ text: "amount 913572468", accountId: "eve", asked: "" })).toEqual(["it shows an amount"]);
  });
});

test("what people write is no leak", () => {
  const texts = [
    "Director, at home in small rooms and long takes. 2023-12-18T15:00:15.542Z",
    "The Neon Demon (2016)",
    "A function of time; a relation of equals; at 12:30:15 the constraint breaks.",
  ];
  for (const text of texts) expect(check({ text: JSON.stringify({ text }), accountId: "eve", asked: "" })).toEqual([]);
});

test("no nasty text of the fuzz looks like a leak by itself", () => {
  for (const text of NASTY_TEXTS) {
    const shown = { text: JSON.stringify({ text }), accountId: "eve", asked: "" };
    expect([text, check(shown)]).toEqual([text, []]);
  }
});

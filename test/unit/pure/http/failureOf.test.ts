import { expect, test } from "vitest";
import { DatabaseError } from "../../../../src/database/errors.ts";
import { failureOf } from "../../../../src/http/failureOf.ts";
import { ProblemError } from "../../../../src/http/problem.ts";

test.for<[string, unknown, ReturnType<typeof failureOf>]>([
  ["no node that answers", new DatabaseError("unavailable", "gone"), "outage"],
  ["no time left", new DatabaseError("deadline", "late"), "outage"],
  ["the same from another realm", { name: "DatabaseError", code: "unavailable" }, "outage"],
  ["a schema that lacks something", new DatabaseError("configuration", "no schema"), "mistake"],
  ["a statement that is wrong", new DatabaseError("query", "42P01"), "mistake"],
  ["a bug", new TypeError("x is undefined"), "mistake"],
  ["nothing that is an error", "gone", "mistake"],
  ["null", null, "mistake"],
  ["a problem of the request", new ProblemError("invalid-request"), "answer"],
  ["an application's own problem", new ProblemError("slug-taken"), "answer"],
  ["a problem of ours that says to come back", new ProblemError("unavailable"), "outage"],
])("a load that fails for %s", ([, error, expected]) => {
  expect(failureOf(error)).toBe(expected);
});

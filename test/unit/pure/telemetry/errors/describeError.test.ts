import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_CAUSES, MAX_FRAMES } from "../../../../../src/telemetry/errors/constants.ts";
import { describeError } from "../../../../../src/telemetry/errors/describeError.ts";

test("an error is described with its code, its frames and what else it carries", () => {
  const error = Object.assign(new TypeError("no"), {
    code: 23505,
    sqlstate: "23505",
    stack: "TypeError: no\n    at f (a.ts:1:2)",
  });
  expect(describeError(error)).toEqual([
    {
      name: "TypeError",
      message: "no",
      code: "23505",
      frames: ["    at f (a.ts:1:2)"],
      details: { sqlstate: "23505" },
    },
  ]);
});

describe("causes", () => {
  test("follow the error they caused, a few of them", () => {
    let error = new Error("0");
    for (let index = 1; index < 20; index++) error = new Error(String(index), { cause: error });
    expect(describeError(error).map(({ message }) => message)).toEqual(["19", "18", "17", "16", "15"]);
    expect(MAX_CAUSES).toBe(5);
  });

  test("that lead back are told once", () => {
    const one = new Error("one");
    one.cause = new Error("two", { cause: one });
    expect(describeError(one).map(({ message }) => message)).toEqual(["one", "two"]);
  });

  test("of several errors in one: the first, unless a cause is named", () => {
    const several = new AggregateError([new Error("first"), new Error("second")], "all failed");
    expect(describeError(several).map(({ message }) => message)).toEqual(["all failed", "first"]);
    several.cause = "why";
    expect(describeError(several).map(({ message }) => message)).toEqual(["all failed", "why"]);
  });
});

describe("frames", () => {
  const framesOf = (message: string, stack: string) => describeError({ message, stack })[0].frames;

  test("are not read from the message, though it looks like some", () => {
    const message = "look:\n    at evil (b.ts:1:1)";
    expect(framesOf(message, `Error: ${message}\n    at f (a.ts:1:2)`)).toEqual(["    at f (a.ts:1:2)"]);
  });

  test("are found behind a message of any length, also one that was changed since", () => {
    const long = "line\n".repeat(100_000);
    expect(framesOf(long, `Error: ${long}\n    at f (a.ts:1:2)`)).toEqual(["    at f (a.ts:1:2)"]);
    expect(framesOf("changed", `Error: ${long}\n    at f (a.ts:1:2)`)).toEqual(["    at f (a.ts:1:2)"]);
  });

  test("are few and short", () => {
    const stack = `Error: m\n${"    at f (a.ts:1:2)\n".repeat(200)}`;
    expect(framesOf("m", stack)).toHaveLength(MAX_FRAMES);
    expect(framesOf("m", `Error: m\n    at ${"at ".repeat(500)}(a.ts:1:2)`)).toEqual([]);
  });
});

test("nothing is thrown, whatever was thrown", () => {
  // Made within the property: fast-check itself would stumble over such values.
  const hostile = fc.constantFrom<() => unknown>(
    () => new Proxy({}, { get: () => fail(), ownKeys: () => fail(), has: () => fail(), getPrototypeOf: () => fail() }),
    () => Object.create(null),
    () => ({ toString: () => fail(), name: { toString: () => fail() }, message: 1, stack: {}, code: Symbol("x") }),
    () => ({ errors: { 0: 1 }, cause: null }),
    () => Symbol("x"),
    () => fail,
  );
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true }).map((value) => () => value);
  const thrown = fc.oneof(anything, hostile);
  fc.assert(
    fc.property(thrown, thrown, thrown, fc.boolean(), (outer, cause, first, isCaused) => {
      const error = isCaused ? { message: outer(), cause: cause(), errors: [first()] } : outer();
      for (const { name, message, frames } of describeError(error)) {
        expect([typeof name, typeof message, Array.isArray(frames)]).toEqual(["string", "string", true]);
      }
    }),
  );
});

function fail(): never {
  throw new Error("This must not be seen.");
}

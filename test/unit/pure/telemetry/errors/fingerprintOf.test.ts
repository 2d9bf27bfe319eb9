import { expect, test } from "vitest";
import { describeError } from "../../../../../src/telemetry/errors/describeError.ts";
import { fingerprintOf } from "../../../../../src/telemetry/errors/fingerprintOf.ts";

interface Parts {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly frame?: string;
}

function of({ name = "Error", code, message = "m", frame = "f (a.ts:1:2)" }: Parts): string {
  return fingerprintOf(
    describeError({ name, code, message, stack: `${name}: ${message}\n    at ${frame}\n    at g (b.ts:3:4)` })[0],
  );
}

test.for<[string, Parts, Parts]>([
  ["number", { message: "took 12 ms" }, { message: "took 3,400.5 ms" }],
  [
    "id",
    { message: "pitch 018f3c5e-7b1a-7c3e-9f00-aabbccddeeff" },
    { message: "pitch 018f3c5e-7b1a-7c3e-9f00-001122334455" },
  ],
  ["quoted literal", { message: `no 'a' in "b c" of \`d\`` }, { message: `no 'x y' in "" of \`z\`` }],
  ["address", { message: "mail to a@b.cd bounced" }, { message: "mail to carol@example.org bounced" }],
  ["time", { message: "since 2026-07-30T12:00:00.000Z" }, { message: "since 2027-01-01T00:00:00.001Z" }],
  ["end of a long message", { message: `${"word ".repeat(200)}a` }, { message: `${"word ".repeat(200)}b` }],
])("two errors that differ in a %s are of one kind", ([, one, other]) => {
  expect(of(one)).toBe(of(other));
});

test.for<[string, Parts]>([
  ["name", { name: "TypeError" }],
  ["code", { code: "unavailable" }],
  ["message", { message: "another" }],
  ["place", { frame: "f (a.ts:9:2)" }],
])("two errors that differ in their %s are of two kinds", ([, other]) => {
  expect(of(other)).not.toBe(of({}));
});

test("what is behind the place of the throw does not matter", () => {
  const [one, other] = ["b.ts:3:4", "c.ts:5:6"].map((caller) =>
    fingerprintOf(
      describeError({ name: "E", message: "m", stack: `E: m\n    at f (a.ts:1:2)\n    at g (${caller})` })[0],
    ),
  );
  expect(one).toBe(other);
});

test("a fingerprint is short, however long what it is made of", () => {
  const long = "word ".repeat(100_000);
  expect(of({ name: long, code: long, message: long, frame: long }).length).toBeLessThan(1_000);
});

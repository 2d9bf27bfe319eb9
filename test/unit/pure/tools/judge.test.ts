import { expect, test } from "vitest";
import type { Exception } from "../../../../tools/mutate/exceptions.ts";
import { judge } from "../../../../tools/mutate/judge.ts";
import type { Mutant, MutantStatus } from "../../../../tools/mutate/mutant.ts";

const mutant = (status: MutantStatus, change: Partial<Mutant> = {}): Mutant => ({
  file: "src/a.ts",
  line: 7,
  lineText: "return one + two;",
  mutator: "ArithmeticOperator",
  original: "one + two",
  replacement: "one - two",
  status,
  ...change,
});
const explained: Exception = { file: "src/a.ts", original: "one + two", replacement: "one - two", why: "two is 0" };

test.for<[string, Mutant, Exception[], "killed" | "explained" | "unexplained", obsolete: number]>([
  ["one that a test told", mutant("killed"), [], "killed", 0],
  ["one that none told", mutant("survived"), [], "unexplained", 0],
  ["one that none told, as is explained", mutant("survived"), [explained], "explained", 0],
  ["the same on another line", mutant("survived", { line: 99 }), [explained], "explained", 0],
  ["the same where another line was meant", mutant("survived"), [{ ...explained, on: "else" }], "unexplained", 1],
  ["another change of the same text", mutant("survived", { replacement: "one" }), [explained], "unexplained", 1],
  ["the same change in another file", mutant("survived", { file: "src/b.ts" }), [explained], "unexplained", 1],
  ["what is explained, and told after all", mutant("killed"), [explained], "killed", 1],
  ["a loop", mutant("timeout"), [], "unexplained", 0],
  ["a loop where an equivalent is explained", mutant("timeout"), [explained], "unexplained", 1],
  ["a loop that is known, and told before it began", mutant("killed"), [{ ...explained, ends: "never" }], "killed", 0],
  ["a loop that is known, and none any more", mutant("survived"), [{ ...explained, ends: "never" }], "unexplained", 1],
  ["a loop that is known", mutant("timeout"), [{ ...explained, ends: "never" }], "explained", 0],
])("%s", ([, one, exceptions, expected, obsolete]) => {
  const judgement = judge([one], exceptions);
  const found = judgement.killed > 0 ? "killed" : judgement.explained > 0 ? "explained" : "unexplained";
  expect([found, judgement.obsolete.length]).toEqual([expected, obsolete]);
});

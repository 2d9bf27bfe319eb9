import { expect, test } from "vitest";
import type { Choice } from "../../../../src/database/candidates.ts";
import { sessionChoices } from "../../../../src/database/sessionChoices.ts";
import { EMPTY_TOKEN, type Token } from "../../../../src/replicas/session/token.ts";

const A: Choice = { node: "a", reason: "any" };
const B: Choice = { node: "b", reason: "any" };
const P: Choice = { node: "p", reason: "spill", spills: true };
const MARKS = [{ id: "01999999-0000-7000-8000-00000000000a", epoch: "1" }];
const at = (node: string, marks: Token["marks"] = MARKS): Token => ({
  marks,
  seen: { node, generation: "1", xmax: "9", epoch: "1" },
});

test.for<[string, readonly Choice[], Token, readonly string[], number, readonly string[]]>([
  ["its own node first", [A, B, P], at("b"), [], 0, ["b session", "a moved"]],
  ["the primary only in the second turn", [A, B, P], at("b"), [], 1, ["b session", "a moved", "p spill"]],
  ["the others where its own is not admitted", [A, P], at("b"), [], 0, ["a moved"]],
  ["who read from the primary as one without a node", [A, B, P], at("p"), [], 0, ["a moved", "b moved"]],
  [
    "who never read as its first visit anywhere",
    [A, B, P],
    { marks: MARKS, seen: null },
    [],
    0,
    ["a session", "b session"],
  ],
  ["no laggard in the first turn", [A, B, P], at("a"), ["a"], 0, ["b moved"]],
  ["a laggard last in the second", [A, B, P], at("a"), ["a"], 1, ["b moved", "p spill", "a session"]],
  ["the primary at once where all lag", [A, B, P], at("a"), ["a", "b"], 0, ["p spill", "a session", "b moved"]],
  ["a laggard as any other where nothing was written", [A, B, P], at("a", []), ["a", "b"], 0, ["a session", "b moved"]],
  ["the only node there is", [{ node: "p", reason: "any" }], at("p"), [], 0, ["p session"]],
  ["another than its own that is out or failed", [A, P, { ...B, isLast: true }], at("b"), [], 0, ["a moved"]],
  ["its own that is out after the primary", [P, { ...B, isLast: true }], at("b"), [], 0, ["p spill", "b session"]],
  [
    "a laggard before who is out",
    [A, P, { ...B, isLast: true }],
    at("b"),
    ["a"],
    1,
    ["p spill", "a moved", "b session"],
  ],
  ["nobody where nobody is admitted", [], EMPTY_TOKEN, [], 0, []],
])("a session asks %s", ([, ordered, token, laggards, turn, expected]) => {
  const choices = sessionChoices(ordered, token, { lags: (node) => laggards.includes(node), score: () => 5 }, turn);
  expect(choices.map(({ node, reason }) => `${node} ${reason}`)).toEqual(expected);
});

test.for<[string, number, number, readonly string[]]>([
  ["its own node though that is three times as dear", 90, 30, ["b session", "a moved"]],
  ["its own node though that is five times as dear, where that is next to nothing", 24, 5, ["b session", "a moved"]],
  ["another where its own is much dearer", 130, 30, ["a moved", "b session"]],
])("a session asks first %s", ([, own, others, expected]) => {
  const score = (node: string) => (node === "b" ? own : others);
  const choices = sessionChoices([A, B, P], at("b"), { lags: () => false, score }, 0);
  expect(choices.map(({ node, reason }) => `${node} ${reason}`)).toEqual(expected);
});

test("a session does not leave its own node, however dear, for one that lacked its write", () => {
  const score = (node: string) => (node === "b" ? 500 : 5);
  const choices = sessionChoices([A, B, P], at("b"), { lags: (node) => node === "a", score }, 0);
  expect(choices.map(({ node }) => node)).toEqual(["b"]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Candidate, readCandidates } from "../../../../src/database/candidates.ts";
import { SILENT_AFTER_MS } from "../../../../src/database/constants.ts";
import { NO_EVIDENCE } from "../../../../src/database/nodeEvidence.ts";

const NOW = 1_000;
const node = (
  name: string,
  role: Candidate["role"],
  more: { avoidUntil?: number; silentMs?: number; isOut?: boolean; score?: number } = {},
) => ({
  name,
  role,
  evidence: { ...NO_EVIDENCE, avoidUntil: more.avoidUntil ?? 0 },
  silentMs: more.silentMs ?? 0,
  isOut: more.isOut ?? false,
  score: more.score ?? 5,
});

const AVOIDED = { avoidUntil: NOW + 1 };
const SILENT = { silentMs: SILENT_AFTER_MS };

test.for<[string, readonly Candidate[], number, readonly string[]]>([
  ["replicas, then the primary", [node("p", "primary"), node("a", "replica")], 0, ["a any", "p spill"]],
  ["either of two that are as dear", [node("a", "replica"), node("b", "replica")], 0.6, ["b any", "a any"]],
  ["the cheaper of two", [node("a", "replica", { score: 50 }), node("b", "replica")], 0.5, ["b any", "a any"]],
  ["a node of unknown role as a replica", [node("p", "primary"), node("u", "unknown")], 0, ["u any", "p spill"]],
  ["the primary in place of replicas that may not be asked", [node("p", "primary")], 0, ["p spill"]],
  ["avoided nodes after the primary", [node("p", "primary"), node("a", "replica", AVOIDED)], 0, ["p spill", "a any"]],
  ["silent nodes after the primary", [node("p", "primary"), node("a", "replica", SILENT)], 0, ["p spill", "a any"]],
  [
    "nodes out of rotation after the primary",
    [node("p", "primary"), node("a", "replica", { isOut: true })],
    0,
    ["p spill", "a any"],
  ],
  [
    "a doubtful replica before a doubtful primary",
    [node("p", "primary", AVOIDED), node("a", "replica", AVOIDED)],
    0,
    ["a any", "p spill"],
  ],
  [
    "the cheaper of two doubtful ones",
    [node("a", "replica", { ...AVOIDED, score: 1_000 }), node("b", "replica", SILENT)],
    0,
    ["b any", "a any"],
  ],
  [
    "the last node there is, however doubtful",
    [node("a", "replica", { ...AVOIDED, ...SILENT, isOut: true })],
    0,
    ["a any"],
  ],
  [
    "an avoided node whose time has come",
    [node("p", "primary"), node("a", "replica", { avoidUntil: NOW })],
    0,
    ["a any", "p spill"],
  ],
  [
    "one that is out of rotation after a primary that failed a moment ago",
    [node("p", "primary", AVOIDED), node("a", "replica", { isOut: true })],
    0,
    ["p spill", "a any"],
  ],
  ["a rival last, after doubtful ones", [node("r", "rival"), node("a", "replica", AVOIDED)], 0, ["a any", "r any"]],
  ["nothing where there is nothing", [], 0.9, []],
])("a read asks %s", ([, nodes, random, order]) => {
  const choices = readCandidates(nodes, { now: NOW, random: () => random, spills: true });
  expect(choices.map(({ node, reason }) => `${node} ${reason}`)).toEqual(order);
});

test("the only node there is is asked in nobody's place", () => {
  const choices = readCandidates([node("p", "primary")], { now: NOW, random: () => 0, spills: false });
  expect(choices).toEqual([{ node: "p", reason: "any" }]);
});

test("a read may ask every node, each once, and no doubtful one before a usable one of its kind", () => {
  const candidate = fc.record({
    role: fc.constantFrom<Candidate["role"]>("primary", "replica", "rival", "unknown"),
    avoidUntil: fc.integer({ min: 0, max: 2 * NOW }),
    silentMs: fc.integer({ min: 0, max: 2 * SILENT_AFTER_MS }),
    isOut: fc.boolean(),
    score: fc.integer({ min: 0, max: 2_000 }),
  });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.array(candidate, { maxLength: 8 }), random, (list, chance) => {
      const nodes = list.map(({ role, ...more }, index) => node(`n${index}`, role, more));
      const choices = readCandidates(nodes, { now: NOW, random: () => chance, spills: true });
      const asked = choices.map(({ node }) => node);
      expect(asked.toSorted()).toEqual(nodes.map(({ name }) => name).toSorted());
      const usable = asked.map((name) => {
        const found = nodes.find((candidate) => candidate.name === name && candidate.role !== "rival");
        return found && !found.isOut && found.evidence.avoidUntil <= NOW && found.silentMs < SILENT_AFTER_MS;
      });
      expect(choices.map(({ isLast }) => !isLast)).toEqual(usable.map((is) => is ?? false));
      expect(usable.lastIndexOf(true)).toBeLessThan(usable.includes(false) ? usable.indexOf(false) : asked.length);
    }),
  );
});

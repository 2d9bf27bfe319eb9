import fc from "fast-check";
import { expect, test } from "vitest";
import { type Candidate, readCandidates } from "../../../../src/database/candidates.ts";
import { SILENT_AFTER_MS } from "../../../../src/database/constants.ts";
import { NO_EVIDENCE } from "../../../../src/database/nodeEvidence.ts";

const NOW = 1_000;
const node = (
  name: string,
  role: Candidate["role"],
  more: { avoidUntil?: number; silentMs?: number; isOut?: boolean } = {},
) => ({
  name,
  role,
  evidence: { ...NO_EVIDENCE, avoidUntil: more.avoidUntil ?? 0 },
  silentMs: more.silentMs ?? 0,
  isOut: more.isOut ?? false,
});

const AVOIDED = { avoidUntil: NOW + 1 };
const SILENT = { silentMs: SILENT_AFTER_MS };

test.for<[string, readonly Candidate[], string | undefined, number, readonly string[]]>([
  ["replicas, then the primary", [node("p", "primary"), node("a", "replica")], undefined, 0, ["a any", "p spill"]],
  ["from a random replica on", [node("a", "replica"), node("b", "replica")], undefined, 0.5, ["b any", "a any"]],
  ["the one that answered last", [node("a", "replica"), node("b", "replica")], "b", 0, ["b any", "a any"]],
  [
    "a node of unknown role as a replica",
    [node("p", "primary"), node("u", "unknown")],
    undefined,
    0,
    ["u any", "p spill"],
  ],
  ["the only node, a primary, for any read", [node("p", "primary")], undefined, 0, ["p any"]],
  [
    "avoided nodes after the primary",
    [node("p", "primary"), node("a", "replica", AVOIDED)],
    "a",
    0,
    ["p spill", "a any"],
  ],
  [
    "silent nodes after the primary",
    [node("p", "primary"), node("a", "replica", SILENT)],
    "a",
    0,
    ["p spill", "a any"],
  ],
  [
    "a doubtful replica before a doubtful primary",
    [node("p", "primary", AVOIDED), node("a", "replica", AVOIDED)],
    undefined,
    0,
    ["a any", "p spill"],
  ],
  [
    "an avoided node whose time has come",
    [node("p", "primary"), node("a", "replica", { avoidUntil: NOW })],
    undefined,
    0,
    ["a any", "p spill"],
  ],
  [
    "a rival last, after doubtful ones",
    [node("r", "rival"), node("a", "replica", AVOIDED)],
    undefined,
    0,
    ["a any", "r any"],
  ],
  [
    "a preferred node that is now primary in its place",
    [node("a", "primary"), node("b", "replica")],
    "a",
    0,
    ["b any", "a spill"],
  ],
  ["nothing where there is nothing", [], undefined, 0.9, []],
])("a read asks %s", ([, nodes, preferred, random, order]) => {
  const choices = readCandidates(nodes, preferred, NOW, random);
  expect(choices.map(({ node, reason }) => `${node} ${reason}`)).toEqual(order);
});

test("a read may ask every node, each once, and no doubtful one before a usable one of its kind", () => {
  const candidate = fc.record({
    role: fc.constantFrom<Candidate["role"]>("primary", "replica", "rival", "unknown"),
    avoidUntil: fc.integer({ min: 0, max: 2 * NOW }),
    silentMs: fc.integer({ min: 0, max: 2 * SILENT_AFTER_MS }),
    isOut: fc.boolean(),
  });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.array(candidate, { maxLength: 8 }), fc.nat(8), random, (list, preferred, chance) => {
      const nodes = list.map(({ role, ...more }, index) => node(`n${index}`, role, more));
      const asked = readCandidates(nodes, `n${preferred}`, NOW, chance).map(({ node }) => node);
      expect(asked.toSorted()).toEqual(nodes.map(({ name }) => name).toSorted());
      const usable = asked.map((name) => {
        const found = nodes.find((candidate) => candidate.name === name && candidate.role !== "rival");
        return found && !found.isOut && found.evidence.avoidUntil <= NOW && found.silentMs < SILENT_AFTER_MS;
      });
      expect(usable.lastIndexOf(true)).toBeLessThan(usable.includes(false) ? usable.indexOf(false) : asked.length);
    }),
  );
});

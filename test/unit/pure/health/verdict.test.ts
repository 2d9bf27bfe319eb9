import { describe, expect, test } from "vitest";
import { ConfigError } from "../../../../src/config.ts";
import { NO_EVIDENCE, type NodeEvidence } from "../../../../src/database/nodeEvidence.ts";
import { misconfigured, type NodeHealth, verdict } from "../../../../src/health/verdict.ts";

const NOW = 1_000_000_000;
const MINUTE = 60_000;

/** What is known of a node: when it answered and failed last, how long ago in milliseconds. */
interface Seen {
  readonly answered?: number;
  readonly failed?: number;
  readonly times?: number;
  readonly queried?: number;
  readonly misconfigured?: boolean;
  readonly maySleep?: boolean;
}

const ago = (ms: number | undefined) => (ms === undefined ? undefined : NOW - ms);

function node(name: string, seen: Seen): NodeHealth {
  const evidence: NodeEvidence = {
    ...NO_EVIDENCE,
    lastSuccessAt: ago(seen.answered),
    lastFailureAt: ago(seen.failed),
    lastQueryAt: ago(seen.queried),
    failuresInARow: seen.times ?? 0,
    misconfigured: seen.misconfigured ?? false,
  };
  const isOpen = evidence.misconfigured || evidence.failuresInARow >= 3;
  return { name, maySleep: seen.maySleep ?? false, evidence, isOpen };
}

const OPEN: Seen = { failed: 1_000, times: 3 };
const WELL: Seen = { answered: 2_000 };
const ASLEEP: Seen = { answered: 10 * MINUTE, queried: 10 * MINUTE, maySleep: true };

test.for<[string, readonly Seen[], number, string, boolean, boolean]>([
  // what the row says, nodes, runway, status, database, ready
  ["a fresh success, no node open", [WELL], 0, "healthy", true, true],
  ["a success of 90 s ago", [{ answered: 90_000 }], 0, "healthy", true, true],
  ["a fresh success on one node, nothing of the other", [WELL, {}], 0, "healthy", true, true],
  ["a fresh success and one failure since", [{ answered: 2_000, failed: 1_000, times: 1 }], 0, "healthy", true, true],
  ["a fresh success beside two failures", [WELL, { failed: 1_000, times: 2 }], 0, "healthy", true, true],
  ["one node open, reads still possible", [OPEN, WELL], 0, "degraded", true, true],
  ["one node misconfigured", [{ failed: 1, misconfigured: true }, WELL], 0, "degraded", true, true],
  ["one node open, the other asleep and well", [OPEN, ASLEEP], 0, "degraded", true, true],
  ["every node open, copies left", [OPEN, OPEN], 1, "degraded", false, true],
  ["every node open, no copies", [OPEN, OPEN], 0, "unhealthy", false, false],
  ["every node misconfigured", [{ failed: 1, misconfigured: true }], 0, "unhealthy", false, false],
  ["every node open, an old success", [{ ...OPEN, answered: 10_000 }], 0, "unhealthy", false, false],
  ["a success too old, not asleep", [{ answered: 90_001 }], 0, "unknown", true, true],
  ["failures too old", [{ failed: 90_001, times: 5 }], 0, "unknown", false, true],
  [
    "a refusal too old, after a success",
    [{ answered: 3 * MINUTE, failed: 2 * MINUTE, misconfigured: true }],
    0,
    "unknown",
    false,
    true,
  ],
  ["two failures and never a success", [{ failed: 1_000, times: 2 }], 0, "unknown", false, true],
  ["one node open, the other never seen", [OPEN, {}], 0, "unknown", false, true],
  ["one node open, the other's success too old", [OPEN, { answered: 2 * MINUTE }], 0, "unknown", true, true],
  ["a failure of one, the other asleep", [{ failed: 1_000, times: 1 }, ASLEEP], 0, "unknown", true, true],
  ["no query for four minutes on a node that may sleep", [ASLEEP], 0, "healthy", true, true],
  ["all asleep", [ASLEEP, ASLEEP], 0, "healthy", true, true],
  [
    "too old, and may sleep, but was asked since",
    [{ ...ASLEEP, answered: 2 * MINUTE, queried: 2 * MINUTE }],
    0,
    "unknown",
    true,
    true,
  ],
  ["asleep, but it failed before", [{ ...ASLEEP, failed: 9 * MINUTE, times: 3 }], 0, "unknown", false, true],
  ["one asleep, the other silent for no reason", [ASLEEP, { answered: 10 * MINUTE }], 0, "unknown", true, true],
  ["nothing seen yet", [{}, {}], 0, "unknown", false, false],
  ["nothing seen of a node that may sleep", [{ maySleep: true }], 0, "unknown", false, false],
  ["no node at all", [], 0, "unknown", false, false],
])("%s: %o with a runway of %d ms is %s", ([, nodes, runwayMs, status, database, ready]) => {
  const said = verdict(
    nodes.map((seen, index) => node(`node-${index + 1}`, seen)),
    runwayMs,
    NOW,
  );
  expect([said.status, said.database, said.ready]).toEqual([status, database, ready]);
});

describe("a verdict", () => {
  const of = (...nodes: Seen[]) =>
    verdict(
      nodes.map((seen, index) => node(`node-${index + 1}`, seen)),
      0,
      NOW,
    );

  test("says how old the success is that makes it healthy, not how old other news is", () => {
    const said = of({ answered: 40_000, failed: 1_000, times: 1 });
    expect(said).toMatchObject({ ageMs: 40_000, notes: ["evidence 40 s old"] });
  });

  test("says how old the last evidence is when that is too old", () => {
    expect(of({ answered: 120_000 })).toMatchObject({ ageMs: 120_000, notes: ["last evidence 120 s old"] });
  });

  test("names each node that is open, and why", () => {
    expect(of(OPEN, WELL, { failed: 5, misconfigured: true }).notes).toEqual([
      "node-1 is open, its last failure 1 s ago",
      "node-3 refuses our credentials or database name",
    ]);
  });

  test("notes that the database sleeps, and that nothing was seen", () => {
    expect(of(ASLEEP).notes).toEqual(["asleep"]);
    expect(of({}).notes).toEqual(["nothing seen yet"]);
  });

  test("never has a negative age, though the clock was set back", () => {
    expect(of({ answered: -5_000 })).toMatchObject({ status: "healthy", ageMs: 0 });
  });

  test("of a wrong configuration repeats our own words and nobody else's", () => {
    const shown = misconfigured(new ConfigError("BREAKWATER_NODES is missing."));
    expect(shown).toMatchObject({ status: "unknown", ready: false, notes: ["BREAKWATER_NODES is missing."] });
    expect(misconfigured(new Error("postgres://u:s3kret@host")).notes).toEqual(["not configured"]);
  });
});

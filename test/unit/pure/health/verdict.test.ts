import { describe, expect, test } from "vitest";
import { ConfigError } from "../../../../src/config.ts";
import { misconfigured, verdict } from "../../../../src/health/verdict.ts";
import { ASLEEP, HELD, MINUTE, NOW, nodesOf, OPEN, type Seen, WELL } from "./nodes.ts";

/** The design's table, its rows in their order: the evidence, and what it is said to be. */
const ROWS = {
  healthy: "a success on any node younger than 90 s, no node open",
  degraded: "a node open or lagging past its limit, reads still possible",
  runway: "every node open, usable cached copies left",
  unhealthy: "every node open, no runway",
  unknown: "last evidence older than 90 s, node not asleep",
  asleep: "no application query for 4 minutes on a node that may sleep",
  nothing: "nothing seen yet",
} as const;

type Case = [
  row: string,
  evidence: string,
  nodes: readonly Seen[],
  runwayMs: number,
  status: string,
  database: boolean,
  ready: boolean,
];

const heldFor = (ms: number): Seen => ({ ...HELD, answered: ms });

test.for<Case>([
  [ROWS.healthy, "a fresh success", [WELL], 0, "healthy", true, true],
  [ROWS.healthy, "89.999 s old", [{ answered: 89_999 }], 0, "healthy", true, true],
  [ROWS.healthy, "90 s old", [{ answered: 90_000 }], 0, "healthy", true, true],
  [ROWS.healthy, "nothing of the other node", [WELL, {}], 0, "healthy", true, true],
  [ROWS.healthy, "one failure since", [{ answered: 2_000, failed: 1_000, times: 1 }], 0, "healthy", true, true],
  [ROWS.healthy, "four failures of another, not open", [WELL, { failed: 1_000, times: 4 }], 0, "healthy", true, true],
  [ROWS.healthy, "the other's too old", [WELL, { answered: 5 * MINUTE }], 0, "healthy", true, true],
  [ROWS.healthy, "ramping", [{ ...WELL, state: "ramping" }], 0, "healthy", true, true],
  [ROWS.healthy, "held closed", [{ ...WELL, state: "forced-closed" }], 0, "healthy", true, true],
  [ROWS.healthy, "shadowed", [{ ...WELL, state: "shadow", would: "open" }], 0, "healthy", true, true],
  [ROWS.healthy, "behind up to its limit", [WELL, { ...WELL, behind: 10_000 }], 0, "healthy", true, true],

  [ROWS.degraded, "one open", [OPEN, WELL], 0, "degraded", true, true],
  [ROWS.degraded, "one open, the other at 90 s", [OPEN, { answered: 90_000 }], 0, "degraded", true, true],
  [ROWS.degraded, "one misconfigured", [{ failed: 1, misconfigured: true }, WELL], 0, "degraded", true, true],
  [ROWS.degraded, "one open, the other asleep and well", [OPEN, ASLEEP], 0, "degraded", true, true],
  [ROWS.degraded, "one held open, whatever it last said", [heldFor(5 * MINUTE), WELL], 0, "degraded", true, true],
  [ROWS.degraded, "one held open, never seen", [HELD, WELL], 0, "degraded", true, true],
  [ROWS.degraded, "one held open, the other asleep", [HELD, ASLEEP], 0, "degraded", true, true],
  [ROWS.degraded, "one half-open, not yet asked", [{ ...OPEN, state: "half-open" }, WELL], 0, "degraded", true, true],
  [
    ROWS.degraded,
    "one success after the fall of the only node",
    [{ failed: 2_000, answered: 1_000, state: "half-open" }],
    0,
    "degraded",
    true,
    true,
  ],
  [ROWS.degraded, "one lags past its limit", [WELL, { ...WELL, behind: 10_001 }], 0, "degraded", true, true],
  [ROWS.degraded, "the only one lags", [{ ...WELL, behind: MINUTE }], 0, "degraded", true, true],

  [ROWS.runway, "all open", [OPEN, OPEN], 1, "degraded", false, true],
  [ROWS.runway, "all held open", [heldFor(5 * MINUTE)], 1, "degraded", false, true],

  [ROWS.unhealthy, "all open", [OPEN, OPEN], 0, "unhealthy", false, false],
  [ROWS.unhealthy, "all misconfigured", [{ failed: 1, misconfigured: true }], 0, "unhealthy", false, false],
  [ROWS.unhealthy, "an old success", [{ ...OPEN, answered: 10_000 }], 0, "unhealthy", false, false],
  [ROWS.unhealthy, "all half-open, unproven", [{ ...OPEN, state: "half-open" }], 0, "unhealthy", false, false],
  [ROWS.unhealthy, "all held open just now", [heldFor(1_000), heldFor(1_000)], 0, "unhealthy", false, false],
  [ROWS.unhealthy, "all held open for 90.001 s", [heldFor(90_001)], 0, "unhealthy", false, false],
  [ROWS.unhealthy, "all held open for an hour", [heldFor(60 * MINUTE), HELD], 0, "unhealthy", false, false],
  [ROWS.unhealthy, "one open, the other held", [OPEN, HELD], 0, "unhealthy", false, false],

  [ROWS.unknown, "90.001 s old", [{ answered: 90_001 }], 0, "unknown", true, true],
  [ROWS.unknown, "failures", [{ failed: 90_001, times: 5 }], 0, "unknown", false, true],
  [
    ROWS.unknown,
    "a refusal, after a success",
    [{ answered: 3 * MINUTE, failed: 2 * MINUTE, misconfigured: true }],
    0,
    "unknown",
    false,
    true,
  ],
  [ROWS.unknown, "may sleep, but was asked 4 min ago", [{ ...ASLEEP, queried: 240_000 }], 0, "unknown", true, true],
  [ROWS.unknown, "one asleep, the other not", [ASLEEP, { answered: 10 * MINUTE }], 0, "unknown", true, true],
  [
    ROWS.unknown,
    "asleep, but it failed before",
    [{ ...ASLEEP, failed: 9 * MINUTE, times: 3 }],
    0,
    "unknown",
    false,
    true,
  ],

  [ROWS.asleep, "4 min and a moment", [{ ...ASLEEP, queried: 240_001 }], 0, "healthy", true, true],
  [ROWS.asleep, "all of them", [ASLEEP, ASLEEP], 0, "healthy", true, true],
  [ROWS.asleep, "beside one that answers", [ASLEEP, WELL], 0, "healthy", true, true],

  [ROWS.nothing, "", [{}, {}], 0, "unknown", false, false],
  [ROWS.nothing, "of a node that may sleep", [{ maySleep: true }], 0, "unknown", false, false],
  [ROWS.nothing, "there is no node", [], 0, "unknown", false, false],

  ["no row: not open, and no answer either", "two failures", [{ failed: 1, times: 2 }], 0, "unknown", false, true],
  ["no row: not open, and no answer either", "one open, one never seen", [OPEN, {}], 0, "unknown", false, true],
  [
    "no row: not open, and no answer either",
    "one open, the other's too old",
    [OPEN, { answered: 90_001 }],
    0,
    "unknown",
    true,
    true,
  ],
  [
    "no row: not open, and no answer either",
    "a failure, the other asleep",
    [{ failed: 1, times: 1 }, ASLEEP],
    0,
    "unknown",
    true,
    true,
  ],
  [
    "no row: not open, and no answer either",
    "a sleeper held open, the other failing",
    [
      { ...ASLEEP, state: "forced-open" },
      { failed: 1, times: 1 },
    ],
    0,
    "unknown",
    false,
    true,
  ],
  [
    "no row: not open, and no answer either",
    "held closed though it fails",
    [{ failed: 1_000, times: 9, state: "forced-closed" }],
    0,
    "unknown",
    false,
    true,
  ],
])("%s (%s)", ([, , nodes, runwayMs, status, database, ready]) => {
  const said = verdict(nodesOf(nodes), runwayMs, NOW);
  expect([said.status, said.database, said.ready]).toEqual([status, database, ready]);
});

test("three failures leave it ready, five make it unready, and one success restores it", () => {
  const after = (seen: Seen) => verdict(nodesOf([seen]), 0, NOW).ready;
  expect(after({ answered: 5_000, failed: 1_000, times: 3 })).toBe(true);
  expect(after({ answered: 5_000, failed: 1_000, times: 5 })).toBe(false);
  expect(after({ answered: 500, failed: 1_000, times: 0, state: "half-open" })).toBe(true);
});

describe("a verdict", () => {
  const of = (...nodes: Seen[]) => verdict(nodesOf(nodes), 0, NOW);

  test("says how old the success is that makes it healthy, not how old other news is", () => {
    const said = of({ answered: 40_000, failed: 1_000, times: 1 });
    expect(said).toMatchObject({ ageMs: 40_000, notes: ["evidence 40 s old"] });
  });

  test("says how old the last evidence is when that is too old", () => {
    expect(of({ answered: 120_000 })).toMatchObject({ ageMs: 120_000, notes: ["last evidence 120 s old"] });
    expect(of({ answered: 90_001 }).notes).toEqual(["last evidence 90 s old"]);
  });

  test("says how old the order's word is where an order is all there is to go by", () => {
    expect(of({ ...HELD, word: 7_000, answered: 10 * MINUTE })).toMatchObject({ ageMs: 7_000 });
  });

  test("names each node that is open, lags or is on its way, and why", () => {
    const said = of(
      OPEN,
      WELL,
      { failed: 5, misconfigured: true },
      HELD,
      { ...WELL, behind: 30_000 },
      { ...WELL, failed: 3_000, state: "half-open" },
      { ...WELL, state: "ramping" },
      { ...WELL, state: "forced-closed" },
      { ...WELL, state: "shadow", would: "open" },
      { ...WELL, state: "shadow", would: "closed" },
      { state: "open", answered: 1_000 },
    );
    expect(said.notes).toEqual([
      "node-1 is open, its last failure 1 s ago",
      "node-3 refuses our credentials or database name",
      "node-4 is held open by order",
      "node-5 is 30 s behind",
      "node-6 answered again",
      "node-7 takes requests little by little",
      "node-8 is held closed by order",
      "node-9 would be open, were it not shadowed",
      "node-11 is open",
    ]);
  });

  test("notes that the database sleeps, that nothing was seen, and what an order does to a healthy node", () => {
    expect(of(ASLEEP).notes).toEqual(["asleep"]);
    expect(of({}).notes).toEqual(["nothing seen yet"]);
    expect(of({ ...WELL, state: "forced-closed" }).notes).toEqual([
      "evidence 2 s old",
      "node-1 is held closed by order",
    ]);
    expect(of({ failed: 1, times: 1 }).notes).toEqual(["no node answered lately"]);
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

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BUMP_GAP_MS, MAX_WAITING_BUMPS, URGENT_GAP_MS } from "../../../../src/exchange/constants.ts";
import { type Entries, Ledger, type TimedSample } from "../../../../src/exchange/ledger.ts";
import { MAX_BUMPS, MAX_NODES } from "../../../../src/rpc/constants.ts";
import type { Bump } from "../../../../src/rpc/report.ts";

const NOW = 1_000_000;
const bump = (id: string): Bump => ({ id, buckets: [1] });
const sample = (node: string, more: Partial<TimedSample> = {}): TimedSample => ({
  node,
  inRecovery: false,
  epoch: "1",
  position: null,
  generation: null,
  tookMs: 2,
  at: NOW,
  ...more,
});
const EMPTY: Entries = {
  requests: 0,
  overMs: 0,
  outcomes: [],
  samples: [],
  settle: [],
  bumps: [],
  sample: false,
  bounded: false,
};

test("a ledger that nothing happened in is empty, is not urgent, and gives nothing", () => {
  const ledger = new Ledger();
  expect([ledger.isEmpty, ledger.urgentAt, ledger.take(NOW)]).toEqual([true, undefined, EMPTY]);
});

test("a write that touches no tag is no news to anybody", () => {
  const ledger = new Ledger();
  ledger.bump({ id: "a", buckets: [] }, NOW);
  expect([ledger.isEmpty, ledger.urgentAt]).toEqual([true, undefined]);
});

test("what was taken is not there any more", () => {
  const ledger = new Ledger();
  ledger.request(NOW);
  ledger.outcome("node-1", "read", "ok", 1);
  ledger.sample(sample("node-1"));
  ledger.settled({ lease: "a", node: "node-1", epoch: 1, outcome: "ok" }, NOW);
  ledger.bump(bump("b"), NOW);
  ledger.roleChanged(NOW);
  ledger.boundedAsked();
  expect(ledger.isEmpty).toBe(false);
  const taken = ledger.take(NOW + 1_000);
  expect(taken).toMatchObject({ requests: 1, overMs: 1_000, bumps: [bump("b")], sample: true, bounded: true });
  expect([taken.outcomes.length, taken.samples.length, taken.settle.length]).toEqual([1, 1, 1]);
  expect([ledger.isEmpty, ledger.urgentAt]).toEqual([true, undefined]);
  expect(ledger.take(NOW + 4_000)).toEqual({ ...EMPTY, overMs: 3_000 });
});

test("outcomes under another epoch of a node's breaker say nothing about now: they become excluded, and stay counted", () => {
  const ledger = new Ledger();
  for (const outcome of ["ok", "failed", "slow", "excluded"] as const) ledger.outcome("node-1", "read", outcome, 1);
  ledger.outcome("node-1", "write", "failed", 1);
  ledger.outcome("node-1", "read", "failed", 2);
  expect(ledger.take(NOW).outcomes).toEqual([
    { node: "node-1", kind: "read", epoch: 2, ok: 0, failed: 1, slow: 0, excluded: 4 },
    { node: "node-1", kind: "write", epoch: 1, ok: 0, failed: 1, slow: 0, excluded: 0 },
  ]);
});

test("of samples the last one of each node is told, with its age; no time of it is negative, though the clock was put back", () => {
  const ledger = new Ledger();
  ledger.sample(sample("node-1", { at: NOW - 900 }));
  ledger.sample(sample("node-1", { at: NOW - 300, position: "7" }));
  ledger.sample(sample("node-2", { at: NOW + 500, tookMs: -500 }));
  expect(ledger.take(NOW).samples).toMatchObject([
    { node: "node-1", position: "7", ageMs: 300, tookMs: 2 },
    { node: "node-2", ageMs: 0, tookMs: 0 },
  ]);
  expect(ledger.take(NOW).samples).toEqual([]);
  expect(ledger.take(NOW - 10_000).overMs).toBe(0);
});

describe("bounds", () => {
  test("samples and settlements are of as many nodes as there can be", () => {
    const ledger = new Ledger();
    for (let index = 0; index < 2 * MAX_NODES; index++) {
      ledger.sample(sample(`node-${index}`));
      ledger.settled({ lease: `lease-${index}`, node: "node-1", epoch: 1, outcome: "ok" }, NOW);
    }
    ledger.sample(sample("node-0", { position: "9" }));
    const { samples, settle } = ledger.take(NOW);
    expect([samples.length, settle.length, samples[0]?.position]).toEqual([MAX_NODES, MAX_NODES, "9"]);
  });

  test("bumps wait up to a bound; what finds no room is counted, and one that waits already needs none", () => {
    const ledger = new Ledger();
    for (let index = 0; index < MAX_WAITING_BUMPS + 3; index++) ledger.bump(bump(`bump-${index}`), NOW);
    ledger.bump(bump("bump-0"), NOW);
    expect(ledger.droppedBumps).toBe(3);
    const taken = Array.from({ length: MAX_WAITING_BUMPS / MAX_BUMPS }, () => ledger.take(NOW).bumps.length);
    expect(new Set(taken)).toEqual(new Set([MAX_BUMPS]));
    expect(ledger.isEmpty).toBe(true);
  });

  test("bumps that were taken and never arrived go first, even where there is no room", () => {
    const ledger = new Ledger();
    for (let index = 0; index < MAX_WAITING_BUMPS; index++) ledger.bump(bump(`bump-${index}`), NOW);
    const { bumps } = ledger.take(NOW);
    for (let index = 0; index < MAX_BUMPS; index++) ledger.bump(bump(`more-${index}`), NOW);
    ledger.putBack(bumps);
    expect(ledger.take(NOW).bumps).toEqual(bumps);
    expect(ledger.droppedBumps).toBe(0);
  });
});

describe("what is urgent", () => {
  test.for<[string, (ledger: Ledger) => void, number | undefined]>([
    ["a request", (ledger) => ledger.request(NOW), undefined],
    ["an outcome, even a bad one", (ledger) => ledger.outcome("node-1", "read", "failed", 1), undefined],
    ["a sample", (ledger) => ledger.sample(sample("node-1")), undefined],
    ["a bounded read", (ledger) => ledger.boundedAsked(), undefined],
    ["another role", (ledger) => ledger.roleChanged(NOW), NOW],
    ["a settlement", (ledger) => ledger.settled({ lease: "a", node: "n", epoch: 1, outcome: "ok" }, NOW), NOW],
    ["a write", (ledger) => ledger.bump(bump("a"), NOW), NOW],
    ["what is said to be", (ledger) => ledger.urgent(NOW), NOW],
  ])("%s: %o", ([, happens, urgentAt]) => {
    const ledger = new Ledger();
    happens(ledger);
    expect(ledger.urgentAt).toBe(urgentAt);
  });

  test("the first write is at once, the next ones some seconds after that, together", () => {
    const ledger = new Ledger();
    ledger.bump(bump("a"), NOW);
    expect(ledger.urgentAt).toBe(NOW);
    ledger.take(NOW);
    ledger.bump(bump("b"), NOW + 10);
    ledger.bump(bump("c"), NOW + 900);
    expect(ledger.urgentAt).toBe(NOW + BUMP_GAP_MS);
    ledger.take(NOW + BUMP_GAP_MS);
    ledger.bump(bump("d"), NOW + 3 * BUMP_GAP_MS);
    expect(ledger.urgentAt).toBe(NOW + 3 * BUMP_GAP_MS);
  });

  test("is never put off by what is urgent later", () => {
    const ledger = new Ledger();
    ledger.bump(bump("a"), NOW);
    ledger.take(NOW);
    ledger.urgent(NOW + 20);
    ledger.bump(bump("b"), NOW + 30);
    expect(ledger.urgentAt).toBe(NOW + 20);
  });

  test("bumps that a report had no room for go with the next one, soon: there are as many writes as that", () => {
    const ledger = new Ledger();
    for (let index = 0; index <= MAX_BUMPS; index++) ledger.bump(bump(`bump-${index}`), NOW);
    ledger.take(NOW);
    expect(ledger.urgentAt).toBe(NOW + URGENT_GAP_MS);
  });
});

test("whatever happens and whenever it is taken, nothing is lost and nothing told twice", () => {
  const node = fc.constantFrom("node-1", "node-2", "node-3");
  const event = fc.oneof(
    fc.constant({ type: "request" } as const),
    fc.record({
      type: fc.constant("outcome" as const),
      node,
      kind: fc.constantFrom("read", "write", "check"),
      outcome: fc.constantFrom("ok", "failed", "slow", "excluded"),
      epoch: fc.nat(2),
    }),
    fc.constant({ type: "bump" } as const),
    fc.constant({ type: "lost" } as const),
    fc.constant({ type: "take" } as const),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), (events) => {
      const ledger = new Ledger();
      const happened = { requests: 0, outcomes: new Map<string, number>(), bumps: [] as string[] };
      const told = { requests: 0, outcomes: new Map<string, number>(), bumps: [] as string[] };
      const add = (sums: Map<string, number>, key: string, by: number) => sums.set(key, (sums.get(key) ?? 0) + by);
      let last: readonly Bump[] = [];
      const take = () => {
        const { requests, outcomes, bumps } = ledger.take(NOW);
        told.requests += requests;
        for (const { node, kind, ok, failed, slow, excluded } of outcomes) {
          add(told.outcomes, `${node} ${kind}`, ok + failed + slow + excluded);
        }
        told.bumps.push(...bumps.map(({ id }) => id));
        last = bumps;
      };
      for (const event of events) {
        if (event.type === "request") {
          ledger.request(NOW);
          happened.requests++;
        } else if (event.type === "outcome") {
          ledger.outcome(event.node, event.kind, event.outcome, event.epoch);
          add(happened.outcomes, `${event.node} ${event.kind}`, 1);
        } else if (event.type === "bump") {
          const id = `bump-${happened.bumps.length}`;
          ledger.bump(bump(id), NOW);
          happened.bumps.push(id);
        } else if (event.type === "lost") {
          ledger.putBack(last);
          told.bumps.splice(told.bumps.length - last.length);
          last = [];
        } else {
          take();
        }
      }
      for (let round = 0; round < 10 && !ledger.isEmpty; round++) take();
      expect(told).toEqual(happened);
    }),
    { numRuns: 300 },
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import type { BreakerDigest } from "../../../../src/rpc/digest.ts";
import type { Lease } from "../../../../src/rpc/reply.ts";
import { calm, report, settlement, WorldBed } from "./worldBed.ts";

const id = fc.constantFrom("p", "q", "r", "s", "t");
const node = fc.constantFrom("a", "b");
const few = fc.nat(6);

const happening = fc.oneof(
  fc.record({
    does: fc.constant("report"),
    id,
    node,
    ok: few,
    failed: few,
    slow: few,
    behind: fc.nat(2),
    tripped: fc.boolean(),
  }),
  fc.record({ does: fc.constant("calm"), id, node, ok: few }),
  fc.record({ does: fc.constant("repeat"), which: fc.nat() }),
  fc.record({ does: fc.constant("lease"), check: fc.boolean() }),
  fc.record({
    does: fc.constant("settle"),
    which: fc.nat(),
    outcome: fc.constantFrom("ok", "failed", "slow", "excluded"),
  }),
  fc.record({ does: fc.constant("alarm"), good: fc.boolean() }),
  fc.record({ does: fc.constant("pass"), ms: fc.oneof(fc.nat(300), fc.nat(4_000), fc.nat(90_000)) }),
  fc.record({
    does: fc.constant("hold"),
    node,
    state: fc.constantFrom("forced-open", "forced-closed", "shadow"),
    ms: fc.integer({ min: 1, max: 90_000 }),
    behind: fc.nat(1),
  }),
  fc.record({ does: fc.constant("release"), node }),
  fc.record({ does: fc.constant("evict") }),
);
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;

/** What was sent and granted so far, to be repeated and settled. */
interface Past {
  readonly reports: BreakerDigest["reports"];
  readonly leases: Lease[];
}

function happen(world: WorldBed, past: Past, what: Happening): void {
  switch (what.does) {
    case "report": {
      const { id, node, ok, failed, slow, tripped } = what as Extract<Happening, { tripped: boolean }>;
      const epoch = Math.max(0, world.epoch(node) - what.behind);
      const told = report(id, { node, ok, failed, slow, tripped, epoch });
      past.reports.push(told);
      world.digest({ reports: [told] });
      return;
    }
    case "calm":
      world.digest({ calm: [calm([what.id], { node: what.node, ok: what.ok })] });
      return;
    case "repeat":
      repeat(world, past.reports[what.which % Math.max(1, past.reports.length)]);
      return;
    case "lease":
      past.leases.push(...world.digest({ wantsLeases: 2, checks: what.check ? ["a", "b"] : [] }).leases);
      return;
    case "settle": {
      const lease = past.leases[what.which % Math.max(1, past.leases.length)];
      if (lease) world.settle(settlement(lease, what.outcome));
      return;
    }
    case "alarm":
      for (const lease of world.ownProbes()) world.settle(settlement(lease, what.good ? "ok" : "failed"));
      return;
    case "pass":
      world.pass(what.ms);
      return;
    case "hold": {
      const { node, state, ms, behind } = what as Extract<Happening, { does: "hold" } | { state: string }>;
      const expectedEpoch = Math.max(0, world.epoch(node) - behind);
      const order = { id: `hold-${world.now}-${node}`, node, expiresInMs: ms, expectedEpoch };
      world.hold(state, order);
      const rows = new Map(world.rows);
      world.hold(state, order); // changes nothing, whatever became of the first
      expect(world.rows).toEqual(rows);
      return;
    }
    case "release":
      world.release({ node: what.node, expectedEpoch: world.epoch(what.node) });
      return;
    case "evict":
      world.evict();
      return;
    default:
      what satisfies never;
  }
}

/** What came before changes nothing when it comes again. */
function repeat(world: WorldBed, known: BreakerDigest["reports"][number] | undefined): void {
  world.digest({});
  const before = new Map(world.rows);
  if (known) world.digest({ reports: [known, known] });
  expect(world.rows).toEqual(before);
}

function mustHold(world: WorldBed, epochs: Map<string, number>): void {
  for (const { name, phase, leases, reporters } of world.world.nodes()) {
    expect(leases.filter(({ expiresAt }) => expiresAt > world.now).length).toBeLessThanOrEqual(3);
    expect(phase.epoch).toBeGreaterThanOrEqual(epochs.get(name) ?? 0);
    epochs.set(name, phase.epoch);
    expect(reporters.length).toBeLessThanOrEqual(8);
    if (phase.state === "open") expect(phase.until - phase.since).toBeLessThanOrEqual(7_200);
  }
}

/** Orders are taken back, and somebody exchanges once; from then on the alarm alone has to find out that the nodes are well. */
function recoversWithin(world: WorldBed, ms: number): boolean {
  for (const node of ["a", "b"]) world.release({ node, expectedEpoch: world.epoch(node) });
  world.digest({});
  const end = world.now + ms;
  for (let rings = 0; rings < 20; rings++) {
    const inMs = world.alarmInMs();
    if (inMs === undefined) break;
    world.pass(Math.max(0, inMs));
    for (let round = 0; round < 3; round++) {
      for (const lease of world.ownProbes()) world.settle(settlement(lease, "ok"));
    }
  }
  const areClosed = world.world.nodes().every(({ phase }) => phase.state === "closed");
  return areClosed && world.now <= end;
}

test("whatever happens, in whatever order, with evictions between: at most three leases, epochs that never fall, and a well node is closed again within 15 s", () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(happening, { maxLength: 60 }), (evicts, happenings) => {
      const world = new WorldBed(evicts);
      const past: Past = { reports: [], leases: [] };
      const epochs = new Map<string, number>();
      const { incarnation } = world.digest({}).part;
      for (const what of happenings) {
        happen(world, past, what);
        mustHold(world, epochs);
      }
      expect(world.world.part(world.now).incarnation).toBe(incarnation);
      expect(recoversWithin(world, 15_000)).toBe(true);
      mustHold(world, epochs);
    }),
    { numRuns: 300 },
  );
}, 30_000);

test("one isolate among four that are content never opens a node, whatever it says", () => {
  const lone = fc.record({
    ok: few,
    failed: few,
    slow: few,
    tripped: fc.boolean(),
    passMs: fc.nat(5_000),
    evict: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(lone, { maxLength: 40 }), (words) => {
      const world = new WorldBed(false);
      for (const { passMs, evict, ...said } of words) {
        world.digest({ calm: [calm(["q", "r", "s"])] });
        world.digest({ reports: [report("p", said)] });
        if (evict) world.evict();
        world.pass(passMs);
        expect(world.state()).toBe("closed");
      }
    }),
    { numRuns: 200 },
  );
});

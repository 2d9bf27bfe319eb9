import fc from "fast-check";
import { expect, test } from "vitest";
import { LEASE_MS } from "../../../../src/breaker/constants.ts";
import type { Lease } from "../../../../src/rpc/reply.ts";
import { calm, report, settlement, WorldBed } from "./worldBed.ts";

/** No wait is longer: 6 s, and a fifth. */
const LONGEST_MS = 7_201;

const MOST_LIVE = 3;

const node = fc.constantFrom("a", "b");
const happening = fc.oneof(
  fc.record({ does: fc.constant("report"), id: fc.constantFrom("p", "q"), node, bad: fc.nat(5) }),
  fc.record({ does: fc.constant("calm"), node }),
  { arbitrary: fc.record({ does: fc.constant("lease") }), weight: 5 },
  fc.record({ does: fc.constant("settle"), which: fc.nat(), good: fc.boolean() }),
  fc.record({ does: fc.constant("alarm"), good: fc.boolean() }),
  fc.record({ does: fc.constant("pass"), ms: fc.oneof(fc.nat(500), fc.nat(4_000)) }),
  /** A new instance, on a machine whose clock differs. */
  fc.record({
    does: fc.constant("move"),
    byMs: fc.oneof(
      fc.integer({ min: -500, max: 500 }),
      fc.integer({ min: -5_000, max: 5_000 }),
      fc.constant(-3_600_000),
    ),
  }),
);
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;

/** The world as somebody sees it whose clock is right, and who forgets nothing. */
class Witness {
  now = 0;
  movedAt = Number.NEGATIVE_INFINITY;
  readonly leases: Lease[] = [];
  readonly openings = new Map<string, { epoch: number; at: number }>();
  #live: { id: string; node: string; until: number }[] = [];

  granted(leases: readonly Lease[]): void {
    this.leases.push(...leases);
    const probes = leases.filter(({ kind }) => kind === "probe");
    this.#live.push(...probes.map(({ id, node, expiresInMs }) => ({ id, node, until: this.now + expiresInMs })));
  }

  ended({ id }: Lease): void {
    this.#live = this.#live.filter((lease) => lease.id !== id);
  }

  live(name: string): number {
    return this.#live.filter(({ node, until }) => node === name && until > this.now).length;
  }
}

function happen(world: WorldBed, witness: Witness, what: Happening): void {
  switch (what.does) {
    case "report": {
      const { id, node, bad } = what as { id: string; node: string; bad: number };
      world.digest({ reports: [report(id, { node, failed: bad, ok: 1, failedRun: bad, epoch: world.epoch(node) })] });
      return;
    }
    case "calm":
      world.digest({ calm: [calm(["p", "q"], { node: what.node })] });
      return;
    case "lease":
      witness.granted(world.digest({ wantsLeases: 2 }).leases);
      return;
    case "settle": {
      const lease = witness.leases[what.which % Math.max(1, witness.leases.length)];
      if (!lease) return;
      witness.ended(lease);
      world.settle(settlement(lease, what.good ? "ok" : "failed"));
      return;
    }
    case "alarm":
      for (const lease of world.ownProbes()) {
        witness.granted([lease]);
        witness.ended(lease);
        world.settle(settlement(lease, what.good ? "ok" : "failed"));
      }
      return;
    case "pass":
      witness.now += what.ms;
      world.pass(what.ms);
      return;
    case "move":
      if (witness.now - witness.movedAt < LEASE_MS) return; // two moves within a lease's life: two times as many
      witness.movedAt = witness.now;
      world.evict();
      world.pass(what.byMs);
      return;
    default:
      what satisfies never;
  }
}

function mustHold(world: WorldBed, witness: Witness, epochs: Map<string, number>): void {
  world.digest({}); // somebody looks
  for (const { name, phase } of world.world.nodes()) {
    // An owner whose clock moved may hold for over what is not, once.
    const most = witness.now - witness.movedAt < LEASE_MS ? 2 * MOST_LIVE : MOST_LIVE;
    expect(witness.live(name), "live probes").toBeLessThanOrEqual(most);
    expect(phase.epoch).toBeGreaterThanOrEqual(epochs.get(name) ?? 0);
    epochs.set(name, phase.epoch);
    if (phase.state !== "open") continue;
    const known = witness.openings.get(name);
    const opening = known?.epoch === phase.epoch ? known : { epoch: phase.epoch, at: witness.now };
    witness.openings.set(name, opening);
    expect(witness.now - Math.max(opening.at, witness.movedAt), "how long it is open").toBeLessThanOrEqual(LONGEST_MS);
  }
}

/** From now on the alarm alone finds out that the nodes are well. */
function closesWithin(world: WorldBed, ms: number): boolean {
  const end = world.now + ms;
  for (let rings = 0; rings < 30; rings++) {
    const inMs = world.alarmInMs();
    if (inMs === undefined) break;
    world.pass(Math.max(0, inMs));
    for (let round = 0; round < 3; round++) {
      for (const lease of world.ownProbes()) world.settle(settlement(lease, "ok"));
    }
  }
  return world.now <= end && world.world.nodes().every(({ phase }) => phase.state === "closed");
}

test("whatever clock each instance of the owner has: three probes at a time, but for a lease's life after a move, no epoch that falls, none open for longer than the longest wait, and all closed within 15 s", () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(happening, { maxLength: 60 }), (evicts, happenings) => {
      const world = new WorldBed(evicts);
      const witness = new Witness();
      const epochs = new Map<string, number>();
      world.openAndWait();
      const { incarnation } = world.digest({}).part;
      for (const what of happenings) {
        happen(world, witness, what);
        mustHold(world, witness, epochs);
      }
      expect(world.world.part(world.now).incarnation).toBe(incarnation);
      expect(closesWithin(world, 15_000)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

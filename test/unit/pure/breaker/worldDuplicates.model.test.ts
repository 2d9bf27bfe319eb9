import fc from "fast-check";
import { expect, test } from "vitest";
import type { BreakerDigest } from "../../../../src/rpc/digest.ts";
import type { Lease } from "../../../../src/rpc/reply.ts";
import { calm, report, settlement, WorldBed } from "./worldBed.ts";

const id = fc.constantFrom("p", "q", "r");
const node = fc.constantFrom("a", "b");
const few = fc.nat(4);

const happening = fc.oneof(
  fc.record({ does: fc.constant("report"), id, node, ok: few, failed: few, slow: few, tripped: fc.boolean() }),
  fc.record({ does: fc.constant("calm"), id, node, ok: few }),
  fc.record({ does: fc.constant("lease") }),
  fc.record({ does: fc.constant("settle"), which: fc.nat(), good: fc.boolean() }),
  fc.record({ does: fc.constant("hold"), node, state: fc.constantFrom("forced-open", "forced-closed", "shadow") }),
  fc.record({ does: fc.constant("release"), node }),
);
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;

/** `again`: which of the messages so far come once more afterwards, in this order. */
const turn = fc.record({ what: happening, passedMs: fc.nat(3_000), again: fc.array(fc.nat(), { maxLength: 3 }) });

/** What reached the owner: a digest of a Collector, or an order. */
type Message = (world: WorldBed) => readonly Lease[];

class Sender {
  readonly sent: Message[] = [];
  readonly leases: Lease[] = [];
  #seq = 0;
  #reports = 0;

  message(world: WorldBed, what: Happening): Message {
    switch (what.does) {
      case "report": {
        const { id, does: _, ...said } = what as Extract<Happening, { tripped: boolean }>;
        return this.#digest({ reports: [this.#numbered(report(id, { ...said, epoch: world.epoch(said.node) }))] });
      }
      case "calm":
        return this.#digest({ calm: [calm([what.id], { node: what.node, ok: what.ok })] });
      case "lease":
        return this.#digest({ wantsLeases: 2, checks: ["a", "b"] });
      case "settle": {
        const lease = this.leases[what.which % Math.max(1, this.leases.length)];
        const ends = lease ? [settlement(lease, what.good ? "ok" : "failed")] : [];
        return this.#digest({ reports: [this.#numbered(report("prober", {}, ends))] });
      }
      case "hold": {
        const { node, state } = what as { node: string; state: "shadow" };
        const order = { id: `order-${this.#seq++}`, node, expectedEpoch: world.epoch(node), expiresInMs: 5_000 };
        return (each) => {
          each.hold(state, order);
          return [];
        };
      }
      case "release": {
        const order = { id: `order-${this.#seq++}`, node: what.node, expectedEpoch: world.epoch(what.node) };
        return (each) => {
          each.release(order);
          return [];
        };
      }
      default:
        return what satisfies never;
    }
  }

  #digest(digest: Partial<BreakerDigest>): Message {
    const numbered = { ...digest, life: "life", seq: this.#seq++ };
    return (world) => world.digest(numbered).leases;
  }

  /** The bed's own numbers go on over all histories. */
  #numbered(told: BreakerDigest["reports"][number]) {
    return { ...told, seq: this.#reports++ };
  }
}

/** All that decides, or is told. */
function standing(world: WorldBed) {
  return {
    nodes: world.world.nodes().map(({ phase, reporters, leases, window, failedColo, checkGrantedAt }) => {
      return { phase, reporters, leases, failedColo, checkGrantedAt, window: window.totals(world.now) };
    }),
    transitions: world.world.transitions,
    part: world.world.part(world.now),
  };
}

/** What time does, it does in both. */
function look(...worlds: readonly WorldBed[]): void {
  for (const world of worlds) world.digest({});
}

test("a history in which messages come again, late and in any order, is the one in which each came once", () => {
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 50 }), (turns) => {
      const once = new WorldBed(false);
      const often = new WorldBed(false);
      const sender = new Sender();
      for (const { what, passedMs, again } of turns) {
        const message = sender.message(once, what);
        sender.sent.push(message);
        const leases = message(once);
        expect(message(often)).toEqual(leases);
        sender.leases.push(...leases);
        look(once, often);
        for (const which of again) {
          expect(sender.sent[which % sender.sent.length]?.(often) ?? [], "a lease for a repeat").toEqual([]);
        }
        look(once, often);
        for (const world of [once, often]) world.pass(passedMs);
        look(once, often);
        expect(standing(often)).toEqual(standing(once));
      }
    }),
    { numRuns: 200 },
  );
});

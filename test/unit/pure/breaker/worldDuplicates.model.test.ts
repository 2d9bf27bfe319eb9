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

/**
 * Which of the messages so far comes once more, and how. `same`: as it came. `other way`: its reports by another
 * Collector, where their reporters went with what was not acknowledged. `settled again`: the ends of leases in it, told
 * by somebody else.
 */
const repeat = fc.record({ which: fc.nat(), how: fc.constantFrom("same", "other way", "settled again") });
const turn = fc.record({ what: happening, passedMs: fc.nat(3_000), again: fc.array(repeat, { maxLength: 3 }) });
type Repeat = typeof repeat extends fc.Arbitrary<infer R> ? R : never;

/** What reached the owner: a digest of a Collector, or an order. */
type Message =
  | { readonly digest: Partial<BreakerDigest> & Pick<BreakerDigest, "reports"> }
  | { readonly order: (world: WorldBed) => unknown };

function deliver(world: WorldBed, message: Message): readonly Lease[] {
  if ("digest" in message) return world.digest(message.digest).leases;
  message.order(world);
  return [];
}

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
        return { order: (each) => each.hold(state, order) };
      }
      case "release": {
        const order = { id: `order-${this.#seq++}`, node: what.node, expectedEpoch: world.epoch(what.node) };
        return { order: (each) => each.release(order) };
      }
      default:
        return what satisfies never;
    }
  }

  again(world: WorldBed, { which, how }: Repeat): readonly Lease[] {
    const message = this.sent[which % this.sent.length];
    if (!message) return [];
    if (how === "same" || "order" in message) return deliver(world, message);
    const { reports } = message.digest;
    const ends = reports.flatMap(({ settle }) => settle);
    const settled = [{ ...report("other", {}, ends), standing: [], outcomes: [], seq: this.#seq++ }];
    const numbered = { collector: "d", reporters: 0, life: `life-${this.#seq++}`, seq: 0 };
    return world.digest({ ...numbered, reports: how === "other way" ? reports : settled }).leases;
  }

  #digest(digest: Partial<BreakerDigest>): Message {
    return { digest: { reports: [], ...digest, life: "life", seq: this.#seq++ } };
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
        const leases = deliver(once, message);
        expect(deliver(often, message)).toEqual(leases);
        sender.leases.push(...leases);
        look(once, often);
        for (const each of again) expect(sender.again(often, each), "a lease for a repeat").toEqual([]);
        look(once, often);
        for (const world of [once, often]) world.pass(passedMs);
        look(once, often);
        expect(standing(often)).toEqual(standing(once));
      }
    }),
    { numRuns: 200 },
  );
});

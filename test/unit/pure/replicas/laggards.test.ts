import fc from "fast-check";
import { expect, test } from "vitest";
import { primary, ReplicasBed, replica } from "./replicasBed.ts";

/** The primary `a`, which writes, and the replica `b`, which catches up by shares or stands still: where each truly was, and when. */
class TrueLogs {
  readonly #logs = { a: [{ at: 0, position: 100 }], b: [{ at: 0, position: 100 }] };

  at(node: "a" | "b", time: number): number {
    return this.#logs[node].findLast(({ at }) => at <= time)?.position ?? 100;
  }

  moves(node: "a" | "b", at: number, position: number): void {
    this.#logs[node].push({ at, position });
  }

  lagMs(time: number): number {
    const missing = this.#logs.a.find(({ position }) => position > this.at("b", time));
    return missing && missing.at <= time ? time - missing.at : 0;
  }

  samples(nodes: readonly string[], time: number, ageMs = 0) {
    return nodes.map((node) =>
      node === "a"
        ? primary("a", `${this.at("a", time)}`, { ageMs })
        : replica("b", `${this.at("b", time)}`, { ageMs }),
    );
  }
}

const nodes = fc.subarray(["a", "b"]);
const happening = fc.oneof(
  fc.record({ does: fc.constant("write" as const), bytes: fc.integer({ min: 1, max: 500 }) }),
  fc.record({ does: fc.constant("catch up" as const), share: fc.constantFrom(0, 0.3, 0.9, 1) }),
  fc.record({
    does: fc.constant("pass" as const),
    ms: fc.constantFrom(100, 1_000, 5_000, 9_000, 10_000, 20_000, 60_000),
  }),
  fc.record({ does: fc.constant("evict" as const) }),
  fc.record({ does: fc.constant("digest" as const), nodes, ageMs: fc.nat(5_000) }),
  fc.record({
    does: fc.constant("look" as const),
    silent: fc.oneof(fc.constant<string[]>([]), nodes),
    tookMs: fc.constantFrom(5, 50, 750),
  }),
);

test("no laggard is let in, whoever looked and forgot; who has caught up is in within a minute and a half", () => {
  let returns = 0;
  fc.assert(
    fc.property(fc.array(happening, { minLength: 30, maxLength: 120 }), fc.boolean(), (happenings, isForgetful) => {
      const bed = new ReplicasBed({ nodes: ["a", "b"] });
      const logs = new TrueLogs();
      const isOut = () => bed.part.nodes[1]?.isOut ?? false;
      bed.digest();
      bed.round(logs.samples(["a", "b"], bed.now));
      for (const what of happenings) {
        const [wasOut, since] = [isOut(), bed.now];
        if (what.does === "write") logs.moves("a", bed.now, logs.at("a", bed.now) + what.bytes);
        if (what.does === "catch up") {
          const has = logs.at("b", bed.now);
          logs.moves("b", bed.now, has + Math.floor((logs.at("a", bed.now) - has) * what.share));
        }
        if (what.does === "pass") bed.pass(what.ms);
        if (what.does === "evict") bed.evict();
        if (what.does === "digest") {
          bed.digest({ samples: logs.samples(what.nodes, bed.now - what.ageMs, what.ageMs) });
        }
        if (what.does === "look") {
          bed.pass(1_000);
          const answering = ["a", "b"].filter((node) => !what.silent.includes(node));
          bed.round(logs.samples(answering, bed.now), what.tookMs);
        }
        if (!wasOut || isOut()) continue;
        returns++;
        expect(Math.min(logs.lagMs(since), logs.lagMs(bed.now))).toBeLessThanOrEqual(10_000);
      }
      // It follows from now on, half a second behind, while somebody comes each twenty seconds.
      let alarmAt = Number.POSITIVE_INFINITY;
      for (let second = 0; second < 90; second++) {
        bed.pass(1_000);
        logs.moves("a", bed.now, logs.at("a", bed.now) + 10);
        logs.moves("b", bed.now, logs.at("a", bed.now - 500));
        if (second % 20 === 0) bed.digest();
        if (second % 20 !== 0 && alarmAt > bed.now) continue;
        bed.round(logs.samples(["a", "b"], bed.now), 20);
        alarmAt = bed.now + (bed.alarmInMs() ?? Number.POSITIVE_INFINITY);
        if (isForgetful) bed.evict();
      }
      expect(isOut()).toBe(false);
    }),
    { numRuns: 1_500 },
  );
  expect(returns).toBeGreaterThan(50);
}, 30_000);

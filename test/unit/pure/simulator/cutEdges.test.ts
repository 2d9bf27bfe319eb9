import { describe, expect, test } from "vitest";
import { HARD_HORIZON_MS } from "../../../../src/breaker/constants.ts";
import { EDGES, type Edge } from "../../../../tools/simulator/network.ts";
import { MINUTE, SECOND, SEED, settledWorld, wordAges } from "./bed.ts";

const ISOLATES = 12;

/** Cut, these keep the breaker's word from the isolates; the others do not. */
const CARRIES_THE_WORD: readonly Edge[] = ["isolate-collector", "collector-breaker"];

const CUTS = EDGES.flatMap((edge) => [
  { edge, cut: "refused", forgetful: false } as const,
  { edge, cut: "silent", forgetful: true } as const,
]);

describe.for(CUTS)(
  "$edge is cut ($cut, objects forgetful: $forgetful) for five minutes",
  ({ edge, cut, forgetful }) => {
    test(`no request fails, and the owner's word counts for 60 s, however fresh the hop (seed ${SEED})`, async () => {
      const world = await settledWorld({ forgetful, isolates: ISOLATES });
      const cutAt = world.scheduler.now();
      world.network.set(edge, { cut });
      const carries = CARRIES_THE_WORD.includes(edge);
      for (let second = 1; second <= 300; second++) {
        await world.run(SECOND);
        const now = world.scheduler.now();
        const ages = wordAges(world);
        for (const [index, { state }] of world.isolates.entries()) {
          const { source } = state.breakers.effective("node-1", now);
          expect(source === "local-only", `isolate ${index} at ${second} s, word ${ages[index]} ms old`).toBe(
            (ages[index] ?? 0) > HARD_HORIZON_MS,
          );
        }
        // Never understated: nobody may claim a word that is younger than the last one that was spoken to be heard.
        if (carries) expect(Math.min(...ages)).toBeGreaterThanOrEqual(now - cutAt);
        if (carries && now - cutAt > HARD_HORIZON_MS) expect(world.sources()).toEqual({ "local-only": ISOLATES });
        if (!carries) expect(world.sources()["local-only"]).toBeUndefined();
      }
      expect(world.counts()).toMatchObject({ failed: 0 });
      expect(world.counts().requests).toBeGreaterThan(15_000);
      if (edge === "collector-breaker") {
        const hops = world.isolates.map(({ exchange }) => exchange.status(world.scheduler.now()).lastAgoMs ?? 0);
        expect(Math.max(...hops), "the Collector goes on answering").toBeLessThan(MINUTE);
        expect(world.isolates.every(({ exchange }) => !exchange.hasFailed)).toBe(true);
      }
      world.network.mend(edge);
      await world.run(90 * SECOND);
      const { fresh = 0, cached = 0 } = world.sources();
      expect(fresh + cached, JSON.stringify(world.sources())).toBe(ISOLATES);
      expect(world.counts()).toMatchObject({ failed: 0 });
    });
  },
);

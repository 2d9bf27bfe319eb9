import { MAX_ENVELOPE_BYTES } from "../../../../../src/cache/constants.ts";
import { tierKey } from "../../../../../src/cache/tierKey.ts";
import { ColoTier } from "../../../../../src/cache/tiers/coloTier.ts";
import { KvTier } from "../../../../../src/cache/tiers/kvTier.ts";
import { MemoryTier } from "../../../../../src/cache/tiers/memoryTier.ts";
import { SimulatedCopies } from "../../../../../tools/cache/simulatedCopies.ts";
import { SimulatedKv } from "../../../../../tools/cache/simulatedKv.ts";
import { NOW } from "../entries.ts";
import { tierContract } from "./tierContract.ts";

const PLACE = { environment: "test", version: 1 };

tierContract("memory", async () => ({ tier: new MemoryTier(), now: NOW, tooLong: 2_000_000 }));

tierContract("colo", async () => {
  const copies = new SimulatedCopies(() => NOW);
  const open = () => new ColoTier(copies, PLACE, () => "site.example");
  return {
    tier: open(),
    neighbour: open(),
    now: NOW,
    lay: async (_key, text) => copies.spoil(text),
    tooLong: MAX_ENVELOPE_BYTES,
  };
});

tierContract("kv", async () => {
  let now = NOW;
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
  const kv = new SimulatedKv({ now: clock.now, visibleAfterMs: () => 60_000 });
  const open = () => new KvTier({ store: kv.at("AMS"), place: PLACE, clock, mayWrite: () => true });
  const tier = open();
  return {
    tier,
    neighbour: open(),
    now: NOW,
    lay: async (key, text) => kv.spoil(text, await tierKey(PLACE, key)),
    tooLong: MAX_ENVELOPE_BYTES,
  };
});

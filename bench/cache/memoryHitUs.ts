import { measure } from "mitata";
import { MEMORY_BYTES } from "../../src/cache/tiers/constants.ts";
import { rounded } from "../percentiles.ts";
import { catalogueOf } from "./catalogue.ts";
import { TEXT } from "./constants.ts";
import { ours } from "./ours.ts";

const ITEMS = 500;

/** Microseconds of our own work for an answer from memory: looked up, judged, counted as hot. No load, no waiting. */
export async function memoryHitUs(seed: number, forMs: number): Promise<{ p50: number; p99: number }> {
  const items = catalogueOf(seed, ITEMS);
  const now = Date.now;
  const { ask } = ours({
    items,
    maxBytes: MEMORY_BYTES,
    now,
    sleep: () => Promise.resolve(),
    load: async (rank) => ({ rank, loadedAt: now(), writes: 0, body: TEXT.slice(0, items[rank]?.bodyBytes) }),
  });
  for (const rank of items.keys()) await ask(rank);
  let rank = 0;
  const next = () => {
    rank = (rank + 1) % ITEMS;
    return ask(rank);
  };
  const { p50, p99 } = await measure(next, { gc: false, min_cpu_time: forMs * 1e6 });
  return { p50: rounded(p50 / 1_000), p99: rounded(p99 / 1_000) };
}

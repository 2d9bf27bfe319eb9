import { expect, test } from "vitest";
import { catalogueOf } from "../../../../bench/cache/catalogue.ts";
import { BEGINS_AT } from "../../../../bench/cache/constants.ts";
import { Site } from "../../../../bench/cache/site.ts";
import { settled, VirtualClock } from "../../../../bench/cache/virtualClock.ts";
import { Random, zipf } from "../../../../tools/seed/random.ts";

const SEED = Number(process.env.CACHE_SEED ?? 1);
const KEYS = 100;
const EVERY_MS = 4;
/** From the middle of the second lifetime to that of the sixth: all of the first end at once. */
const FROM_MS = 90_000;
const FOR_MS = 330_000;

/** A site without writes, whose copies are fresh for a minute: answers that were given old, and loads. */
async function played(isolates: number, isAhead: boolean): Promise<{ old: number; loads: number; requests: number }> {
  const clock = new VirtualClock(BEGINS_AT);
  const coins = new Random(SEED + 1);
  const random = () => (isAhead ? coins.next() : 0.999_999_999);
  const site = new Site({ items: catalogueOf(SEED, KEYS), clock, isolates, colos: 4, kvSeenAfterMs: 60_000, random });
  const [who, draw] = [new Random(SEED), zipf(KEYS, 1)];
  let [old, requests, before] = [0, 0, 0];
  for (let ms = 0; ms < FOR_MS; ms += EVERY_MS) {
    await clock.advanceTo(BEGINS_AT + ms);
    const isCounted = ms >= FROM_MS;
    if (!isCounted) before = site.loads;
    site.isolates[who.below(isolates)]?.ask(draw(who)).then(({ as }) => {
      if (!isCounted) return;
      requests++;
      if (as === "stale") old++;
    });
    await settled();
  }
  return { old, loads: site.loads - before, requests };
}

test.each([
  [1, 0.4],
  [4, 0.75],
])(
  `of %i isolates (seed ${SEED}) fewer are given old answers, for hardly more loads`,
  async (isolates, share) => {
    const [without, ahead] = [await played(isolates, false), await played(isolates, true)];
    console.log(
      `${isolates} isolates: ${JSON.stringify(without)} without, ${JSON.stringify(ahead)} with refreshes ahead`,
    );
    expect(ahead.old).toBeLessThan(share * without.old);
    expect(ahead.loads).toBeLessThan(1.08 * without.loads);
  },
  60_000,
);

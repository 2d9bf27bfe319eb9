import { describe, expect, test } from "vitest";
import { nextInMs, shardsFor } from "../../../../src/collector/pace.ts";
import type { Reply } from "../../../../src/rpc/reply.ts";
import { CollectorBed, report } from "./collectorBed.ts";

const MINUTE = 60_000;
/** An even spread of chances, the same each time. */
const chanceOf = (at: number) => (at * 0.618_033_988_75) % 1;

describe("when to come back", () => {
  test.for<[string, number, number, boolean, number, number]>([
    ["a quiet site", 1, 0.1, false, 20_000, 50_000],
    ["no request at all", 1, 0, false, 20_000, 50_000],
    ["one isolate of ten requests a second", 1, 10, false, 20_000, 50_000],
    ["ten of ten each", 10, 100, false, 6_500, 7_800],
    ["a busy one", 1, 1_000, false, 5_000, 6_000],
    ["a crowd", 501, 50_000, false, 10_000, 12_000],
    ["an incident", 1, 0.1, true, 2_000, 2_400],
    ["an incident in a crowd", 800, 50_000, true, 2_000, 2_400],
  ])("%s: %d reporters with %d requests a second", ([, reporters, requestsPerSecond, incident, least, most]) => {
    const paces = Array.from({ length: 200 }, (_, at) =>
      nextInMs({ reporters, requestsPerSecond, incident }, chanceOf(at)),
    );
    expect(Math.min(...paces)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...paces)).toBeLessThanOrEqual(most);
    expect(Math.max(...paces) - Math.min(...paces)).toBeGreaterThan((most - least) * 0.9);
  });
});

test.for<[number, number, number]>([
  // reporters, the shards that this one thinks there are, what it is told
  [0, 1, 1],
  [800, 1, 1],
  [801, 1, 2],
  [16_500, 1, 21],
  [16_500, 21, 21],
  [16_500, 30, 30], // 35 would do at 60 % of their size: no reason to move
  [16_500, 40, 35],
  [100, 4, 1],
  [900, 2, 2],
  [1_000_000, 1, 64],
])("%d reporters of whom one thinks of %d shards go into %d", ([all, shards, told]) => {
  expect(shardsFor(all, shards)).toBe(told);
});

/** An isolate that comes back when it is told to. */
interface Sender {
  readonly id: string;
  dueAt: number;
  lastAt: number;
  shards: number;
}

/** Reporters with `perSecond` requests each, on one Collector, for some minutes. */
async function simulate(reporters: number, perSecond: number, minutes: number) {
  const bed = new CollectorBed();
  const begin = bed.now;
  const senders: Sender[] = Array.from({ length: reporters }, (_, at) => ({
    id: `r${at}`,
    dueAt: begin + chanceOf(at) * 5_000,
    lastAt: begin,
    shards: 1,
  }));
  const gaps: number[] = [];
  let exchanges = 0;
  let counting = false;
  for (; bed.now < begin + (minutes + 2) * MINUTE; bed.pass(100)) {
    if (!counting && bed.now >= begin + 2 * MINUTE) {
      counting = true;
      bed.asked.length = 0;
    }
    for (const sender of senders.filter(({ dueAt }) => dueAt <= bed.now)) {
      const overMs = bed.now - sender.lastAt;
      const said = { id: sender.id, overMs, requests: Math.round((overMs * perSecond) / 1_000), shards: sender.shards };
      const { nextInMs }: Reply = await bed.exchange(report(said));
      if (counting) {
        exchanges++;
        gaps.push(nextInMs);
      }
      Object.assign(sender, { lastAt: bed.now, dueAt: bed.now + nextInMs });
    }
  }
  const seconds = minutes * 60;
  return {
    perRequest: (exchanges + bed.asked.length) / (seconds * reporters * perSecond),
    exchangesPerSecond: exchanges / seconds,
    ownerCallsPerSecond: bed.asked.length / seconds,
    gaps,
  };
}

describe("calls, of isolates and of owners", () => {
  test.for([1, 2, 3, 5, 10, 30, 100])(
    "of %d reporters with 10 requests a second each are at most 0.02 a request",
    async (reporters) => {
      const { perRequest } = await simulate(reporters, 10, 5);
      expect(perRequest).toBeLessThanOrEqual(0.02);
      expect(perRequest).toBeGreaterThan(0.005);
    },
  );

  test("of a quiet site come each 20 to 50 s", async () => {
    const { gaps, exchangesPerSecond, ownerCallsPerSecond } = await simulate(1, 1, 20);
    expect([Math.min(...gaps) >= 20_000, Math.max(...gaps) <= 50_000]).toEqual([true, true]);
    // Half of a free plan's 100,000 a day, alarms of owners and cron aside.
    expect((exchangesPerSecond + ownerCallsPerSecond) * 86_400).toBeLessThan(50_000);
  });

  test("of busy isolates are at most 0.2 a second each", async () => {
    const { exchangesPerSecond } = await simulate(5, 1_000, 3);
    expect(exchangesPerSecond).toBeLessThanOrEqual(5 * 0.2);
  });
});

/** A region's Collectors, and isolates that go where they are told: to the shard that their number falls into. */
class Region {
  readonly beds = Array.from({ length: 64 }, () => new CollectorBed());
  readonly senders: (Sender & { readonly number: number })[] = [];
  calls = new Map<number, number>();

  join(count: number, now: number): void {
    for (let at = 0; at < count; at++) {
      const number = this.senders.length;
      this.senders.push({ id: `r${number}`, number, dueAt: now + chanceOf(number) * 10_000, lastAt: now, shards: 1 });
    }
  }

  async round(now: number): Promise<void> {
    for (const bed of this.beds) bed.now = now;
    for (const sender of this.senders) {
      if (sender.dueAt > now) continue;
      const shard = sender.number % sender.shards;
      this.calls.set(shard, (this.calls.get(shard) ?? 0) + 1);
      const bed = this.beds[shard];
      if (!bed) continue;
      const said = { id: sender.id, overMs: 10_000, requests: 600, shards: sender.shards };
      const { nextInMs, shards } = JSON.parse(await bed.core.exchange(JSON.stringify(report(said)), 0));
      Object.assign(sender, { lastAt: now, dueAt: now + nextInMs, shards });
    }
  }
}

describe("shards of a region", () => {
  test("of 4,000 isolates become enough and stay so, and no Collector has over 500 calls a second for long", async () => {
    const region = new Region();
    const begin = region.beds[0]?.now ?? 0;
    region.join(4_000, begin);
    const told: number[] = [];
    for (let second = 0; second < 300; second++) {
      region.calls = new Map();
      await region.round(begin + second * 1_000);
      // All of them begin at once and at one Collector: half a minute is what it takes to tell them apart.
      expect(Math.max(0, ...region.calls.values())).toBeLessThanOrEqual(second < 30 ? 1_000 : 500);
      if (second >= 60) told.push(Math.max(...region.senders.map(({ shards }) => shards)));
    }
    const shards = new Set(region.senders.map((sender) => sender.shards));
    expect(Math.min(...shards)).toBeGreaterThanOrEqual(4);
    expect(Math.max(...told)).toBeLessThanOrEqual(9); // five would do; 4,000 / 480 is where fewer would be told again
  }, 30_000);

  test("are not fewer because a Collector has lost its memory", async () => {
    const region = new Region();
    const begin = region.beds[0]?.now ?? 0;
    region.join(2_000, begin);
    for (let second = 0; second < 120; second++) await region.round(begin + second * 1_000);
    const before = Math.min(...region.senders.map(({ shards }) => shards));
    expect(before).toBeGreaterThanOrEqual(2);
    for (const bed of region.beds) bed.evict();
    for (let second = 120; second < 180; second++) {
      await region.round(begin + second * 1_000);
      expect(Math.min(...region.senders.map(({ shards }) => shards))).toBeGreaterThanOrEqual(before);
    }
  }, 30_000);

  test("become one again when few isolates are left", async () => {
    const bed = new CollectorBed();
    bed.pass(1);
    let told = 4;
    for (let second = 0; second < 400; second += 10) {
      bed.pass(10_000);
      told = (await bed.exchange(report({ id: "r0", shards: told }))).shards;
      if (second < 100) expect(told).toBe(4);
    }
    expect(told).toBe(1);
  });
});

import { expect, test } from "vitest";
import { EDGES } from "../../../../tools/simulator/network.ts";
import { SECOND, SEED } from "./bed.ts";
import { ChaoticWorld, NODES, type Visitors } from "./chaoticWorld.ts";

const STEP_MS = 250;
const TROUBLED_S = 90;
const STATES = ["up", "down", "down", "frozen", "slow"] as const;
const FAULTS = ["none", "hang", "throw", "overloaded"] as const;
const ORDERS = ["forced-open", "forced-closed", "shadow", "release"] as const;
/** An instance may stand on another machine: some hundred milliseconds, seconds, or an hour. */
const CLOCKS_MS = [0, 500, -500, 5_000, -5_000, -3_600_000];

/** Each second something happens to somebody, or nothing does. Returns whether the owner can act. */
function trouble(world: ChaoticWorld, moves: boolean): void {
  const { random } = world;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
  const node = pick(NODES);
  const edge = pick(EDGES);
  const dice = random.next();
  if (dice < 0.15) world.database.set(pick(STATES), [node]);
  else if (dice < 0.2) world.database.set(pick(STATES));
  else if (dice < 0.35)
    world.network.set(edge, { drop: pick([0, 0.3]), duplicate: pick([0, 0.5]), meanMs: pick([5, 300]) });
  else if (dice < 0.4) world.network.set(edge, { cut: pick(["no", "refused", "silent"]) });
  else if (dice < 0.5) world.network.mend(edge);
  else if (dice < 0.55) pick(world.all()).fault = pick(FAULTS);
  else if (dice < 0.65) for (const object of world.all()) object.fault = "none";
  else if (dice < 0.7) pick(world.all()).reset();
  else if (dice < 0.8) for (const object of world.all()) object.evict();
  else if (dice < 0.9) world.order(node, pick(ORDERS), 1_000 + random.next() * 20_000);
  else if (dice < 0.95 && moves && world.scheduler.now() - world.clockMovedAt > 10 * SECOND) {
    world.wrongByMs = pick(CLOCKS_MS);
    world.breaker.reset();
  }
}

function end(world: ChaoticWorld): void {
  world.database.set("up");
  for (const edge of EDGES) world.network.mend(edge);
  for (const object of world.all()) object.fault = "none";
  for (const node of NODES) world.order(node, "release", 0);
}

const SOME: Visitors = { isolates: 8, requestsPerSecond: 2, fresh: false };
const HISTORIES: readonly [string, Visitors, boolean][] = [
  ["eight isolates", SOME, false],
  ["eight isolates, and an owner whose clock moves", SOME, true],
  ["one isolate at a request a minute", { isolates: 1, requestsPerSecond: 1 / 60, fresh: false }, false],
  ["a fresh isolate for every request", { isolates: 0, requestsPerSecond: 3, fresh: true }, false],
  [
    "a fresh isolate for every request, and a clock that moves",
    { isolates: 0, requestsPerSecond: 3, fresh: true },
    true,
  ],
  ["no requests at all", { isolates: 4, requestsPerSecond: 0, fresh: false }, false],
];

const RUNS = HISTORIES.flatMap(([name, visitors, moves]) =>
  [SEED * 2, SEED * 2 + 1].map((seed) => [`${name} (seed ${seed})`, visitors, moves, seed] as const),
);

test.for(RUNS)(
  "%s, all kinds of trouble for 90 s: what must hold holds, and 15 s later all is closed",
  async ([, visitors, moves, seed]) => {
    const world = new ChaoticWorld(seed, visitors);
    world.database.set("down"); // those who ask but once a minute, or never, begin with something to recover from
    await world.crowd();
    const seen = new Set<string>();
    for (let passedMs = 0; passedMs < TROUBLED_S * SECOND; passedMs += STEP_MS) {
      if (passedMs % SECOND === 0) trouble(world, moves);
      const isOwnerWell = world.breaker.fault === "none" && world.network.conditions("owner-prober").cut === "no";
      await world.scheduler.run(STEP_MS);
      expect(world.violations(isOwnerWell), `after ${passedMs} ms`).toEqual([]);
      for (const { phase } of world.nodes()) seen.add(phase.state);
    }
    end(world);
    await world.scheduler.run(15 * SECOND);
    expect(world.verdicts()).toEqual(["closed", "closed", "closed"]);
    expect(world.violations(true)).toEqual([]);
    expect(world.hasTooManyProbes, `${world.witness.mostLive} probes at a time`).toBe(false);
    expect(seen.size, [...seen].join()).toBeGreaterThan(3);
  },
);

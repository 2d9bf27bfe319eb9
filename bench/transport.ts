import { SingleBar } from "cli-progress";
import { InvalidArgumentError, Option } from "commander";
import type { Bench } from "./bench.ts";
import type { Lab } from "./lab.ts";
import { type Percentiles, percentiles, rounded } from "./percentiles.ts";
import { startDatabase } from "./startDatabase.ts";
import type { Lane } from "./transport/lane.ts";
import { openLanes } from "./transport/lanes.ts";
import { makeWorkload, type Workload } from "./transport/workload.ts";

/** Rounds before anything is counted: connections, plans and compiled code are there afterwards. */
const WARM_UP_ROUNDS = 10;

interface Options {
  readonly pitches: number;
  readonly rounds: number;
  readonly seed: number;
}

/**
 * Neon HTTP and Hyperdrive, from inside workerd, against bare `pg`. Timed from outside over HTTP, one call a request:
 * inside a Worker the clock only moves with I/O, by whole milliseconds. Nothing is subtracted; `workerd` is a request
 * that asks no database, `pgNew` is bare `pg` on a new connection each time. See docs/design/transports.md.
 */
export const transportBench: Bench = {
  name: "transport",
  summary: "Neon HTTP and Hyperdrive in workerd against bare pg: p50 and p99 of each query",
  options: [
    number("--pitches <n>", "pitches to seed", 100, 5_000_000, 20_000),
    number("--rounds <n>", "times each query is asked over each transport", 1, 100_000, 200),
    number("--seed <n>", "which data, and which of it is asked for", 0, 2 ** 31 - 1, 1),
  ],
  run: (lab, options) => run(lab, options as unknown as Options), // as declared just above
};

async function run(lab: Lab, { pitches, rounds, seed }: Options) {
  const cluster = await startDatabase(lab, { pitches, seed });
  console.error("  opening the ways to it");
  const { toDatabase, floor, client } = await openLanes(lab, await cluster.resolve("primary"));
  const workload = await makeWorkload(client, seed);
  const times = new Map<string, number[]>();
  const bar = new SingleBar({ format: "  {bar} {value}/{total} rounds", noTTYOutput: true, notTTYSchedule: 5_000 });
  bar.start(rounds, 0);
  try {
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      await oneRound({ round, workload, toDatabase, floor, times });
      bar.update(Math.max(0, round + 1));
    }
  } finally {
    bar.stop();
  }
  const of = (kind: string, lane: string) => percentiles(times.get(`${kind} ${lane}`) ?? []);
  const results = workload.map(({ name }) => [name, compared((lane) => of(name, lane))]);
  return { pitches, rounds, seed, workerd: of("select1", floor.name), ...Object.fromEntries(results) };
}

/**
 * Every kind over every lane, a different lane first each time, so that drift of the machine hits all alike; the floor
 * once, with the first kind.
 */
async function oneRound({
  round,
  workload,
  toDatabase,
  floor,
  times,
}: {
  round: number;
  workload: Workload;
  toDatabase: readonly Lane[];
  floor: Lane;
  times: Map<string, number[]>;
}): Promise<void> {
  for (const [index, { name, next }] of workload.entries()) {
    const lanes = index === 0 ? [...toDatabase, floor] : toDatabase;
    const shift = (round + WARM_UP_ROUNDS + index) % lanes.length;
    for (const lane of [...lanes.slice(shift), ...lanes.slice(0, shift)]) {
      const call = next(round + WARM_UP_ROUNDS);
      const startedAt = performance.now();
      await lane.ask(call);
      const ms = performance.now() - startedAt;
      const key = `${name} ${lane.name}`;
      if (round >= 0) times.set(key, [...(times.get(key) ?? []), ms]);
    }
  }
}

/** The ratios are of medians, of bare `pg` on one kept connection. */
function compared(of: (lane: string) => Percentiles) {
  const [neon, hyperdrive, pg, pgNew] = [of("neon"), of("hyperdrive"), of("pg"), of("pgNew")];
  const ratio = (lane: Percentiles) => rounded(lane.p50 / pg.p50);
  return {
    neon,
    hyperdrive,
    pg,
    pgNew,
    neonRatio: ratio(neon),
    hyperdriveRatio: ratio(hyperdrive),
    pgNewRatio: ratio(pgNew),
  };
}

function number(flags: string, what: string, least: number, most: number, otherwise: number): Option {
  return new Option(flags, what).default(otherwise).argParser((text: string) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  });
}

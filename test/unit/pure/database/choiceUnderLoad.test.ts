import { afterEach, describe, expect, test, vi } from "vitest";
import { BUDGET_WINDOW_MS, HEDGE_SHARE } from "../../../../src/breaker/admission/constants.ts";
import { Random } from "../../../../tools/seed/random.ts";
import { type Service, type Traffic, type TrafficRead, traffic } from "./traffic.ts";

const SEEDS = [1, 2, 3, 4];
const PER_S = 100;
const SLOW_MS = 200;

/** Two to six milliseconds, and one answer of so many later than that by an average of `laterMs`. */
const steady =
  (oneOf = Number.POSITIVE_INFINITY, laterMs = 0): Service =>
  (random) =>
    2 + 4 * random() + (random() < 1 / oneOf ? -laterMs * Math.log(1 - random()) : 0);

/** A machine that stands still for 20 ms and more, every second and a half or so: what would end then ends after it. */
function withPauses(seed: number, service: Service): Service {
  const random = new Random(seed);
  const exponential = (mean: number) => -mean * Math.log(1 - random.next());
  const pauses: (readonly [from: number, to: number])[] = [];
  for (let at = exponential(1_500); at < 120_000; at += exponential(1_500))
    pauses.push([at, at + 20 + exponential(40)]);
  return (draw, atMs) => {
    const endsAt = atMs + service(draw, atMs);
    const pause = pauses.find(([from, to]) => from <= endsAt && endsAt < to);
    return (pause ? pause[1] + draw() : endsAt) - atMs;
  };
}

const later =
  (service: Service, ms: number): Service =>
  (random, atMs) =>
    service(random, atMs) + ms;

/** Three nodes of a kind. */
function all(service: Service): Record<string, Service> {
  return { p: service, a: service, b: service };
}

const p99 = (reads: readonly TrafficRead[]) =>
  reads.map(({ ms }) => ms).toSorted((a, b) => a - b)[Math.ceil(0.99 * reads.length) - 1] ?? Number.NaN;
const share = (reads: readonly TrafficRead[], node: string) =>
  reads.filter((each) => each.node === node).length / Math.max(1, reads.length);

/** Questions beyond the reads, as a share of them, in that window of ten seconds where they were most. */
function mostExtra({ sentAtMs }: Traffic, reads: readonly TrafficRead[]): number {
  const within = (times: readonly number[], from: number) =>
    times.filter((at) => at >= from && at < from + BUDGET_WINDOW_MS).length;
  const readAtMs = reads.map(({ atMs }) => atMs);
  const [first = 0, last = 0] = [readAtMs[0], readAtMs.at(-1)];
  let most = 0;
  for (let from = first; from + BUDGET_WINDOW_MS <= last + 10; from += 500) {
    most = Math.max(most, within(sentAtMs, from) / within(readAtMs, from) - 1);
  }
  return most;
}

afterEach(() => {
  vi.useRealTimers();
});

const MACHINES: readonly (readonly [string, (seed: number) => Service])[] = [
  ["a quiet machine", () => steady()],
  ["one with a tail", () => steady(12, 12)],
  ["one that pauses", (seed) => withPauses(seed, steady(30, 8))],
];

describe.for(MACHINES)("reads of two replicas on %s", { timeout: 30_000 }, ([, serviceOf]) => {
  test("take no more than twice as long at the slow end while one of them turns slow, and soon leave it", async () => {
    const [well, slow]: [TrafficRead[], TrafficRead[]] = [[], []];
    for (const seed of SEEDS) {
      const service = serviceOf(seed);
      const made = traffic(all(service), seed);
      const before = await made.send(PER_S, 20_000);
      made.services.b = later(service, SLOW_MS);
      const after = await made.send(PER_S, 10_000);
      well.push(...before.slice(-1_000));
      slow.push(...after);
      expect(share(after.slice(500), "b")).toBeLessThan(0.02);
      // A tenth more: the budget's own windows move by a tenth at a time.
      for (const reads of [before, after]) expect(mostExtra(made, reads)).toBeLessThanOrEqual(1.15 * HEDGE_SHARE);
    }
    console.log(
      `    p99 ${p99(well)} and ${p99(slow)} ms; waited out ${slow.filter(({ ms }) => ms >= SLOW_MS).length}`,
    );
    expect(p99(slow)).toBeLessThanOrEqual(2 * p99(well));
  });

  test("are shared evenly while both are well, and again half a minute after one was slow", async () => {
    const shares: number[] = [];
    for (const seed of SEEDS) {
      const service = serviceOf(seed);
      const made = traffic(all(service), seed);
      const before = await made.send(PER_S, 20_000);
      made.services.b = later(service, SLOW_MS);
      await made.send(PER_S, 10_000);
      made.services.b = service;
      await made.send(PER_S, 15_000);
      const after = await made.send(PER_S, 10_000);
      shares.push(share(before.slice(0, 1_000), "b"), share(before.slice(1_000), "b"), share(after, "b"));
    }
    console.log(`    shares of ten seconds ${shares.map((each) => each.toFixed(2)).join(" ")}`);
    expect(Math.min(...shares)).toBeGreaterThan(0.35);
    expect(Math.max(...shares)).toBeLessThan(0.65);
  });

  test("are not asked twice where the database as a whole has been slow for a while", async () => {
    let [reads, sent] = [0, 0];
    for (const seed of SEEDS.slice(0, 2)) {
      const service = serviceOf(seed);
      const made = traffic(all(service), seed);
      await made.send(PER_S, 10_000);
      for (const node of ["p", "a", "b"]) made.services[node] = later(service, SLOW_MS);
      // Some fifty that are of no use tell it, within the two of a hundred.
      await made.send(PER_S, 30_000);
      const before = made.sentAtMs.length;
      reads += (await made.send(PER_S, 10_000)).length;
      sent += made.sentAtMs.length - before;
    }
    console.log(`    beyond the reads ${sent - reads} of ${reads}`);
    expect(sent - reads).toBeLessThan(0.5 * HEDGE_SHARE * reads);
  });
});

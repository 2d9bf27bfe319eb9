import { describe, expect, test } from "vitest";
import { nodesInOrder } from "../../../../src/replicas/chooseNode.ts";
import { PeakEwma } from "../../../../src/replicas/peakEwma.ts";
import { RunningQuantile } from "../../../../src/replicas/runningQuantile.ts";
import { Random } from "../../../../tools/seed/random.ts";

const NOW = 1_700_000_000_000;
const SEED = 1;

/** An answer: when it came, and how much later than a quick one; `sentAtMs`: as much before. */
interface Answer {
  readonly atMs: number;
  readonly ms: number;
  readonly sentAtMs?: number;
  readonly hasFailed?: boolean;
}

function record(ewma: PeakEwma, { atMs, ms, sentAtMs = atMs - ms, hasFailed = false }: Answer): void {
  ewma.record({ ms, sentAt: NOW + sentAtMs, hasFailed }, NOW + atMs);
}

function seen(...answers: readonly Answer[]): PeakEwma {
  const ewma = new PeakEwma();
  for (const answer of answers) record(ewma, answer);
  return ewma;
}

const lateness = (ms: number, atMs = 0) => ({ ms, sentAt: NOW + atMs - ms });

describe("a node's latency", () => {
  test("is in between before anybody asked, and a fast first answer's after that", () => {
    const first = (ms: number) => seen({ atMs: 0, ms }).latencyMs(NOW);
    expect([new PeakEwma().latencyMs(NOW), first(4), first(310)]).toEqual([10, 4, 70]);
  });

  test("is up at once with a slow answer to a read that was sent after one, and down slowly with fast ones", () => {
    const ewma = seen({ atMs: 0, ms: 5 }, { atMs: 200, ms: 200 });
    expect(ewma.latencyMs(NOW + 200)).toBe(44);
    record(ewma, { atMs: 400, ms: 200 });
    expect(ewma.latencyMs(NOW + 400)).toBe(200);
    for (let atMs = 410; atMs <= 450; atMs += 10) record(ewma, { atMs, ms: 5 });
    expect(ewma.latencyMs(NOW + 450)).toBeGreaterThan(90);
    for (let atMs = 460; atMs <= 1_500; atMs += 10) record(ewma, { atMs, ms: 5 });
    expect(ewma.latencyMs(NOW + 1_500)).toBeLessThan(6);
  });

  test("goes up by a fifth each with slow answers that were under way together: they met one pause", () => {
    const ewma = seen({ atMs: 0, ms: 5 }, { atMs: 105, ms: 100, sentAtMs: 5 }, { atMs: 105, ms: 80, sentAtMs: 25 });
    expect(ewma.latencyMs(NOW + 105)).toBeCloseTo(5 + 0.2 * 95 + 0.2 * (80 - 24), 5);
  });

  test("of a failure is a second at least, and what it took where that is more", () => {
    const failed = (ms: number) => seen({ atMs: 0, ms, hasFailed: true }).latencyMs(NOW);
    expect([failed(1), failed(2_500)]).toEqual([1_000, 2_500]);
  });

  test("is forgotten by who is not asked any more, down to what is not known; a fast one stays as it was", () => {
    const failed = seen({ atMs: 0, ms: 1_000, hasFailed: true });
    expect(failed.latencyMs(NOW + 12_000)).toBeGreaterThan(90);
    expect(failed.latencyMs(NOW + 12_000)).toBeLessThan(120);
    expect(failed.latencyMs(NOW + 300_000)).toBeCloseTo(10, 5);
    expect(seen({ atMs: 0, ms: 5 }).latencyMs(NOW + 300_000)).toBe(5);
  });

  test.for<[string, number, number]>([
    ["within a second of one pause", 60, 600],
    ["not within three of one that is slow for two seconds", 2_000, 5_000],
  ])("is forgotten as fast as the node was slow for a while: %s", ([, slowForMs, forgottenMs]) => {
    const ewma = seen({ atMs: 0, ms: 1 });
    for (let atMs = 60; atMs <= 60 + slowForMs; atMs += 60) record(ewma, { atMs, ms: 60 });
    const end = NOW + 60 + slowForMs;
    expect(ewma.latencyMs(end)).toBeGreaterThan(10);
    expect(ewma.latencyMs(end + forgottenMs)).toBeLessThan(16);
    if (slowForMs > 1_000) expect(ewma.latencyMs(end + 3_000)).toBeGreaterThan(18);
  });

  test("is remembered for the least time again once it was well in between", () => {
    const ewma = seen({ atMs: 0, ms: 60 }, { atMs: 4_000, ms: 60 }, { atMs: 4_010, ms: 1 }, { atMs: 4_070, ms: 60 });
    record(ewma, { atMs: 4_130, ms: 60 });
    expect(ewma.latencyMs(NOW + 4_130)).toBe(60);
    expect(ewma.latencyMs(NOW + 5_130)).toBeLessThan(12);
  });

  test("of an answer that was given up early is longer than that, and no shorter for it", () => {
    const ewma = seen({ atMs: 0, ms: 5 });
    ewma.outlasted(lateness(40), NOW);
    expect(ewma.latencyMs(NOW)).toBe(12);
    ewma.outlasted(lateness(10), NOW);
    expect(ewma.latencyMs(NOW)).toBe(12);
  });

  test("doubles with each answer that was given up as late, up to a second: how late it would have been nobody knows", () => {
    const ewma = seen({ atMs: 0, ms: 1 });
    const after: number[] = [];
    for (let atMs = 20; atMs <= 240; atMs += 20) {
      ewma.lost(lateness(8, atMs), NOW + atMs);
      after.push(Math.round(ewma.latencyMs(NOW + atMs)));
    }
    expect(after.slice(0, 4)).toEqual([2, 8, 16, 31]);
    expect(Math.max(...after)).toBeLessThanOrEqual(1_000);
    expect(after.at(-1)).toBeGreaterThan(500);
  });

  test("of a node that failed is not known once a question of our own was answered, but still that of a slow one", () => {
    const failed = seen({ atMs: 0, ms: 5 }, { atMs: 10, ms: 1, hasFailed: true });
    failed.recovered();
    expect(failed.latencyMs(NOW + 20)).toBe(10);
    const slow = seen({ atMs: 0, ms: 5 }, { atMs: 200, ms: 200 }, { atMs: 400, ms: 200 });
    slow.recovered();
    expect(slow.latencyMs(NOW + 400)).toBe(200);
  });

  test("does not go wrong with a clock that was set back", () => {
    const hour = 3_600_000;
    const ewma = seen({ atMs: hour, ms: 100 }, { atMs: hour + 100, ms: 100 }, { atMs: 0, ms: 5 });
    expect(ewma.latencyMs(NOW)).toBeGreaterThan(5);
    expect(ewma.latencyMs(NOW - hour)).toBeLessThanOrEqual(100);
  });
});

describe("the choice", () => {
  const shares = (scores: Readonly<Record<string, number>>) => {
    const random = new Random(SEED);
    const nodes = Object.entries(scores).map(([node, score]) => ({ node, score }));
    const first = Array.from({ length: 20_000 }, () => nodesInOrder(nodes, () => random.next())[0]);
    return Object.fromEntries(
      Object.keys(scores).map((node) => [node, first.filter((each) => each === node).length / 20_000]),
    );
  };

  test.for<[Readonly<Record<string, number>>, Readonly<Record<string, number>>]>([
    [{ a: 5 }, { a: 1 }],
    [
      { a: 5, b: 5 },
      { a: 0.5, b: 0.5 },
    ],
    [
      { a: 5, b: 10 },
      { a: 0.8, b: 0.2 },
    ],
    [
      { a: 5, b: 200 },
      { a: 0.9994, b: 0.0006 },
    ],
    [
      { a: 0, b: 0 },
      { a: 0.5, b: 0.5 },
    ],
    [
      { a: 5, b: 5, c: 5 },
      { a: 0.333, b: 0.333, c: 0.333 },
    ],
    [
      { a: 5, b: 5, c: 200 },
      { a: 0.5, b: 0.5, c: 0.0006 },
    ],
  ])("of %j falls by %j", ([scores, expected]) => {
    const got = shares(scores);
    for (const [node, share] of Object.entries(expected)) expect(got[node]).toBeCloseTo(share, 1.5);
  });

  test("names everybody once, after the first the cheapest first; nobody of nobody", () => {
    const nodes = [
      { node: "c", score: 30 },
      { node: "a", score: 1 },
      { node: "b", score: 20 },
    ];
    expect(nodesInOrder(nodes, () => 0)).toEqual(["a", "b", "c"]);
    expect(nodesInOrder(nodes, () => 0.999)).toEqual(["b", "a", "c"]);
    expect(nodesInOrder([], () => 0)).toEqual([]);
  });

  test("of one that turns slow falls on it seldom within a second, and evenly again within half a minute after it is well", () => {
    const random = new Random(SEED);
    const ewmas = { a: new PeakEwma(), b: new PeakEwma() };
    const shareOfA = (fromMs: number, toMs: number, slowMs: number) => {
      let [ofA, all] = [0, 0];
      for (let at = NOW + fromMs; at < NOW + toMs; at += 20) {
        const nodes = (["a", "b"] as const).map((node) => ({ node, score: ewmas[node].latencyMs(at) }));
        const [node] = nodesInOrder(nodes, () => random.next());
        const ms = (node === "a" ? slowMs : 0) + 4 + 2 * random.next();
        ewmas[node === "a" ? "a" : "b"].record({ ms, sentAt: at - ms }, at);
        all++;
        if (node === "a") ofA++;
      }
      return ofA / all;
    };
    expect(shareOfA(0, 10_000, 0)).toBeGreaterThan(0.35);
    expect(shareOfA(10_000, 15_000, 200)).toBeLessThan(0.1);
    shareOfA(15_000, 60_000, 200);
    shareOfA(60_000, 80_000, 0);
    const share = shareOfA(80_000, 90_000, 0);
    expect(share).toBeGreaterThan(0.35);
    expect(share).toBeLessThan(0.65);
  });
});

describe("a running quantile", () => {
  test.for<[string, (random: Random) => number]>([
    ["even", (random) => 10 + 10 * random.next()],
    ["with a long tail", (random) => 5 / (1 - random.next()) ** 0.5],
    ["of two kinds", (random) => (random.next() < 0.9 ? 5 : 100)],
  ])("of 95 % lets one answer of twenty be above it: %s", ([, draw]) => {
    const random = new Random(SEED);
    const late = new RunningQuantile(0.95);
    let above = 0;
    for (let count = 0; count < 20_000; count++) {
      const ms = draw(random);
      if (count >= 2_000 && ms > late.ms) above++;
      late.record(ms);
    }
    expect(above / 18_000).toBeGreaterThan(0.03);
    expect(above / 18_000).toBeLessThan(0.07);
  });

  test("is not that of the first answers alone, which wait for connections", () => {
    const late = new RunningQuantile(0.98);
    for (const ms of [300, 250, ...Array(60).fill(4)]) late.record(ms);
    expect(late.ms).toBeLessThan(6);
  });

  test("follows a node that turned slow, and one that is well again", () => {
    const late = new RunningQuantile(0.95);
    const record = (ms: number, times: number) => {
      for (let count = 0; count < times; count++) late.record(ms);
      return late.ms;
    };
    expect(record(5, 500)).toBeLessThan(6);
    expect(record(200, 200)).toBeGreaterThan(150);
    expect(record(5, 3_000)).toBeLessThan(10);
  });
});

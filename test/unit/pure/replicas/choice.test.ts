import { describe, expect, test } from "vitest";
import { nodesInOrder } from "../../../../src/replicas/chooseNode.ts";
import { PeakEwma } from "../../../../src/replicas/peakEwma.ts";
import { RunningQuantile } from "../../../../src/replicas/runningQuantile.ts";
import { Random } from "../../../../tools/seed/random.ts";

const NOW = 1_700_000_000_000;
const SEED = 1;

function seen(...answers: (readonly [atMs: number, ms: number, hasFailed?: boolean])[]): PeakEwma {
  const ewma = new PeakEwma();
  for (const [atMs, ms, hasFailed = false] of answers) ewma.record(ms, hasFailed, NOW + atMs);
  return ewma;
}

describe("a node's latency", () => {
  test("is in between before anybody asked, and a fast first answer's after that", () => {
    expect([new PeakEwma().latencyMs(NOW), seen([0, 4]).latencyMs(NOW), seen([0, 310]).latencyMs(NOW)]).toEqual([
      10, 4, 70,
    ]);
  });

  test("is up with the second slow answer in a row, and down slowly with fast ones", () => {
    const ewma = seen([0, 5], [10, 200]);
    expect(ewma.latencyMs(NOW + 10)).toBe(44);
    ewma.record(200, false, NOW + 10);
    expect(ewma.latencyMs(NOW + 10)).toBe(200);
    for (let at = 20; at <= 60; at += 10) ewma.record(5, false, NOW + at);
    expect(ewma.latencyMs(NOW + 60)).toBeGreaterThan(100);
    for (let at = 70; at <= 1_500; at += 10) ewma.record(5, false, NOW + at);
    expect(ewma.latencyMs(NOW + 1_500)).toBeLessThan(6);
  });

  test("of a failure is a second at least, and what it took where that is more", () => {
    expect([seen([0, 1, true]).latencyMs(NOW), seen([0, 2_500, true]).latencyMs(NOW)]).toEqual([1_000, 2_500]);
  });

  test("is forgotten by who is not asked any more, down to what is not known; a fast one stays as it was", () => {
    const slow = seen([0, 1_000, true]);
    expect(slow.latencyMs(NOW + 12_000)).toBeGreaterThan(90);
    expect(slow.latencyMs(NOW + 12_000)).toBeLessThan(120);
    expect(slow.latencyMs(NOW + 300_000)).toBeCloseTo(10, 5);
    expect(seen([0, 5]).latencyMs(NOW + 300_000)).toBe(5);
  });

  test("of an answer that was given up is longer than that, and no shorter for it", () => {
    const ewma = seen([0, 5]);
    ewma.outlasted(40, NOW);
    expect(ewma.latencyMs(NOW)).toBe(12);
    ewma.outlasted(10, NOW);
    expect(ewma.latencyMs(NOW)).toBe(12);
  });

  test("of a node that failed is not known once a question of our own was answered, but still that of a slow one", () => {
    const failed = seen([0, 5], [10, 1, true]);
    failed.recovered();
    expect(failed.latencyMs(NOW + 20)).toBe(10);
    const slow = seen([0, 5], [10, 200], [10, 200]);
    slow.recovered();
    expect(slow.latencyMs(NOW + 10)).toBe(200);
  });

  test("does not go wrong with a clock that was set back", () => {
    const ewma = seen([3_600_000, 100], [3_600_000, 100], [0, 5]);
    expect(ewma.latencyMs(NOW)).toBeGreaterThan(5);
    expect(ewma.latencyMs(NOW - 3_600_000)).toBeLessThanOrEqual(100);
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
        ewmas[node === "a" ? "a" : "b"].record(ms, false, at);
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

import { describe, expect, test } from "vitest";
import { Gathered } from "../../../../src/collector/gathered.ts";
import { breakerDigestSchema } from "../../../../src/rpc/digest.ts";
import { NOW, outcomes, report, standing, trouble } from "./collectorBed.ts";

const gathered = () => new Gathered();
const sampleOf = (node: string, ageMs: number, position = "1") => ({
  node,
  inRecovery: true,
  epoch: "1",
  position,
  generation: null,
  tookMs: 1,
  ageMs,
});
const numbered = <T>(times: number, one: (at: number) => T) => Array.from({ length: times }, (_, at) => one(at));

test("trouble is kept one by one, calm is added up, and taking it empties it", () => {
  const all = gathered();
  const bad = trouble({ id: "r9", standing: [standing({ failureAgeMs: 5 })] });
  expect(all.take(bad, NOW)).toBe(true);
  expect(
    all.take(
      report({ id: "r1", outcomes: [outcomes({ ok: 2 }), outcomes({ kind: "write", ok: 1, excluded: 1 })] }),
      NOW,
    ),
  ).toBe(true);
  expect(all.take(report({ id: "r2", outcomes: [outcomes({ node: "b", ok: 4 })] }), NOW)).toBe(true);
  const { id, seq, settle } = bad;
  expect(all.takeBreaker(NOW + 7)).toEqual({
    reports: [{ id, seq, colo: "FRA", settle, outcomes: bad.outcomes, standing: [standing({ failureAgeMs: 12 })] }],
    calm: [
      { node: "a", ok: 3, excluded: 1, successAgeMs: null, queryAgeMs: null, reporters: ["r1"], colos: ["FRA"] },
      { node: "b", ok: 4, excluded: 0, successAgeMs: null, queryAgeMs: null, reporters: ["r2"], colos: ["FRA"] },
    ],
    checks: [],
  });
  expect(all.takeBreaker(NOW)).toEqual({ reports: [], calm: [], checks: [] });
});

test("of what many saw the newest counts, at its age when it is told", () => {
  const all = gathered();
  all.take(report({ standing: [standing({ successAgeMs: 500, queryAgeMs: 900 })] }), NOW);
  all.take(report({ standing: [standing({ successAgeMs: 2_000, queryAgeMs: 100 })] }), NOW + 1_000);
  const [calm] = all.takeBreaker(NOW + 5_000).calm;
  expect([calm?.successAgeMs, calm?.queryAgeMs]).toEqual([5_500, 4_100]);
});

test("of one node's samples the newest counts, whichever came last, at its age when it is told", () => {
  const all = gathered();
  all.take(report({ samples: [sampleOf("a", 100, "8")] }), NOW);
  all.take(report({ samples: [sampleOf("a", 3_000, "7"), sampleOf("b", 0)] }), NOW + 1_000);
  const { samples } = all.takeReplicas(NOW + 2_000);
  expect(samples.map(({ node, position, ageMs }) => [node, position, ageMs])).toEqual([
    ["a", "8", 2_100],
    ["b", "1", 1_000],
  ]);
  expect(all.takeReplicas(NOW)).toEqual({ samples: [], sample: false, bounded: false });
});

test("what any report asked for is asked for once", () => {
  const all = gathered();
  all.take(report({ asks: { checks: ["a", "b"], sample: false, bounded: true } }), NOW);
  all.take(report({ asks: { checks: ["b"], sample: true, bounded: false } }), NOW);
  expect(all.takeBreaker(NOW).checks).toEqual(["a", "b"]);
  expect(all.takeReplicas(NOW)).toMatchObject({ sample: true, bounded: true });
});

test("the newest stamp that any reporter holds stays known", () => {
  const all = gathered();
  const stamp = (epoch: number) => ({ incarnation: NOW, epoch, version: 0 });
  for (const epoch of [3, 5, 4])
    all.take(report({ have: { breaker: stamp(epoch), bumps: { ...stamp(epoch), seq: 1 } } }), NOW);
  all.takeBreaker(NOW);
  expect([all.haveOf("breaker").have?.epoch, all.haveOf("bumps").have?.epoch, all.haveOf("replicas")]).toEqual([
    5,
    5,
    {},
  ]);
});

describe("the reporters named for a node", () => {
  const named = (...colos: readonly (readonly [colo: string, reporters: number])[]) => {
    const all = gathered();
    for (const [colo, reporters] of colos)
      for (let at = 0; at < reporters; at++)
        all.take(report({ id: `${colo}${at}`, colo, outcomes: [outcomes({ ok: 1 })] }), NOW);
    const [calm] = all.takeBreaker(NOW).calm;
    const counts: Record<string, number> = {};
    for (const [at, colo] of (calm?.colos ?? []).entries()) {
      if (calm?.reporters[at]?.startsWith(colo)) counts[colo] = (counts[colo] ?? 0) + 1;
    }
    return counts;
  };

  test.for<[(readonly [string, number])[], Record<string, number>]>([
    [[["FRA", 3]], { FRA: 3 }],
    [[["FRA", 20]], { FRA: 8 }],
    [
      [
        ["FRA", 20],
        ["AMS", 1],
      ],
      { FRA: 7, AMS: 1 },
    ],
    [
      [
        ["FRA", 20],
        ["AMS", 20],
      ],
      { FRA: 4, AMS: 4 },
    ],
    [
      [
        ["FRA", 2],
        ["AMS", 20],
        ["LHR", 20],
      ],
      { FRA: 2, AMS: 3, LHR: 3 },
    ],
  ])("where %o asked are %o", ([asked, counts]) => {
    expect(named(...asked)).toEqual(counts);
  });

  test("are of no colo where no request told them where they are", () => {
    const all = gathered();
    all.take(report({ colo: "none", outcomes: [outcomes({ ok: 1 })] }), NOW);
    all.take(trouble({ id: "r2", colo: "none" }), NOW);
    expect(all.takeBreaker(NOW)).toMatchObject({ reports: [{ colo: "" }], calm: [{ colos: [""] }] });
  });
});

describe("bounds", () => {
  test("48 reports with trouble are taken, and the next must come again; calm ones still have room", () => {
    const all = gathered();
    const reports = numbered(49, (at) => trouble({ id: `r${at}` }));
    expect(reports.map((each) => all.take(each, NOW)).filter(Boolean)).toHaveLength(48);
    expect(all.take(report({ outcomes: [outcomes({ ok: 1 })] }), NOW)).toBe(true);
    expect(all.takeBreaker(NOW).reports).toHaveLength(48);
    expect(all.take(reports[48] ?? trouble(), NOW)).toBe(true);
  });

  test("the same report takes one place, however often it comes while it waits", () => {
    const all = gathered();
    const again = trouble({ id: "again" });
    for (let at = 0; at < 100; at++) expect(all.take(again, NOW + at, at > 0)).toBe(true);
    for (let at = 0; at < 47; at++) all.take(trouble({ id: `r${at}` }), NOW);
    expect(all.take(again, NOW, true)).toBe(true);
    expect(all.takeBreaker(NOW).reports.filter(({ id }) => id === again.id)).toHaveLength(1);
  });

  test("512 bumps are taken, and a report with one more must come again, whole", () => {
    const all = gathered();
    const bumps = (from: number, count: number) => numbered(count, (at) => ({ id: `m${from + at}`, buckets: [1] }));
    for (let at = 0; at < 16; at++) expect(all.take(report({ bumps: bumps(at * 32, 32) }), NOW)).toBe(true);
    expect(all.take(report({ bumps: bumps(0, 32) }), NOW)).toBe(true);
    const late = report({
      bumps: bumps(600, 1),
      outcomes: [outcomes({ ok: 5 })],
      asks: { checks: ["a"], sample: true, bounded: true },
    });
    expect(all.take(late, NOW)).toBe(false);
    expect(all.takeBreaker(NOW)).toEqual({ reports: [], calm: [], checks: [] });
    expect(all.takeReplicas(NOW)).toMatchObject({ sample: false, bounded: false });
    expect(all.takeCache().bumps).toHaveLength(512);
    expect(all.take(late, NOW)).toBe(true);
  });

  test("of nodes, samples, checks, names and hot keys no more are told than a digest may hold", () => {
    const all = gathered();
    for (let at = 0; at < 40; at++) {
      const node = `n${at}`;
      const asks = { checks: [node], sample: false, bounded: false };
      all.take(
        report({
          id: `r${at}`,
          outcomes: [outcomes({ node, ok: 1 }), outcomes({ node: "n0", ok: 1 })],
          asks,
          samples: [sampleOf(node, 0)],
        }),
        NOW,
      );
    }
    all.addHeat(numbered(300, (at) => [`k${at}`, 1] as const));
    all.addHeat([["k0", 5]]);
    const breaker = all.takeBreaker(NOW);
    expect([breaker.calm.length, breaker.checks.length, breaker.calm[0]?.reporters.length]).toEqual([16, 16, 8]);
    expect(breaker.calm[0]?.ok).toBe(41);
    expect(all.takeReplicas(NOW).samples).toHaveLength(16);
    const { heat } = all.takeCache();
    expect([heat.length, heat[0]]).toEqual([256, ["k0", 6]]);
  });

  test("of misses the 64 dearest keys are told, added up, and the others wait, 512 at most", () => {
    const all = gathered();
    expect(all.takeCache().misses).toBeUndefined();
    all.addMisses(numbered(600, (at) => [`k${at}`, 1, 1 + at] as const));
    all.addMisses([["k3", 2, 5_000]]);
    const told = numbered(9, () => all.takeCache().misses ?? []);
    expect(told.map(({ length }) => length)).toEqual([...numbered(8, () => 64), 0]);
    expect([told[0]?.[0], told[0]?.[1]]).toEqual([
      ["k3", 3, 5_004],
      ["k511", 1, 512],
    ]);
  });

  test("of heat the hottest 256 keys are told, and the others wait, 2,048 at most", () => {
    const all = gathered();
    all.addHeat(numbered(3_000, (at) => [`k${at}`, 1 + at] as const));
    const told = numbered(9, () => all.takeCache().heat);
    expect(told.map(({ length }) => length)).toEqual([...numbered(8, () => 256), 0]);
    expect([told[0]?.[0], told[7]?.at(-1)]).toEqual([
      ["k2047", 2_048],
      ["k0", 1],
    ]);
  });

  test("the fullest digest fits, and is understood", () => {
    const all = gathered();
    const name = (at: number) => `node-with-a-rather-long-name-${at}`.slice(0, 31);
    for (let at = 0; at < 48; at++) {
      all.take(
        trouble({
          id: `${at}`.padStart(36, "x"),
          outcomes: numbered(48, (each) =>
            outcomes({ node: name(each % 16), ok: 99_999, failed: 99_999, slow: 99_999, excluded: 99_999 }),
          ),
          standing: numbered(16, (each) =>
            standing({ node: name(each), successAgeMs: 99_999, failureAgeMs: 99_999, queryAgeMs: 99_999 }),
          ),
          settle: numbered(16, (each) => ({
            lease: "x".repeat(40),
            node: name(each),
            epoch: 9_999,
            outcome: "excluded" as const,
          })),
        }),
        NOW,
      );
    }
    const text = JSON.stringify({ wire: 1, collector: "c", reporters: 1, wantsLeases: 4, ...all.takeBreaker(NOW) });
    expect(text.length).toBeLessThan(524_288);
    expect(breakerDigestSchema.safeParse(JSON.parse(text)).success).toBe(true);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HARD_HORIZON_MS, SOFT_HORIZON_MS } from "../../../../src/breaker/constants.ts";
import { effective } from "../../../../src/breaker/effective.ts";
import { LocalBreaker } from "../../../../src/breaker/localBreaker.ts";
import { BumpLog } from "../../../../src/cache/bumpLog.ts";
import { View } from "../../../../src/exchange/view.ts";
import { CLOCK_SKEW_MS, WIRE } from "../../../../src/rpc/constants.ts";
import type { BumpsPart, Parts } from "../../../../src/rpc/parts.ts";
import { breakerPart, bumpsPart, replicasPart, verdict } from "./parts.ts";

const NOW = 1_000_000;

describe("a view", () => {
  test("knows nothing at first", () => {
    const view = new View();
    expect(view.word("node-1", NOW)).toBeUndefined();
    expect([view.epochOf("node-1"), view.ageMs(NOW), view.have(), view.handOn(NOW)]).toEqual([0, Infinity, {}, {}]);
  });

  test("is as old as the oldest of its three words, and endlessly old while one is missing", () => {
    const view = new View();
    view.adopt({ breaker: breakerPart({ ageMs: 10 }), bumps: bumpsPart({ ageMs: 300 }) }, 5, NOW);
    expect(view.ageMs(NOW)).toBe(Number.POSITIVE_INFINITY);
    view.adopt({ replicas: replicasPart({ ageMs: 20 }) }, 0, NOW);
    expect(view.ageMs(NOW + 100)).toBe(405);
  });

  test("says which parts are other statements than before", () => {
    const view = new View();
    const none = { breaker: false, replicas: false, bumps: false };
    expect(view.adopt({ breaker: breakerPart() }, 0, NOW)).toEqual({ ...none, breaker: true });
    expect(view.adopt({ breaker: breakerPart({ ageMs: 3 }) }, 0, NOW)).toEqual(none);
    expect(view.adopt({ breaker: breakerPart({ version: 1 }), replicas: replicasPart() }, 0, NOW)).toEqual({
      ...none,
      breaker: true,
      replicas: true,
    });
    expect(view.adopt({ breaker: breakerPart(), bumps: bumpsPart({ seq: 7 }) }, 0, NOW)).toEqual({
      ...none,
      bumps: true,
    });
  });

  test("tells what it has by stamps, and up to where it knows bumps", () => {
    const view = new View();
    view.adopt({ breaker: breakerPart({ version: 4 }), bumps: bumpsPart({ version: 9, seq: 9 }) }, 0, NOW);
    expect(view.have()).toEqual({
      breaker: { incarnation: 1, epoch: 0, version: 4 },
      bumps: { incarnation: 1, epoch: 0, version: 9, seq: 9 },
    });
  });

  test("believes an owner that was restored or renamed, however far its counts fell back", () => {
    const view = new View();
    view.adopt({ breaker: breakerPart({ epoch: 9, version: 99, nodes: [verdict("open")] }) }, 0, NOW);
    view.adopt({ breaker: breakerPart({ incarnation: 2, nodes: [verdict("closed")] }) }, 0, NOW);
    expect(view.word("node-1", NOW)?.verdict?.state).toBe("closed");
  });

  test("does not believe an owner that is not created yet, which no true word could outrank", () => {
    const view = new View();
    const tooNew = { incarnation: NOW + CLOCK_SKEW_MS + 1 };
    const parts = { breaker: breakerPart(tooNew), replicas: replicasPart(tooNew), bumps: bumpsPart(tooNew) };
    expect(view.adopt(parts, 0, NOW)).toEqual({ breaker: false, replicas: false, bumps: false });
    expect(view.have()).toEqual({});
  });
});

describe("the word on a node", () => {
  const local = new LocalBreaker().phase;
  const sourceAt = (view: View, now: number) => effective(local, view.word("node-1", now), now).source;

  test.for<[number, boolean, string]>([
    [0, false, "fresh"],
    [0, true, "cached"],
    [SOFT_HORIZON_MS, false, "fresh"],
    [SOFT_HORIZON_MS + 1, false, "fail-static"],
    [HARD_HORIZON_MS, false, "fail-static"],
    [HARD_HORIZON_MS + 1, false, "local-only"],
  ])("that is %d ms old, heard by way of a neighbour: %s, is %s", ([ageMs, viaNeighbour, source]) => {
    const view = new View();
    view.adopt({ breaker: breakerPart({ nodes: [verdict("closed")] }) }, 0, NOW, viaNeighbour);
    expect(sourceAt(view, NOW + ageMs)).toBe(source);
  });

  test("is old by its owner's time, however fresh the hop that brought it", () => {
    const view = new View();
    view.adopt({ breaker: breakerPart({ nodes: [verdict("open")], ageMs: HARD_HORIZON_MS - 99 }) }, 100, NOW);
    expect(sourceAt(view, NOW)).toBe("local-only");
  });

  test("is fresh for longer where exchanges are further apart", () => {
    const view = new View();
    view.adopt({ breaker: breakerPart({ nodes: [verdict("closed")] }) }, 0, NOW);
    view.softMs = 30_000;
    expect(sourceAt(view, NOW + 30_000)).toBe("fresh");
    expect(sourceAt(view, NOW + 30_001)).toBe("fail-static");
  });

  test("comes with the epoch that the world counts for it; 0 for a node that it does not speak of", () => {
    const view = new View();
    view.adopt({ breaker: breakerPart({ nodes: [verdict("open", { epoch: 12 })] }) }, 0, NOW);
    expect([view.epochOf("node-1"), view.epochOf("node-2")]).toEqual([12, 0]);
    expect(view.word("node-2", NOW)).toMatchObject({ verdict: undefined, ageMs: 0 });
  });
});

describe("parts that come in any order, any number of times, over any neighbours", () => {
  const stamp = fc.record({ incarnation: fc.nat(2), epoch: fc.nat(2), version: fc.nat(2) });
  /** What one owner says is one thing per stamp; only its age differs from one saying to the next. */
  const message: fc.Arbitrary<Parts> = fc.record(
    {
      breaker: fc.tuple(stamp, fc.nat(90)).map(([at, ageMs]) => {
        return breakerPart({ ...at, ageMs, reporters: 100 * at.incarnation + 10 * at.epoch + at.version });
      }),
      replicas: fc.tuple(stamp, fc.nat(90)).map(([at, ageMs]) => replicasPart({ ...at, ageMs })),
      bumps: fc.tuple(stamp, fc.nat(90)).map(([at, ageMs]) => bumpsPart({ ...at, ageMs, seq: at.version })),
    },
    { requiredKeys: [] },
  );
  const viewOf = (messages: readonly Parts[], now = NOW) => {
    const view = new View();
    for (const parts of messages) view.adopt(parts, 0, now);
    return view;
  };
  const known = (view: View) => JSON.stringify(view.handOn(NOW));
  const messages = fc.array(message, { maxLength: 8 });

  test("come to the same view", () => {
    const shuffled = messages.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: 2 * list.length })),
    );
    fc.assert(
      fc.property(shuffled, ([list, otherwise]) => {
        expect(known(viewOf(otherwise))).toBe(known(viewOf(list)));
      }),
    );
  });

  test("come to the same view when neighbours hand on what they know", () => {
    fc.assert(
      fc.property(messages, messages, messages, (a, b, c) => {
        const [first, second] = [viewOf(a), viewOf(b)];
        second.adopt(first.handOn(NOW), 0, NOW, true);
        const third = viewOf(c);
        third.adopt(second.handOn(NOW), 0, NOW, true);
        third.adopt(first.handOn(NOW), 0, NOW, true);
        expect(known(third)).toBe(known(viewOf([...a, ...b, ...c])));
      }),
    );
  });
});

test("an age is never less than the truth, nor more than it by more than the calls took, over any number of holders", () => {
  const hop = fc.record({
    /** Of a call: how long it took in all, and when within it the statement was said. */
    tookMs: fc.nat(2_000),
    saidAtShare: fc.double({ min: 0, max: 1, noNaN: true }),
    restsMs: fc.nat(20_000),
    /** Each holder has its own clock. */
    clock: fc.integer({ min: 10_000_000, max: 2_000_000_000 }),
  });
  fc.assert(
    fc.property(fc.array(hop, { minLength: 1, maxLength: 6 }), fc.nat(100_000), (hops, laterMs) => {
      let trueMs = 0;
      let calls = 0;
      let parts: Parts = { breaker: breakerPart({ nodes: [verdict("open")] }) };
      for (const { tookMs, saidAtShare, restsMs, clock } of hops) {
        const view = new View();
        view.adopt(parts, tookMs, clock);
        trueMs += tookMs * (1 - saidAtShare) + restsMs;
        calls += tookMs;
        parts = view.handOn(clock + restsMs);
        const shown = view.word("node-1", clock + restsMs)?.ageMs ?? -1;
        expect(shown).toBeGreaterThanOrEqual(trueMs - 1e-6);
        expect(shown).toBeLessThanOrEqual(trueMs + calls);
        expect(view.word("node-1", clock + restsMs + laterMs)?.ageMs).toBe(shown + laterMs);
        const whenItCame = view.word("node-1", clock)?.ageMs;
        expect(view.word("node-1", clock - laterMs)?.ageMs).toBe(whenItCame);
      }
    }),
  );
});

describe("bumps", () => {
  test("told since a number are added to those that were there", () => {
    const view = new View();
    view.adopt(
      {
        bumps: bumpsPart({
          version: 5,
          seq: 5,
          buckets: [
            [1, 4],
            [2, 5],
          ],
        }),
      },
      0,
      NOW,
    );
    view.adopt(
      {
        bumps: bumpsPart({
          version: 8,
          seq: 8,
          since: 5,
          buckets: [
            [2, 8],
            [3, 7],
          ],
        }),
      },
      0,
      NOW,
    );
    const { since, buckets } = view.bumps?.part ?? bumpsPart();
    expect([since, [...buckets].sort()]).toEqual([
      0,
      [
        [1, 4],
        [2, 8],
        [3, 7],
      ],
    ]);
  });

  test.for<[string, Partial<BumpsPart>]>([
    ["what it continues was never here", { version: 9, seq: 9, since: 6 }],
    ["it continues another incarnation", { incarnation: 2, version: 9, seq: 9, since: 5 }],
  ])("are ignored where %s", ([, delta]) => {
    const view = new View();
    const whole = bumpsPart({ version: 5, seq: 5, buckets: [[1, 5]] });
    view.adopt({ bumps: whole }, 0, NOW);
    expect(view.adopt({ bumps: bumpsPart(delta) }, 0, NOW).bumps).toBe(false);
    expect(view.bumps?.part).toEqual(whole);
    const empty = new View();
    empty.adopt({ bumps: bumpsPart({ ...delta, buckets: [[1, 9]] }) }, 0, NOW);
    expect(empty.bumps).toBeUndefined();
  });

  test("of one number are told by the younger word, whatever came first: what is live and who counts changes beside it", () => {
    const said = (live: readonly string[], ageMs: number) =>
      bumpsPart({ seq: 7, version: 7, ageMs, live: live.map((id) => ({ id, seq: 7, buckets: [1] })) });
    for (const words of [
      [said(["m"], 900), said([], 100)],
      [said([], 100), said(["m"], 900)],
    ]) {
      const view = new View();
      for (const bumps of words) view.adopt({ bumps }, 5, NOW);
      expect(view.bumps?.part.live).toEqual([]);
    }
  });

  test("keep the numbers of the last ones by id, and what was purged, beside what is new", () => {
    const view = new View();
    view.adopt({ bumps: bumpsPart({ seq: 7, version: 7, recent: [["a", 7]], purged: [[1, 5]] }) }, 0, NOW);
    const newer = { seq: 9, version: 9, since: 7 };
    view.adopt({ bumps: bumpsPart({ ...newer, recent: [["b", 9]], purged: [[1, 8]] }) }, 0, NOW);
    expect(view.bumps?.part).toMatchObject({
      recent: [
        ["a", 7],
        ["b", 9],
      ],
      purged: [[1, 8]],
    });
  });

  test("keep what was purged when their owner lost all that it knew", () => {
    const view = new View();
    view.adopt({ bumps: bumpsPart({ seq: 7, version: 7, purged: [[1, 5]] }) }, 0, NOW);
    const anew = { incarnation: NOW + 1, seq: 9, version: 1 };
    view.adopt({ bumps: bumpsPart({ ...anew, purged: [[2, 9]] }) }, 0, NOW + 2);
    expect(view.bumps?.part).toMatchObject({
      incarnation: NOW + 1,
      purged: [
        [1, 5],
        [2, 9],
      ],
    });
    view.adopt({ bumps: bumpsPart({ ...anew, seq: 10, version: 2 }) }, 0, NOW + 3);
    expect(view.bumps?.part).toMatchObject({
      seq: 10,
      purged: [
        [1, 5],
        [2, 9],
      ],
    });
  });

  test("come to the whole, told in full or since any number, in whatever order they come", () => {
    const step = fc.record({ buckets: fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 3 }), laterMs: fc.nat(3) });
    const telling = fc.record({ upTo: fc.nat(), since: fc.option(fc.nat()) });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fc.array(telling, { maxLength: 20 }),
        (steps, tellings) => {
          const log = new BumpLog(new Map(), NOW);
          let now = NOW;
          /** What the owner knew after each bump. */
          const history = steps.map(({ buckets, laterMs }, index) => {
            now += laterMs;
            const digest = { wire: WIRE, collector: "c", reporters: 1, haveSeq: 0, heat: [] };
            return log.digest({ ...digest, bumps: [{ id: `bump-${index}`, buckets }] }, now).part;
          });
          const view = new View();
          const wholes = new Map(history.map(({ seq, buckets }) => [seq, new Map(buckets)]));
          for (const { upTo, since } of tellings) {
            const whole = history[upTo % history.length] ?? bumpsPart();
            const from = since === null ? undefined : history[since % history.length]?.seq;
            const isDelta = from !== undefined && from <= whole.seq;
            const buckets = isDelta ? whole.buckets.filter(([, seq]) => seq > from) : whole.buckets;
            view.adopt({ bumps: { ...whole, since: isDelta ? from : 0, buckets } }, 0, now);
            const held = view.bumps?.part;
            if (held) expect(new Map(held.buckets)).toEqual(wholes.get(held.seq));
          }
          view.adopt({ bumps: log.part(now, view.bumps?.part.seq ?? 0) }, 0, now);
          expect(new Map(view.bumps?.part.buckets)).toEqual(new Map(log.part(NOW).buckets));
        },
      ),
    );
  });
});

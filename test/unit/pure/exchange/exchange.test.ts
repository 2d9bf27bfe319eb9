import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { HARD_HORIZON_MS, SOFT_HORIZON_MS } from "../../../../src/breaker/constants.ts";
import {
  FIRST_PACE_MS,
  IN_FLIGHT_MS,
  MAX_GAP_MS,
  MIN_GAP_MS,
  RETURN_AFTER_MS,
  THAW_AFTER_MS,
  URGENT_GAP_MS,
} from "../../../../src/exchange/constants.ts";
import { EXCHANGE_DEADLINE_MS, QUOTA_PAUSE_MS, WIRE } from "../../../../src/rpc/constants.ts";
import { Bed, type Behaviour } from "./bed.ts";
import { breakerPart, bumpsPart, verdict } from "./parts.ts";

const START = 1_800_000_000_000;
const bump = { id: "bump-1", buckets: [3] };

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const seconds = () => (Date.now() - START) / 1_000;

/** A request each second, for so long. */
async function traffic(bed: Bed, forS: number): Promise<void> {
  for (let second = 0; second < forS; second++) {
    bed.request();
    await pass(1_000);
  }
}

describe("an owner's word that came by another way", () => {
  test("holds at once, and against what a Collector still says that holds an older one", async () => {
    const bed = new Bed();
    bed.behave = () => ({ reply: { parts: { bumps: bumpsPart({ version: 5, seq: 5, buckets: [[1, 5]] }) } } });
    bed.request();
    await pass(20);
    bed.exchange.hear({ bumps: bumpsPart({ version: 9, seq: 9, buckets: [[1, 9]], purged: [[1, 9]] }) }, 40);
    expect(bed.view.bumps?.part).toMatchObject({ seq: 9, purged: [[1, 9]] });
    await traffic(bed, 20);
    expect(bed.sent.length).toBeGreaterThan(1);
    expect(bed.view.bumps?.part).toMatchObject({ seq: 9, buckets: [[1, 9]] });
    expect(bed.last.report.have.bumps).toMatchObject({ seq: 9 });
  });
});

describe("a report", () => {
  test("goes up behind the first response, and the answer's view comes down", async () => {
    const bed = new Bed();
    bed.behave = () => ({ reply: { parts: { breaker: breakerPart({ ageMs: 100, nodes: [verdict("open")] }) } } });
    bed.request();
    expect(bed.sent).toHaveLength(1);
    expect(bed.last).toMatchObject({ collector: "collector:weur:0", heldMs: 0, report: { wire: WIRE, seq: 1 } });
    await pass(20);
    expect(bed.view.word("node-1", Date.now())).toMatchObject({ verdict: { state: "open" }, ageMs: 120 });
    expect(bed.ends).toEqual(["answered"]);
  });

  test("that was acknowledged is done: the next one has the next number and what happened since", async () => {
    const bed = new Bed();
    await traffic(bed, 6);
    expect(bed.seqs).toEqual([1, 2]);
    expect(bed.sent.map(({ report }) => report.requests)).toEqual([1, 5]);
    expect(bed.last.report.have).toEqual({});
  });

  test("that was not answered is sent again byte for byte, held for longer each time, until it is acknowledged", async () => {
    const bed = new Bed();
    let isDown = true;
    bed.behave = () => (isDown ? { trouble: "failed" } : { reply: {} });
    bed.ledger.settled({ lease: "a", node: "node-1", epoch: 1, outcome: "ok" }, START);
    await traffic(bed, 12);
    isDown = false;
    await traffic(bed, 14);
    const first = bed.sent.filter(({ report }) => report.seq === 1);
    expect(first.length).toBeGreaterThanOrEqual(3);
    expect(new Set(first.map(({ text }) => text)).size).toBe(1);
    expect(first.map(({ heldMs }) => heldMs)).toEqual(first.map(({ at }) => at - START));
    expect(bed.last.report.seq).toBeGreaterThan(1);
    const total = [...new Map(bed.sent.map(({ report }) => [report.seq, report.requests])).values()];
    expect(total.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(20);
  });

  test("that an owner could not be told of is sent again after a second, then two, then four", async () => {
    const bed = new Bed();
    bed.behave = ({ report, at }) => ({
      reply: { ack: at < START + 6_500 ? report.seq - 1 : report.seq, nextInMs: 60_000 },
    });
    bed.request();
    await pass(30_000);
    expect(bed.sent.map(({ at }) => at - START)).toEqual([0, 1_020, 3_040, 7_060]);
    expect(bed.seqs).toEqual([1, 1, 1, 1]);
    expect(bed.exchange.status(Date.now())).toMatchObject({ isPending: false, trouble: null });
  });

  test("that was taken before is acknowledged by being called a repeat", async () => {
    const bed = new Bed();
    bed.behave = ({ report, at }) =>
      at === START
        ? { trouble: "timeout", afterMs: EXCHANGE_DEADLINE_MS }
        : { reply: { refused: "repeated", ack: report.seq } };
    await traffic(bed, 14);
    expect(bed.ends[1]).toBe("answered");
    await traffic(bed, 6);
    expect(bed.seqs.slice(0, 3)).toEqual([1, 1, 2]);
  });

  test.for(["malformed", "oversized", "future", "stale"])(
    "that is refused as %s is dropped, and the next one goes on",
    async (refused) => {
      const bed = new Bed();
      bed.behave = ({ report }) => ({ reply: report.seq === 1 ? { ack: 0, refused, shards: 7 } : {} });
      await traffic(bed, 4);
      expect(bed.exchange.status(Date.now())).toMatchObject({
        trouble: `refused: ${refused}`,
        failures: 0,
        isPending: false,
      });
      await traffic(bed, 6);
      expect(bed.seqs.slice(0, 2)).toEqual([1, 2]);
      expect(bed.last.report.shards).toBe(1);
      expect(bed.ends.slice(0, 2)).toEqual(["refused", "answered"]);
    },
  );

  test("held back for too long is taken apart: its bumps come again, its counts do not", async () => {
    const bed = new Bed();
    bed.behave = () => ({ trouble: "failed" });
    bed.ledger.bump(bump, START);
    bed.request();
    await traffic(bed, THAW_AFTER_MS / 1_000 + 40);
    const seqs = [...new Set(bed.seqs)];
    expect(seqs).toEqual([1, 2]);
    const [first, second] = seqs.map((seq) => bed.sent.find(({ report }) => report.seq === seq));
    expect([first?.report.bumps, second?.report.bumps]).toEqual([[bump], [bump]]);
    expect(second?.report.requests).toBeGreaterThan(40);
    expect(bed.sent.every(({ heldMs }) => heldMs <= THAW_AFTER_MS)).toBe(true);
  });

  test("is never said to be held for less than no time, though the clock was put back", async () => {
    const bed = new Bed();
    bed.behave = ({ at }) => (at === START ? { trouble: "failed" } : { reply: {} });
    bed.request();
    await pass(100);
    vi.setSystemTime(START - 5_000);
    bed.exchange.exchangeNow(150, bed.waitUntil);
    await pass(100);
    expect(bed.sent.map(({ heldMs }) => heldMs)).toEqual([0, 0]);
  });
});

describe("an exchange that ends after it was taken for dead", () => {
  test.for<[string, Behaviour, number]>([
    ["counts where it is an answer", { reply: { parts: { breaker: breakerPart() } }, afterMs: 4_000 }, 1],
    ["says nothing where it is a failure", { trouble: "timeout", afterMs: 4_000 }, 0],
  ])("%s", async ([, late, heard]) => {
    const bed = new Bed();
    bed.isPunctual = false;
    bed.behave = () => (bed.sent.length === 1 ? late : { reply: {} });
    bed.request();
    await pass(IN_FLIGHT_MS);
    bed.request();
    await pass(100);
    expect([bed.seqs, bed.exchange.hasFailed, bed.view.breaker]).toEqual([[1, 1], false, undefined]);
    await pass(1_000);
    expect([bed.ends.length, bed.exchange.hasFailed, bed.view.breaker ? 1 : 0]).toEqual([2, false, heard]);
  });
});

describe("an exchange whose request died under it", () => {
  test("blocks the next one for three seconds and no longer", async () => {
    const bed = new Bed();
    bed.behave = () => (bed.sent.length === 1 ? "died" : { reply: {} });
    bed.request();
    await pass(IN_FLIGHT_MS - 1);
    bed.request();
    expect(bed.sent).toHaveLength(1);
    await pass(1);
    bed.request();
    expect(bed.seqs).toEqual([1, 1]);
    await pass(20);
    expect(bed.exchange.status(Date.now())).toMatchObject({ isPending: false, failures: 0 });
  });

  test("again and again blocks nothing else, though none of their promises ever settles", async () => {
    const never = () => new Promise<never>(() => undefined);
    const bed = new Bed({ store: { match: never, put: never } });
    bed.behave = () => (bed.sent.length % 2 === 1 ? "died" : { reply: {} });
    await traffic(bed, 60);
    expect(bed.running.size).toBeGreaterThan(0);
    expect(Math.max(...bed.seqs)).toBeGreaterThanOrEqual(7);
    expect(bed.exchange.status(Date.now()).lastAgoMs).toBeLessThan(FIRST_PACE_MS + IN_FLIGHT_MS + 1_000);
  });
});

describe("a lease", () => {
  const lease = { id: "lease-1", kind: "probe", node: "node-1", epoch: 3, expiresInMs: 3_000 } as const;
  const settlement = { lease: "lease-1", node: "node-1", epoch: 3, outcome: "ok" };

  test("is spent at once, and settled in a second exchange before the same event ends", async () => {
    const bed = new Bed();
    bed.behave = ({ report }) => ({ reply: report.seq === 1 ? { leases: [lease] } : {} });
    bed.spend = () => new Promise((resolve) => setTimeout(() => resolve("ok"), 30));
    bed.request();
    expect(bed.running.size).toBe(1);
    await pass(20);
    expect(bed.spent).toEqual([lease]);
    await pass(30);
    expect(bed.last.report).toMatchObject({ seq: 2, settle: [settlement] });
    await pass(20);
    expect(bed.running.size).toBe(0);
  });

  test("brings the next one, which is settled as well; but one event does not go on for ever", async () => {
    const bed = new Bed();
    bed.behave = ({ report }) => ({ reply: { leases: [{ ...lease, id: `lease-${report.seq}` }] } });
    bed.request();
    await pass(150);
    expect(bed.sent.map(({ report }) => report.settle.map(({ lease }) => lease))).toEqual([
      [],
      ["lease-1"],
      ["lease-2"],
      ["lease-3"],
      ["lease-4"],
    ]);
  });

  test("is settled though another event began an exchange meanwhile", async () => {
    const bed = new Bed();
    bed.behave = ({ report }) => (report.seq === 1 ? { reply: { leases: [lease] } } : { reply: {}, afterMs: 400 });
    bed.spend = () => new Promise((resolve) => setTimeout(() => resolve("ok"), 500));
    bed.request();
    await pass(300);
    bed.ledger.urgent(Date.now());
    bed.request();
    expect(bed.seqs).toEqual([1, 2]);
    await pass(2_000);
    expect(bed.sent[2]?.report).toMatchObject({ seq: 3, settle: [settlement] });
    expect((bed.sent[2]?.at ?? 0) - START).toBeLessThan(20 + 3_000);
  });

  test("that cannot be spent is settled as having proven nothing", async () => {
    const bed = new Bed();
    bed.behave = ({ report }) => ({ reply: report.seq === 1 ? { leases: [lease] } : {} });
    bed.spend = () => Promise.reject(new Error("no connection"));
    bed.request();
    await pass(100);
    expect(bed.last.report.settle).toEqual([{ ...settlement, outcome: "excluded" }]);
  });

  test("of a check is not settled: what it found rides with the next report, at once where that is bad", async () => {
    const check = { ...lease, kind: "check" } as const;
    for (const isBad of [false, true]) {
      vi.setSystemTime(START);
      const bed = new Bed();
      bed.behave = ({ report }) => ({ reply: report.seq === 1 ? { leases: [check] } : {} });
      bed.spend = async () => {
        bed.ledger.outcome("node-1", "check", isBad ? "failed" : "ok", 3);
        if (isBad) bed.ledger.urgent(Date.now());
        return "failed";
      };
      bed.request();
      await pass(400);
      expect(bed.seqs).toEqual(isBad ? [1, 2] : [1]);
      await pass(5_000);
      expect(bed.sent[1]?.report).toMatchObject({ settle: [], outcomes: [{ kind: "check" }] });
      expect((bed.sent[1]?.at ?? 0) - START).toBe(isBad ? URGENT_GAP_MS : 5_020);
    }
  });
});

describe("a Collector that does not answer", () => {
  test("is left for the next shard after three failures, and tried again after a minute", async () => {
    const bed = new Bed();
    bed.behave = ({ collector }) => (collector.endsWith(":0") ? { trouble: "reset" } : { reply: {} });
    await traffic(bed, 50);
    const shards = bed.sent.map(({ collector }) => collector);
    expect(shards.slice(0, 4)).toEqual([...Array(3).fill("collector:weur:0"), "collector:weur:1"]);
    const movedAt = bed.sent[2]?.at ?? 0;
    // Within the hard horizon, whatever it heard last: the other shard is not made to wait for the first one's failures.
    expect((bed.sent[3]?.at ?? 0) - START).toBeLessThan(HARD_HORIZON_MS - 20_000);
    expect(bed.exchange.hasFailed).toBe(false);
    bed.behave = () => ({ reply: {} });
    await traffic(bed, 60);
    const home = bed.sent.slice(3).find(({ collector }) => collector.endsWith(":0"));
    expect((home?.at ?? 0) - movedAt).toBeGreaterThanOrEqual(RETURN_AFTER_MS);
    expect((home?.at ?? 0) - movedAt).toBeLessThan(RETURN_AFTER_MS + 6_000);
  });

  test("and is well again is as much a home as before: one failure is no reason to leave it", async () => {
    const bed = new Bed();
    let isWell = false;
    bed.behave = ({ collector }) => (collector.endsWith(":0") && !isWell ? { trouble: "reset" } : { reply: {} });
    await traffic(bed, 60);
    isWell = true;
    await traffic(bed, 60);
    expect(bed.last.collector).toBe("collector:weur:0");
    isWell = false;
    const { length } = bed.sent;
    await traffic(bed, 20);
    expect(bed.sent.slice(length).map(({ collector }) => collector)).toEqual(Array(2).fill("collector:weur:0"));
  });

  test("for long costs one failed exchange a minute, once another shard answers", async () => {
    const bed = new Bed();
    bed.behave = ({ collector }) => (collector.endsWith(":0") ? { trouble: "reset" } : { reply: {} });
    await traffic(bed, 35);
    const { length } = bed.sent;
    await traffic(bed, 300);
    const failed = bed.sent.slice(length).filter(({ collector }) => collector.endsWith(":0"));
    expect(failed.length).toBeLessThanOrEqual(5);
    expect(bed.sent.length - length - failed.length).toBeGreaterThan(40);
  });

  test("is asked less and less often", async () => {
    const bed = new Bed();
    bed.behave = () => ({ trouble: "timeout" });
    await traffic(bed, 300);
    const gaps = bed.sent.slice(1).map(({ at }, index) => Math.round((at - (bed.sent[index]?.at ?? 0)) / 1_000));
    expect(gaps).toEqual([10, 20, 5, 10, 20, 40, 60, 60, 60]);
    expect(bed.exchange.hasFailed).toBe(true);
  });

  test("in words that can be understood, failed as well: the report comes again", async () => {
    for (const text of ["", "null", "{}", `{"wire":${WIRE + 1}}`, "<html>"]) {
      vi.setSystemTime(START);
      const bed = new Bed();
      bed.behave = () => (bed.sent.length === 1 ? { text } : { reply: {} });
      await traffic(bed, 12);
      expect(bed.seqs.slice(0, 2)).toEqual([1, 1]);
      expect(bed.ends[0]).toBe("failed");
    }
  });

  test("because the allowance is spent stops all exchanges for ten minutes", async () => {
    const bed = new Bed();
    bed.behave = () => (bed.sent.length === 1 ? { trouble: "quota" } : { reply: {} });
    bed.request();
    await pass(100);
    for (let minute = 0; minute < 9; minute++) {
      await pass(60_000);
      bed.ledger.urgent(Date.now());
      bed.request();
    }
    expect(bed.sent).toHaveLength(1);
    expect(bed.exchange.hasFailed).toBe(true);
    expect(await bed.exchange.exchangeNow(150, bed.waitUntil)).toBe(false);
    await pass(QUOTA_PAUSE_MS - 9 * 60_000);
    bed.request();
    await pass(100);
    expect(bed.sent).toHaveLength(2);
    expect(bed.exchange.hasFailed).toBe(false);
  });
});

describe("what an answer may ask for", () => {
  test.for<[number, number, number]>([
    [5_000, 5_000, SOFT_HORIZON_MS],
    [40_000, 40_000, 80_000],
    [0, MIN_GAP_MS, SOFT_HORIZON_MS],
    [1e12, MAX_GAP_MS, 2 * MAX_GAP_MS],
  ])(
    "a gap of %d ms is kept as one of %d ms, in which a word stays fresh for %d ms",
    async ([nextInMs, gapMs, softMs]) => {
      const bed = new Bed();
      bed.behave = () => ({ reply: { nextInMs } });
      bed.request();
      await pass(20);
      expect(bed.exchange.status(Date.now()).gapMs).toBe(gapMs);
      expect(bed.view.softMs).toBe(softMs);
    },
  );
});

describe("an isolate that was told a quiet site's pace, with its first request", () => {
  /** The Collector thinks so until it hears of traffic. */
  const quietAtFirst = (bed: Bed, nextInMs: number) => {
    bed.behave = ({ report }) => ({ reply: { nextInMs: report.seq === 1 ? nextInMs : 5_000 } });
  };

  test("tells of much traffic after five seconds, though it should end before", async () => {
    const bed = new Bed();
    quietAtFirst(bed, 40_000);
    for (let index = 0; index < 1_000; index++) bed.request();
    await pass(10_000);
    expect(bed.sent.map(({ at, report }) => [at - START, report.requests])).toEqual([
      [0, 1],
      [5_020, 999],
    ]);
  });

  test.for<[string, number, number]>([
    ["keeps it while there are few requests", 199, 40_000],
    ["keeps a pace that a crowd was told, however many there are", 1_000, 19_000],
  ])("%s", async ([, requests, nextInMs]) => {
    const bed = new Bed();
    quietAtFirst(bed, nextInMs);
    bed.request();
    await pass(100);
    for (let index = 0; index < requests; index++) bed.request();
    await pass(15_000);
    expect(bed.sent).toHaveLength(1);
  });
});

describe("when traffic ends", () => {
  test("what the last requests told is sent all the same, once it is due", async () => {
    const bed = new Bed();
    await traffic(bed, 3);
    await pass(60_000);
    expect(bed.sent.map(({ report }) => report.requests)).toEqual([1, 2]);
    expect([bed.sent[1]?.at, bed.running.size]).toEqual([START + 5_020, 0]);
  });

  test("that holds for a request that came while an exchange was under way", async () => {
    const bed = new Bed();
    bed.request();
    await pass(10);
    bed.request();
    await pass(60_000);
    expect(bed.sent.map(({ report }) => report.requests)).toEqual([1, 1]);
  });

  test("that holds where an urgent exchange moved the time at which the next is due", async () => {
    const bed = new Bed();
    bed.request();
    await pass(1_000);
    bed.request(); // stays until 5.02 s
    await pass(1_000);
    bed.ledger.urgent(Date.now());
    bed.request(); // moves the next one to 7.02 s
    await pass(1_000);
    bed.request(); // and traffic ends
    await pass(60_000);
    expect(bed.sent.map(({ report }) => report.requests)).toEqual([1, 2, 1]);
  });

  test("that holds where a timer fires a little early", async () => {
    const bed = new Bed();
    bed.wakesEarlyByMs = 1;
    await traffic(bed, 3);
    await pass(10_000);
    expect(bed.sent.map(({ report }) => report.requests)).toEqual([1, 2]);
  });

  test("that holds for a report that failed, within what an event may last", async () => {
    const bed = new Bed();
    bed.behave = () => (bed.sent.length === 1 ? { trouble: "reset" } : { reply: {} });
    bed.request();
    await pass(60_000);
    expect(bed.seqs).toEqual([1, 1]);
    const dead = new Bed();
    dead.behave = () => ({ trouble: "reset" });
    dead.request();
    await pass(25_000 + EXCHANGE_DEADLINE_MS);
    expect(dead.running.size).toBe(0);
  });

  test("one event at a time stays for it, and none where it is not due for longer than an event may last", async () => {
    const bed = new Bed();
    for (let index = 0; index < 100; index++) bed.request();
    expect(bed.running.size).toBeLessThanOrEqual(2 + 1);
    const quiet = new Bed();
    quiet.behave = () => ({ reply: { nextInMs: 40_000 } });
    await traffic(quiet, 10);
    expect([quiet.running.size, quiet.sent.length]).toEqual([0, 1]);
  });

  test("news that became urgent while an older report was sent again follow it", async () => {
    const bed = new Bed();
    bed.behave = () => (bed.sent.length === 1 ? { trouble: "reset" } : { reply: {} });
    bed.request();
    await pass(9_000);
    bed.ledger.bump(bump, Date.now());
    bed.request();
    await pass(3_000);
    expect(bed.seqs).toEqual([1, 1, 2]);
    expect(bed.last.report.bumps).toEqual([bump]);
    expect(seconds()).toBe(12);
  });
});

describe("an exchange that somebody waits for", () => {
  test("answers as soon as it is over", async () => {
    const bed = new Bed();
    const answer = bed.exchange.exchangeNow(150, bed.waitUntil);
    await pass(20);
    expect(await answer).toBe(true);
  });

  test("is waited for no longer than said, goes on behind, and did not fail by that", async () => {
    const bed = new Bed();
    bed.behave = () => ({ reply: { parts: { breaker: breakerPart() } }, afterMs: 400 });
    let answer: boolean | undefined;
    bed.exchange.exchangeNow(150, bed.waitUntil).then((value) => {
      answer = value;
    });
    await pass(149);
    expect(answer).toBeUndefined();
    await pass(1);
    expect([answer, bed.exchange.hasFailed, bed.view.breaker]).toEqual([false, false, undefined]);
    await pass(250);
    expect(bed.view.breaker).toBeDefined();
    expect([bed.ends, bed.running.size]).toEqual([["answered"], 0]);
  });

  test("is waited for no longer, though its call never ends", async () => {
    const bed = new Bed();
    bed.behave = () => "died";
    const answer = bed.exchange.exchangeNow(EXCHANGE_DEADLINE_MS, bed.waitUntil);
    await pass(EXCHANGE_DEADLINE_MS);
    expect(await answer).toBe(false);
  });

  test("is over, with the leases it brought, as soon as they are spent: a cron run waits for that, and for no more", async () => {
    const bed = new Bed();
    const lease = { id: "check-1", kind: "check", node: "node-1", epoch: 0, expiresInMs: 3_000 } as const;
    bed.behave = () => ({ reply: { leases: [lease] } });
    bed.spend = async () => {
      bed.ledger.outcome("node-1", "check", "ok", 0);
      return "ok";
    };
    bed.exchange.exchangeNow(150, bed.waitUntil);
    await pass(100);
    expect([bed.spent, bed.running.size, bed.ledger.isEmpty]).toEqual([[lease], 0, false]);
  });

  test("is none where another is under way, or where it failed", async () => {
    const bed = new Bed();
    bed.behave = () => ({ trouble: "reset" });
    bed.request();
    expect(await bed.exchange.exchangeNow(150, bed.waitUntil)).toBe(false);
    await pass(100);
    const answer = bed.exchange.exchangeNow(150, bed.waitUntil);
    await pass(20);
    expect([await answer, bed.sent.length]).toEqual([false, 2]);
  });

  test("takes the counts along, however young, where it is eager", async () => {
    const bed = new Bed();
    bed.behave = ({ bulk }) => ({ reply: { bulkAck: bulk?.seq ?? 0, bulkSeen: bulk?.seq ?? 0 } });
    bed.counted = 7;
    bed.request();
    await pass(1_000);
    bed.counted = 8;
    for (const eager of [false, true]) {
      bed.exchange.exchangeNow(150, bed.waitUntil, { eager });
      await pass(20);
    }
    expect(bed.sent.map(({ bulk }) => bulk?.telemetry)).toEqual([7, undefined, 8]);
  });
});

describe("an isolate that learns where it is", () => {
  test("reports to its own region's Collectors from then on", async () => {
    const bed = new Bed();
    bed.request();
    await pass(100);
    bed.exchange.settleIn({ ...bed.exchange.station, hint: "apac", colo: "NRT" });
    expect(bed.exchange.isSettled).toBe(true);
    await traffic(bed, 6);
    expect(bed.last).toMatchObject({ collector: "collector:apac:0", report: { colo: "NRT" } });
  });

  test("brings the bulk that it owes elsewhere to its end first", async () => {
    const bed = new Bed();
    bed.behave = ({ at, bulk }) => {
      const isDurable = at > START + 3_000;
      return { reply: { bulkAck: isDurable ? 1 : 0, bulkSeen: bulk?.seq ?? 1 } };
    };
    bed.counted = 7;
    bed.request();
    await pass(100);
    for (let second = 0; second < 12; second++) {
      if (!bed.exchange.isSettled) bed.exchange.settleIn({ ...bed.exchange.station, hint: "apac", colo: "NRT" });
      bed.request();
      await pass(1_000);
    }
    expect(bed.sent.map(({ collector }) => collector)).toEqual([
      "collector:weur:0",
      "collector:weur:0",
      "collector:apac:0",
    ]);
    expect([bed.last.report.colo, bed.bulk.lost, bed.bulk.isPending]).toEqual(["NRT", 0, false]);
  });
});

describe("a bug in what the exchange asks of the isolate", () => {
  test("is told to the event, and not to whoever waits for news", async () => {
    const bed = new Bed();
    Object.defineProperty(bed, "standing", {
      get: () => {
        throw new Error("a bug");
      },
    });
    const rejected: unknown[] = [];
    bed.ledger.request(START);
    const waitUntil = (work: Promise<unknown>) => work.catch((error) => rejected.push(error));
    expect(await bed.exchange.exchangeNow(150, waitUntil)).toBe(false);
    expect(rejected).toHaveLength(1);
    Object.defineProperty(bed, "standing", { value: [] });
    await pass(IN_FLIGHT_MS);
    bed.request();
    expect(bed.last.report).toMatchObject({ seq: 1, requests: 2 });
  });
});

describe("shards", () => {
  const shardsOf = (bed: Bed) => [...new Set(bed.sent.map(({ collector }) => collector))];

  test("are taken from the answer, and every reporter has its own", async () => {
    const homes = new Set<string>();
    for (let index = 0; index < 40; index++) {
      const bed = new Bed({ id: `reporter-${index}` });
      bed.behave = () => ({ reply: { shards: 4 } });
      await traffic(bed, 6);
      expect(shardsOf(bed).length).toBeLessThanOrEqual(2);
      expect(bed.last.report.shards).toBe(4);
      homes.add(bed.last.collector);
    }
    expect([...homes].sort()).toEqual([0, 1, 2, 3].map((shard) => `collector:weur:${shard}`));
  });

  test("are moved to only once the old home acknowledged the bulk it got, and no more of it is begun until then", async () => {
    const bed = new Bed({ id: "reporter-3" });
    let durable = 0;
    bed.behave = ({ bulk, at }) => {
      const before = durable;
      durable = bulk?.seq ?? durable;
      // Written down by the next call only, as where many report to one Collector.
      return { reply: { shards: at > START + 20_000 ? 4 : 1, nextInMs: 10_000, bulkAck: before, bulkSeen: durable } };
    };
    for (let second = 0; second < 90; second++) {
      bed.counted++;
      bed.request();
      await pass(1_000);
    }
    expect(shardsOf(bed)).toEqual(["collector:weur:0", "collector:weur:3"]);
    const [moved] = bed.sent.filter(({ collector }) => collector !== "collector:weur:0");
    expect((moved?.at ?? 0) - START).toBeLessThan(55_000);
    const bulkOf = (collector: string) => bed.sent.filter((each) => each.collector === collector && each.bulk);
    expect(bulkOf("collector:weur:3").length).toBeGreaterThan(1);
  });

  test("that are no home get reports, and no bulk: it waits until home answers, and nothing of it is lost", async () => {
    const bed = new Bed();
    const acknowledged: Behaviour = { reply: {} };
    let isHomeWell = true;
    bed.behave = ({ bulk, collector }) => {
      if (!isHomeWell && collector.endsWith(":0")) return { trouble: "reset" };
      return bulk ? { reply: { bulkAck: bulk.seq, bulkSeen: bulk.seq } } : acknowledged;
    };
    for (let second = 0; second < 180; second++) {
      isHomeWell = second < 1 || second > 100;
      // Urgent, so that home is left before the next piece is due: none is under way then.
      if (second === 1) bed.ledger.urgent(Date.now());
      bed.counted++;
      bed.request();
      await pass(1_000);
    }
    const away = bed.sent.filter(({ collector }) => collector.endsWith(":1"));
    expect(away.length).toBeGreaterThan(5);
    expect(away.filter(({ bulk }) => bulk)).toEqual([]);
    await pass(30_000);
    bed.request();
    await pass(20);
    const told = new Map(bed.sent.map(({ bulk }) => [bulk?.seq ?? 0, Number(bulk?.telemetry ?? 0)]));
    expect([...told.values()].reduce((sum, each) => sum + each, 0)).toBe(180);
  });
});

describe("in an incident", () => {
  test.for<["closed" | "forced-closed" | "open" | "half-open", number]>([
    ["closed", 6],
    ["forced-closed", 6],
    ["open", 2],
    ["half-open", 2],
  ])("(a node is %s) bulk goes %d times a minute", async ([state, times]) => {
    const bed = new Bed();
    const parts = { breaker: breakerPart({ nodes: [verdict(state)] }) };
    bed.behave = ({ bulk }) => ({
      reply: { parts, nextInMs: 2_000, bulkAck: bulk?.seq ?? 0, bulkSeen: bulk?.seq ?? 0 },
    });
    bed.request();
    await pass(1_000);
    for (let second = 0; second < 60; second++) {
      bed.counted++;
      bed.request();
      await pass(1_000);
    }
    expect(Math.abs(bed.sent.filter(({ bulk }) => bulk).length - times)).toBeLessThanOrEqual(1);
  });
});

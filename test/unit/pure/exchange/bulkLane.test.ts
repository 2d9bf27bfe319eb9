import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BulkTotals, type RowSink } from "../../../../src/collector/bulkTotals.ts";
import { BulkLane, type BulkOccasion } from "../../../../src/exchange/bulkLane.ts";
import {
  BULK_GAP_MS,
  BULK_INCIDENT_GAP_MS,
  MAX_BULK_AGE_MS,
  MAX_BULK_CHARS,
} from "../../../../src/exchange/constants.ts";
import { bulkSchema } from "../../../../src/rpc/report.ts";
import { TelemetryLedger } from "../../../../src/telemetry/ledger.ts";

const NOW = 1_000_000;
const HOME = "collector:weur:0";
const occasion = (more: Partial<BulkOccasion> = {}): BulkOccasion => ({
  now: NOW,
  isIncident: false,
  eager: false,
  mayBegin: true,
  ...more,
});
const at = (ms: number, more: Partial<BulkOccasion> = {}) => occasion({ now: NOW + ms, ...more });

/** A lane whose source tells how often it was asked. */
function lane() {
  let asked = 0;
  return new BulkLane(() => ++asked);
}
const piece = (seq: number) => JSON.stringify({ seq, telemetry: seq });

describe("a piece of bulk", () => {
  test("goes at once, is asked for no more than there is room, and nothing goes where there is nothing", () => {
    const asked: number[] = [];
    const empty = new BulkLane((maxChars) => {
      asked.push(maxChars);
      return undefined;
    });
    expect(empty.next(HOME, occasion())).toBeUndefined();
    expect([asked, empty.isPending]).toEqual([[MAX_BULK_CHARS], false]);
    expect(lane().next(HOME, occasion())).toBe(piece(1));
  });

  test("is sent again, the same to the byte, until its Collector knows it", () => {
    const bulk = lane();
    const sent = [bulk.next(HOME, at(0)), bulk.next(HOME, at(2)), bulk.next(HOME, at(4))];
    expect(sent).toEqual([piece(1), piece(1), piece(1)]);
    bulk.heard(HOME, 0, 1);
    expect([bulk.next(HOME, at(6)), bulk.isPending]).toEqual([undefined, true]);
  });

  test("that is in its Collector's storage is done; the next follows at its pace", () => {
    const bulk = lane();
    bulk.next(HOME, at(0));
    bulk.heard(HOME, 1, 1);
    expect(bulk.isPending).toBe(false);
    expect(bulk.next(HOME, at(BULK_GAP_MS - 1))).toBeUndefined();
    expect(bulk.next(HOME, at(BULK_GAP_MS))).toBe(piece(2));
  });

  test("that its Collector forgot is sent again at once", () => {
    const bulk = lane();
    bulk.next(HOME, at(0));
    bulk.heard(HOME, 0, 1);
    bulk.heard(HOME, 0, 0);
    expect(bulk.next(HOME, at(1))).toBe(piece(1));
  });

  test("that is merely in memory is sent again when the next would be due, and the next only after it", () => {
    const bulk = lane();
    bulk.next(HOME, at(0));
    bulk.heard(HOME, 0, 1);
    expect(bulk.next(HOME, at(BULK_GAP_MS))).toBe(piece(1));
    bulk.heard(HOME, 1, 1);
    expect(bulk.next(HOME, at(2 * BULK_GAP_MS))).toBe(piece(2));
  });

  test("goes less often while something is wrong", () => {
    const bulk = lane();
    bulk.next(HOME, at(0));
    bulk.heard(HOME, 1, 1);
    expect(bulk.next(HOME, at(BULK_INCIDENT_GAP_MS - 1, { isIncident: true }))).toBeUndefined();
    expect(bulk.next(HOME, at(BULK_INCIDENT_GAP_MS, { isIncident: true }))).toBe(piece(2));
  });

  test("goes sooner where somebody waits for it", () => {
    const bulk = lane();
    bulk.next(HOME, at(0));
    bulk.heard(HOME, 1, 1);
    expect(bulk.next(HOME, at(1, { eager: true }))).toBe(piece(2));
    bulk.heard(HOME, 1, 2);
    expect(bulk.next(HOME, at(2, { eager: true }))).toBe(piece(2)); // so that it is written down
  });

  test("goes to its Collector alone, and while it is under way no other is begun anywhere", () => {
    const bulk = lane();
    bulk.next(HOME, at(0));
    expect(bulk.next("collector:weur:1", at(BULK_GAP_MS))).toBeUndefined();
    bulk.heard("collector:weur:1", 9, 9);
    expect(bulk.next(HOME, at(BULK_GAP_MS))).toBe(piece(1));
  });

  test("is not begun where this isolate does not stay, but what is under way goes on", () => {
    const bulk = lane();
    expect(bulk.next(HOME, at(0, { mayBegin: false }))).toBeUndefined();
    bulk.next(HOME, at(1));
    expect(bulk.next(HOME, at(2, { mayBegin: false }))).toBe(piece(1));
  });

  test("that cannot be brought to its Collector is given up before that could have forgotten its number, and counted", () => {
    const bulk = lane();
    bulk.next(HOME, at(0));
    expect(bulk.next(HOME, at(MAX_BULK_AGE_MS - 1))).toBe(piece(1));
    expect(bulk.next(HOME, at(MAX_BULK_AGE_MS))).toBeUndefined();
    expect([bulk.lost, bulk.isPending]).toEqual([1, false]);
    expect(bulk.next(HOME, at(MAX_BULK_AGE_MS + BULK_GAP_MS))).toBe(piece(2));
  });
});

describe("heat", () => {
  const long = (at: number) => `${"k".repeat(190)}${at}`;
  const read = (text: string | undefined) => bulkSchema.parse(JSON.parse(text ?? ""));

  test("rides along, goes alone where nothing else is there, and is taken once for a piece", () => {
    let taken = 0;
    const heat = { take: () => [["/a", ++taken]] as const };
    const bulk = new BulkLane((maxChars) => (maxChars < MAX_BULK_CHARS ? "counts" : undefined), heat);
    const sent = [bulk.next(HOME, at(0)), bulk.next(HOME, at(2))];
    expect(sent).toEqual(Array.from({ length: 2 }, () => '{"seq":1,"telemetry":"counts","heat":[["/a",1]]}'));
    const alone = new BulkLane(() => undefined, heat);
    expect(alone.next(HOME, at(0))).toBe('{"seq":1,"heat":[["/a",2]]}');
  });

  test("has the dearest misses beside it, within their own bounds", () => {
    const misses = Array.from({ length: 99 }, (_, at) => [`/${at}`, 2, 99 - at] as const);
    const takeMisses = () => misses;
    const alone = new BulkLane(() => undefined, { take: () => undefined, takeMisses }).next(HOME, at(0));
    expect(read(alone)).toEqual({ seq: 1, misses: misses.slice(0, 16) });
    const dear = Array.from({ length: 9 }, (_, at) => [long(at), 1, 9] as const);
    const source = (maxChars: number) => "x".repeat(maxChars - 2);
    const heat = { take: () => [[long(1), 1]] as const, takeMisses: () => [["/free", 1, 0] as const, ...dear] };
    const full = new BulkLane(source, heat).next(HOME, at(0));
    expect(read(full).misses).toEqual(dear.slice(0, 2));
    expect(full?.length).toBeLessThanOrEqual(MAX_BULK_CHARS + 40);
  });

  test("that there is none of, or nobody counts, makes no piece", () => {
    for (const take of [() => undefined, () => [], () => [["/a", 0]] as const]) {
      expect(new BulkLane(() => undefined, { take }).next(HOME, at(0))).toBeUndefined();
    }
  });

  test.for([
    ["short", (at: number) => `/${at}`, 64],
    ["long", long, 7],
    ["too long, and left out", (at: number) => `${long(at)}${"k".repeat(at % 2 === 0 ? 0 : 20)}`, 7],
  ] as const)("of %s keys the hottest that find room are told, within the piece's bounds", ([_, key, most]) => {
    const hot = Array.from({ length: 100 }, (_, at) => [key(at), 100 - at] as const);
    const room: number[] = [];
    const source = (maxChars: number) => {
      room.push(maxChars);
      return "x".repeat(maxChars - 2);
    };
    const text = new BulkLane(source, { take: () => hot }).next(HOME, at(0));
    const { heat = [] } = read(text);
    expect([heat.length, heat[0]]).toEqual([most, hot[0]]);
    expect(text?.length).toBeLessThanOrEqual(MAX_BULK_CHARS + 40);
  });
});

describe("bulk and a Collector's totals, over a network that drops, repeats and delays, and resets", () => {
  /** A Collector that may forget its memory at any time; its storage stays. */
  class Collector {
    readonly rows = new Map<string, string>();
    readonly #sink: RowSink = {
      save: (rows) => {
        for (const [key, value] of rows) this.rows.set(key, value);
      },
    };
    #totals = new BulkTotals(this.rows, this.#sink);
    /** All that ever arrived: any of it may arrive again. */
    readonly arrived: string[] = [];

    take(bulk: string | undefined, now: number) {
      if (bulk !== undefined) this.arrived.push(bulk);
      return this.#totals.take("reporter-1", bulk, now);
    }

    /** Another reporter's bulk, which may make all be written down. */
    othersCame(now: number): void {
      this.#totals.take("reporter-2", JSON.stringify({ seq: now }), now);
    }

    reset(): void {
      this.#totals = new BulkTotals(new Map(this.rows), this.#sink);
    }

    /** What is in storage. */
    get counted(): number {
      const stored = new BulkTotals(new Map(this.rows), { save: () => undefined });
      const family = stored.data(NOW).counters.find(({ metric }) => metric === "breakwater_http_requests_total");
      return (family?.series ?? []).reduce((sum, [, count]) => sum + count, 0);
    }
  }

  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constant("count" as const), by: fc.integer({ min: 1, max: 9 }) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant("exchange" as const),
        shard: fc.constantFrom(0, 0, 0, 1),
        arrives: fc.boolean(),
        isAnswered: fc.boolean(),
        eager: fc.boolean(),
        mayBegin: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("reset" as const), shard: fc.nat(1) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("repeat" as const), shard: fc.nat(1), which: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("others" as const), shard: fc.nat(1) }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant("pass" as const), ms: fc.constantFrom(100, 900, 10_000) }) },
  );

  test("the sum in storage is the sum that was sent once all is acknowledged, and never more", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ledger = new TelemetryLedger({ route: ["/"] });
        const counter = ledger.counter("breakwater_http_requests_total", { route: "/", status_class: "2xx" });
        const collectors = [new Collector(), new Collector()] as const;
        const bulk = new BulkLane((maxChars) => ledger.take(maxChars));
        let now = NOW;
        let counted = 0;
        const stored = () => collectors[0].counted + collectors[1].counted;
        const exchange = (shard: number, { arrives = true, isAnswered = true, eager = true, mayBegin = true } = {}) => {
          const collector = collectors[shard === 0 ? 0 : 1];
          const text = bulk.next(`collector:${shard}`, { now, isIncident: false, eager, mayBegin });
          if (!arrives) return;
          const { ack, seen } = collector.take(text, now);
          if (isAnswered) bulk.heard(`collector:${shard}`, ack, seen);
        };
        for (const each of steps) {
          const collector = "shard" in each ? collectors[each.shard === 0 ? 0 : 1] : collectors[0];
          if (each.type === "count") {
            counter.add(each.by);
            counted += each.by;
          } else if (each.type === "exchange") exchange(each.shard, each);
          else if (each.type === "reset") collector.reset();
          else if (each.type === "others") collector.othersCame(now);
          else if (each.type === "pass") now += each.ms;
          else if (collector.arrived.length > 0) {
            collector.take(collector.arrived[each.which % collector.arrived.length], now);
          }
          expect(stored()).toBeLessThanOrEqual(counted);
        }
        for (let round = 0; round < 6; round++) {
          for (const shard of [0, 1]) {
            now += BULK_GAP_MS;
            exchange(shard);
          }
        }
        expect([bulk.isPending, bulk.lost, stored()]).toEqual([false, 0, counted]);
      }),
      { numRuns: 1_000 },
    );
  }, 30_000);
});

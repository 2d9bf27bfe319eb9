import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BulkTotals } from "../../../../src/collector/bulkTotals.ts";
import {
  CROWDED_CHECKPOINT_EVERY_MS,
  CROWDED_CHECKPOINT_REPORTERS,
  MAX_REPORTERS_KNOWN,
} from "../../../../src/collector/constants.ts";
import { NOW } from "./collectorBed.ts";

const LOGS = "breakwater_log_lines_total";
const DROPPED = "breakwater_telemetry_dropped_total";

/** Storage that writes all or nothing, and can refuse. */
class Storage {
  readonly rows = new Map<string, string>();
  isFull = false;

  save(rows: Iterable<readonly [string, string]>): void {
    if (this.isFull) throw new Error("database or disk is full");
    for (const [key, value] of rows) this.rows.set(key, value);
  }
}

/** A Collector's totals over its storage, and their next life. */
class Bed {
  now = NOW;
  readonly storage = new Storage();
  totals = new BulkTotals(this.storage.rows, this.storage);

  reset(): void {
    this.totals = new BulkTotals(this.storage.rows, this.storage);
  }

  take(reporter: string, text?: string) {
    return this.totals.take(reporter, text, this.now);
  }

  count(metric = LOGS): number {
    const family = this.totals.data(this.now).counters.find((each) => each.metric === metric);
    return family?.series.reduce((sum, [, count]) => sum + count, 0) ?? 0;
  }
}

/** The reporters whose numbers stand in storage. */
const kept = ({ storage }: Bed): string[] =>
  (JSON.parse(storage.rows.get("bulk-numbers") ?? "[]") as [string, number, number][]).map(([id]) => id);

const piece = (seq: number, lines: number) => {
  const counters = [{ metric: LOGS, labels: ["level"], series: [[["error"], lines]] }];
  return JSON.stringify({ seq, telemetry: { counters, histograms: [] } });
};

describe("a piece of bulk", () => {
  test("is acknowledged when it stands in storage, and known before", () => {
    const bed = new Bed();
    expect(bed.take("r", piece(1, 5))).toEqual({ ack: 1, seen: 1 });
    expect(bed.take("r", piece(2, 5))).toEqual({ ack: 1, seen: 2 });
    bed.now += 999;
    expect(bed.take("s", piece(1, 5))).toEqual({ ack: 0, seen: 1 });
    bed.now += 1;
    expect(bed.take("r", piece(3, 5))).toEqual({ ack: 3, seen: 3 });
    expect(bed.take("s")).toEqual({ ack: 1, seen: 1 });
    expect(bed.count()).toBe(20);
  });

  test("tells its heat once, and again where its number was forgotten before it was written down", () => {
    const bed = new Bed();
    const hot = (seq: number) => JSON.stringify({ seq, heat: [["/a", 4]] });
    bed.take("r", piece(1, 5));
    const taken = [bed.take("r", hot(2)), bed.take("r", hot(2))];
    expect(taken).toEqual([
      { ack: 1, seen: 2, heat: [["/a", 4]] },
      { ack: 1, seen: 2 },
    ]);
    bed.reset();
    expect(bed.take("r", hot(2)).heat).toEqual([["/a", 4]]);
    expect([bed.count(), bed.count(DROPPED)]).toEqual([5, 0]);
  });

  test("is made durable by the next exchange, though that brings no bulk", () => {
    const bed = new Bed();
    bed.take("r", piece(1, 5));
    bed.take("r", piece(2, 5));
    bed.now += 1_000;
    expect(bed.take("s")).toEqual({ ack: 0, seen: 0 });
    expect(bed.take("r")).toEqual({ ack: 2, seen: 2 });
    bed.reset();
    expect(bed.take("r")).toEqual({ ack: 2, seen: 2 });
  });

  test("that was merged counts no second time, before a reset and after", () => {
    const bed = new Bed();
    bed.take("r", piece(1, 5));
    bed.take("r", piece(1, 5));
    bed.reset();
    expect(bed.take("r", piece(1, 5))).toEqual({ ack: 1, seen: 1 });
    expect(bed.count()).toBe(5);
  });

  test("that was not durable is unknown after a reset, with its counts", () => {
    const bed = new Bed();
    bed.take("r", piece(1, 5));
    bed.take("r", piece(2, 7));
    bed.reset();
    expect(bed.take("r")).toEqual({ ack: 1, seen: 1 });
    expect(bed.take("r", piece(2, 7)).seen).toBe(2);
    expect(bed.count()).toBe(12);
  });

  test("writes nothing where there is nothing new", () => {
    const bed = new Bed();
    bed.take("r", piece(1, 5));
    const rows = new Map(bed.storage.rows);
    for (let second = 0; second < 10; second++) {
      bed.now += 1_000;
      bed.take("r");
      bed.take("r", piece(1, 5));
    }
    expect(bed.storage.rows).toEqual(rows);
  });

  test.for([
    ["no JSON", "{"],
    ["no seq", '{"telemetry":{}}'],
    ["too long", piece(1, 1).padEnd(100_000)],
  ] as const)("that cannot be read (%s) is counted as dropped, and changes nothing else", ([, text]) => {
    const bed = new Bed();
    bed.take("r", piece(1, 5));
    expect(bed.take("r", text)).toEqual({ ack: 1, seen: 1 });
    expect([bed.count(), bed.count(DROPPED)]).toEqual([5, 1]);
  });

  test("whose counts cannot be read is counted as dropped, and acknowledged: it would never be better", () => {
    const bed = new Bed();
    expect(bed.take("r", '{"seq":1,"telemetry":{"counters":7}}')).toEqual({ ack: 1, seen: 1 });
    expect(bed.count(DROPPED)).toBe(1);
    bed.reset();
    expect(bed.take("r")).toEqual({ ack: 1, seen: 1 });
  });
});

describe("what is scraped", () => {
  test("is durable first: a counter never steps back", () => {
    const bed = new Bed();
    bed.take("r", piece(1, 5));
    bed.take("r", piece(2, 7));
    expect(bed.count()).toBe(12);
    bed.reset();
    expect(bed.count()).toBe(12);
  });

  test("is not told where it cannot be made durable", () => {
    const bed = new Bed();
    bed.take("r", piece(1, 5));
    bed.storage.isFull = true;
    bed.take("r", piece(2, 7));
    expect(() => bed.totals.data(bed.now)).toThrow("full");
  });

  test("has the age of its checkpoint, once there was one", () => {
    const bed = new Bed();
    expect(bed.totals.checkpointAgeMs(bed.now)).toBeNull();
    bed.take("r", piece(1, 5));
    bed.now += 700;
    expect(bed.totals.checkpointAgeMs(bed.now)).toBe(700);
  });
});

describe("storage that refuses", () => {
  test("loses nothing: what it did not take is not acknowledged, and is written when it takes it", () => {
    const bed = new Bed();
    bed.take("r", piece(1, 5));
    bed.storage.isFull = true;
    bed.now += 1_000;
    expect(bed.take("r", piece(2, 7))).toEqual({ ack: 1, seen: 2 });
    bed.now += 1_000;
    expect(bed.take("s", piece(1, 1))).toEqual({ ack: 0, seen: 1 });
    bed.storage.isFull = false;
    expect(bed.take("r")).toEqual({ ack: 2, seen: 2 });
    expect(bed.take("s")).toEqual({ ack: 1, seen: 1 });
    bed.reset();
    expect(bed.count()).toBe(13);
  });
});

describe("reporters", () => {
  test("are forgotten an hour after their last piece, and their rows with them", () => {
    const bed = new Bed();
    bed.take("old", piece(1, 1));
    bed.now += 1_800_000;
    bed.take("kept", piece(1, 1));
    bed.now += 1_800_001;
    bed.take("new", piece(1, 1));
    expect(kept(bed)).toEqual(["kept", "new"]);
    expect(bed.take("old")).toEqual({ ack: 0, seen: 0 });
  });

  test("of too many, those that were silent longest are forgotten, also after a reset", () => {
    const bed = new Bed();
    const numbers = Array.from({ length: MAX_REPORTERS_KNOWN }, (_, at) => [`r${at}`, 1, NOW - 1_000_000 + at]);
    bed.storage.rows.set("bulk-numbers", JSON.stringify(numbers));
    bed.reset();
    bed.take("r0", piece(2, 1));
    bed.now += CROWDED_CHECKPOINT_EVERY_MS;
    bed.take("new", piece(1, 1));
    const known = kept(bed);
    expect(["r0", "r1", "r2", "new"].map((id) => known.includes(id))).toEqual([true, false, true, true]);
    expect(bed.take("r0")).toEqual({ ack: 2, seen: 2 });
  });

  test.for(["[1", '{"seen":1}', '[["a",1]]'])("whose row cannot be read (%s) begin anew", (row) => {
    const bed = new Bed();
    bed.storage.rows.set("bulk-numbers", row);
    bed.reset();
    expect(bed.take("a").ack).toBe(0);
    expect(bed.take("a", piece(1, 1)).seen).toBe(1);
  });

  test("of a crowd are written down less often, and by an operator's question at once", () => {
    const bed = new Bed();
    for (let at = 0; at <= CROWDED_CHECKPOINT_REPORTERS; at++) bed.take(`r${at}`, piece(1, 1));
    bed.now += CROWDED_CHECKPOINT_EVERY_MS;
    bed.take("r0", piece(2, 1));
    bed.now += CROWDED_CHECKPOINT_EVERY_MS - 1;
    expect(bed.take("r1", piece(2, 1))).toEqual({ ack: 1, seen: 2 });
    bed.now += 1;
    expect(bed.take("r1")).toEqual({ ack: 2, seen: 2 });
  });
});

/** An isolate's lane: one piece under way, kept and sent again until it is acknowledged. */
class Sender {
  sent = 0;
  #seq = 0;
  #pending: { seq: number; text: string; isSeen: boolean } | undefined;
  readonly #id: string;

  constructor(id: string) {
    this.#id = id;
  }

  exchange(bed: Bed, lines: number, isReplyLost: boolean): void {
    if (!this.#pending && lines > 0) {
      this.#seq++;
      this.#pending = { seq: this.#seq, text: piece(this.#seq, lines), isSeen: false };
      this.sent += lines;
    }
    const { ack, seen } = bed.take(this.#id, this.#pending?.isSeen ? undefined : this.#pending?.text);
    if (isReplyLost || !this.#pending) return;
    if (ack >= this.#pending.seq) this.#pending = undefined;
    else this.#pending.isSeen = seen >= this.#pending.seq;
  }

  get isPending(): boolean {
    return this.#pending !== undefined;
  }
}

const step = fc.oneof(
  fc.record({ does: fc.constant("exchange"), who: fc.nat(2), lines: fc.nat(9), isReplyLost: fc.boolean() }),
  fc.record({ does: fc.constant("pass"), ms: fc.nat(1_500) }),
  fc.record({ does: fc.constant("reset") }),
  fc.record({ does: fc.constant("scrape") }),
  fc.record({ does: fc.constant("storage"), isFull: fc.boolean() }),
);

test("over resets, lost answers and full storage between any two calls, nothing is lost, nothing is doubled, and no scrape steps back", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const bed = new Bed();
      const senders = ["p", "q", "r"].map((id) => new Sender(id));
      let shown = 0;
      for (const each of steps) {
        if (each.does === "exchange") senders[each.who]?.exchange(bed, each.lines, each.isReplyLost);
        if (each.does === "pass") bed.now += each.ms;
        if (each.does === "reset") bed.reset();
        if (each.does === "storage") bed.storage.isFull = each.isFull;
        if (each.does !== "scrape" || bed.storage.isFull) continue;
        const count = bed.count();
        expect(count).toBeGreaterThanOrEqual(shown);
        shown = count;
      }
      bed.storage.isFull = false;
      for (let round = 0; round < 8; round++) {
        bed.now += 1_000;
        for (const sender of senders) sender.exchange(bed, 0, false);
      }
      expect(senders.some(({ isPending }) => isPending)).toBe(false);
      bed.reset();
      expect(bed.count()).toBe(senders.reduce((sum, { sent }) => sum + sent, 0));
    }),
    { numRuns: 300 },
  );
}, 30_000);

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CopyStore } from "../../../../src/cache/tiers/cacheApi.ts";
import { COLO_LOOK_MS, COLO_PUT_MS, COLO_REFRESH_MS } from "../../../../src/exchange/constants.ts";
import { WIRE } from "../../../../src/rpc/constants.ts";
import type { Parts } from "../../../../src/rpc/parts.ts";
import { Bed } from "./bed.ts";
import { breakerPart, verdict } from "./parts.ts";

const START = 1_800_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A colo's Cache API, counting. */
class Colo implements CopyStore {
  body: string | undefined;
  puts: number[] = [];
  looks = 0;

  async match(): Promise<Response | undefined> {
    this.looks++;
    return this.body === undefined ? undefined : new Response(this.body);
  }

  async put(_key: string, response: Response): Promise<void> {
    this.puts.push(Date.now());
    this.body = await response.text();
  }

  lay(parts: Parts, refreshAfter: number): void {
    this.body = JSON.stringify({ wire: WIRE, parts, storedAt: Date.now(), refreshAfter });
  }
}

const OPEN = { breaker: breakerPart({ version: 4, nodes: [verdict("open")] }) };

describe("what one isolate wrote", () => {
  const mark = (nth: number) =>
    `${(START + nth)
      .toString(16)
      .padStart(12, "0")
      .replace(/^(.{8})/, "$1-")}-7000-8000-${"0".repeat(12)}`;
  const knows = (bed: Bed) => [...bed.writes.at(Date.now()).own.keys()];
  /** Isolates that know of the world, in one colo. */
  async function colo(count: number) {
    const store = new Colo();
    const beds = Array.from({ length: count }, (_, nth) => new Bed({ store, id: `reporter-${nth}` }));
    for (const bed of beds) {
      bed.behave = () => ({ reply: { parts: OPEN } });
      bed.request();
    }
    await pass(1_000);
    return { store, beds };
  }

  test("its neighbours know within a second and a bit, before any object does", async () => {
    const {
      beds: [first, second],
    } = await colo(2);
    first?.writes.wrote(mark(1), [7], Date.now());
    first?.request();
    await pass(300);
    await pass(COLO_LOOK_MS);
    second?.request();
    await pass(50);
    expect(second && knows(second)).toEqual([mark(1)]);
  });

  test("is told on by whoever leaves a copy after it, and once more where a copy lost it", async () => {
    const {
      store,
      beds: [first, second, third],
    } = await colo(3);
    first?.writes.wrote(mark(1), [7], Date.now());
    first?.request();
    await pass(300);
    second?.writes.wrote(mark(2), [8], Date.now());
    second?.request();
    await pass(300);
    expect(JSON.parse(store.body ?? "").own.map(({ id }: { id: string }) => id)).toEqual([mark(1), mark(2)]);
    store.lay(OPEN, 0); // by a version that knows of none
    await pass(COLO_LOOK_MS);
    for (let look = 0; look < 2; look++) {
      // Each looks, finds that nobody is told, and tells.
      for (const bed of [first, second]) bed?.request();
      await pass(300);
    }
    await pass(COLO_LOOK_MS);
    third?.request();
    await pass(50);
    expect(third && knows(third).toSorted()).toEqual([mark(1), mark(2)]);
  });

  test("is not told round and round for ever", async () => {
    const {
      beds: [first],
    } = await colo(1);
    first?.writes.heard(mark(-121_000), [7], Date.now());
    expect(first && knows(first)).toEqual([]);
  });
});

describe("what one isolate heard", () => {
  test("its neighbours learn without an exchange, and know by what way", async () => {
    const colo = new Colo();
    const [first, second] = [new Bed({ store: colo }), new Bed({ store: colo, id: "reporter-2" })];
    first.behave = () => ({ reply: { parts: OPEN } });
    second.request();
    await pass(1_000);
    first.request();
    await pass(1_000);
    second.request();
    await pass(100);
    expect(second.sent).toHaveLength(1);
    const word = second.view.word("node-1", Date.now());
    expect(word).toMatchObject({ verdict: { state: "open" }, viaNeighbour: true });
    expect(word?.ageMs).toBeGreaterThanOrEqual(1_100);
  });

  test("is looked for each second, and never while an exchange begins", async () => {
    const colo = new Colo();
    const bed = new Bed({ store: colo });
    bed.request();
    expect(colo.looks).toBe(0);
    await pass(100);
    const looks = colo.looks;
    for (let index = 0; index < 40; index++) {
      bed.request();
      await pass(100);
    }
    expect(colo.looks - looks).toBe(4_000 / COLO_LOOK_MS);
  });

  test("is left behind when it is news, or when the last copy is old", async () => {
    const colo = new Colo();
    const bed = new Bed({ store: colo });
    const heard = [0, 1, 1, 1, 1];
    bed.behave = () => {
      return {
        reply: { nextInMs: 1_000, parts: { breaker: breakerPart({ version: heard[bed.sent.length - 1] ?? 1 }) } },
      };
    };
    for (const _ of heard) {
      bed.request();
      await pass(1_020);
    }
    // The first; at once, since it is news; not the next; and again when the copy is two seconds old.
    expect(colo.puts.map((at) => Math.round((at - START) / 1_020))).toEqual([0, 1, 3]);
    expect(COLO_PUT_MS).toBe(2_000);
  });

  test("is not left behind where a report was refused: nothing was heard", async () => {
    const colo = new Colo();
    const bed = new Bed({ store: colo });
    bed.behave = () => ({ reply: { refused: "malformed", ack: 0 } });
    bed.request();
    await pass(100);
    expect([bed.ends, colo.puts]).toEqual([["refused"], []]);
  });
});

describe("an isolate with nothing to tell", () => {
  /** An isolate that told all it had, and a copy beside it; then events come and say nothing. */
  async function quiet(refreshAfter: (now: number) => number): Promise<Bed> {
    const colo = new Colo();
    const bed = new Bed({ store: colo });
    bed.request();
    await pass(100);
    for (let second = 0; second < 12; second++) {
      colo.lay(OPEN, refreshAfter(Date.now()));
      bed.event();
      await pass(1_000);
    }
    return bed;
  }

  test("asks for no news while a neighbour's copy is fresh", async () => {
    const bed = await quiet((now) => now + COLO_REFRESH_MS);
    expect(bed.sent).toHaveLength(1);
    bed.request();
    await pass(100);
    expect(bed.sent).toHaveLength(2);
  });

  test("asks at its pace where the copy is not", async () => {
    const bed = await quiet(() => 0);
    expect(bed.sent.length).toBeGreaterThanOrEqual(3);
  });

  test("believes no copy that says it is fresh for longer than copies are", async () => {
    const colo = new Colo();
    const bed = new Bed({ store: colo });
    bed.request();
    await pass(100);
    colo.lay(OPEN, Date.now() + 55_000);
    bed.event();
    await pass(COLO_REFRESH_MS + 100);
    colo.body = undefined;
    bed.event();
    await pass(100);
    expect(bed.sent).toHaveLength(2);
  });
});

describe("an isolate that asks for news with nothing to tell", () => {
  /** An isolate that has a view, and whose pace is over. */
  async function due(colo: Colo): Promise<Bed> {
    const bed = new Bed({ store: colo });
    bed.behave = () => ({ reply: { nextInMs: 5_000, parts: OPEN } });
    bed.request();
    await pass(6_000);
    colo.puts = [];
    return bed;
  }

  test("pushes the copy out first, so that its neighbours wait, and makes it no younger", async () => {
    const colo = new Colo();
    const bed = await due(colo);
    bed.event();
    await pass(1);
    expect(bed.sent).toHaveLength(2);
    expect(colo.puts).toHaveLength(1);
    const left = JSON.parse(colo.body ?? "") as { refreshAfter: number; parts: { breaker: { ageMs: number } } };
    expect(left.refreshAfter).toBeGreaterThanOrEqual(Date.now() + COLO_REFRESH_MS - 10);
    expect(left.parts.breaker.ageMs).toBeGreaterThanOrEqual(6_000);
  });

  test("pushes nothing where it has something to tell", async () => {
    const colo = new Colo();
    const bed = await due(colo);
    bed.request();
    await pass(1);
    expect([bed.sent.length, colo.puts]).toEqual([2, []]);
  });

  test("asks all the same where the Cache API hangs", async () => {
    const colo = new Colo();
    const bed = await due(colo);
    colo.put = () => new Promise(() => {});
    bed.event();
    await pass(200);
    expect(bed.sent).toHaveLength(2);
  });
});

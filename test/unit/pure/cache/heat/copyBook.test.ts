import { describe, expect, test } from "vitest";
import { CopyBook } from "../../../../../src/cache/heat/copyBook.ts";
import type { Publication } from "../../../../../src/rpc/refreshLease.ts";
import { lives, NOW } from "../bumpBed.ts";

const DAY_MS = 86_400_000;
const MIDNIGHT = Math.ceil(NOW / DAY_MS) * DAY_MS;

/** A book with its storage and its clock. */
class BookBed {
  now = NOW;
  writes = 0;
  readonly rows = new Map<string, string>();
  readonly #evicts: boolean;
  book = new CopyBook(this.rows, this.now);

  constructor(evicts = false) {
    this.#evicts = evicts;
  }

  /** A step after which rows are written, where it is time; `canWait`: or at once. */
  step<T>(act: (book: CopyBook) => T, canWait = true): T {
    const done = act(this.book);
    for (const [key, row] of this.book.toRows(this.now, canWait)) {
      if (this.rows.get(key) !== row) this.writes++;
      this.rows.set(key, row);
    }
    if (this.#evicts) this.evict();
    return done;
  }

  evict(): void {
    this.book = new CopyBook(this.rows, this.now);
  }
}

const copy = (key: string, usableForMs: number, said: Partial<Publication> = {}) => ({
  wire: 1,
  lease: "",
  key,
  hash: "h",
  loadedAt: NOW,
  freshUntil: NOW + 10,
  errorUntil: NOW + usableForMs,
  ...said,
});
const warmed = (...copies: readonly Publication[]) => ({
  wire: 1,
  copies: copies.map((each) => ({ ...each, isWritten: each.willWrite ?? true })),
});

describe.for(lives)("what is hot and where its copies are, %s", ([, evicts]) => {
  test("is told hottest first, with what is known of each", () => {
    const bed = new BookBed(evicts);
    bed.step(
      (book) =>
        book.heated(
          [
            ["a", 5],
            ["b", 9],
            ["c", 7],
          ],
          NOW,
        ),
      false,
    );
    bed.step((book) => book.warmed(warmed(copy("b", 1_000), copy("c", 2_000, { hash: "" })), NOW), false);
    const none = { loadedAt: 0, freshUntil: 0, errorUntil: 0, hash: "" };
    expect(bed.book.heat({ wire: 1, top: 2, kvWritesADay: 10 }, NOW)).toEqual({
      keys: [
        { key: "b", heat: 9, loadedAt: NOW, freshUntil: NOW + 10, errorUntil: NOW + 1_000, hash: "h" },
        { key: "c", heat: 7, ...none },
      ],
      kvWritesLeft: 8,
    });
  });

  test("lets nobody write to KV beyond the budget that the asker has", () => {
    const bed = new BookBed(evicts);
    bed.now = MIDNIGHT - 1_000; // all of the refreshes' share has fallen due
    bed.step((book) => book.warmed(warmed(copy("a", 5), copy("b", 5)), bed.now), false);
    const isDue = (kvWritesADay?: number) =>
      bed.book.isWriteDue({ ...copy("c", 5), ...(kvWritesADay && { kvWritesADay }) }, bed.now);
    expect([isDue(), isDue(4), isDue(3)]).toEqual([true, true, false]);
  });

  test("has refreshes spend the day's budget as it falls due, and the last of it on the hottest keys", () => {
    const bed = new BookBed(evicts);
    bed.now = MIDNIGHT;
    bed.step((book) => book.heated([["hot", 50]], bed.now), false);
    const aDay = 9_600; // 75 a quarter of an hour for refreshes
    const due = (key: string) => bed.book.isWriteDue({ ...copy(key, 5), kvWritesADay: aDay }, bed.now);
    const spend = (writes: number) => {
      for (let n = 0; n < writes; n++) bed.step((book) => book.published(copy(`k${n}-${bed.now}`, 5), bed.now), false);
    };
    spend(56);
    expect([due("any"), due("hot")]).toEqual([true, true]);
    spend(1);
    expect([due("any"), due("hot")]).toEqual([false, true]);
    spend(18);
    expect([due("any"), due("hot")]).toEqual([false, false]);
    bed.now += DAY_MS / 96; // another quarter's
    expect([due("any"), due("hot")]).toEqual([true, true]);
  });

  test("lets a key be written once in a while, also after it was evicted between any two writes, and counts each", () => {
    const bed = new BookBed(evicts);
    let written = 0;
    for (const endAt = bed.now + 3_600_000; bed.now < endAt; bed.now += 20_000) {
      const publication = { ...copy("a", DAY_MS), kvWritesADay: 1_000 };
      const willWrite = bed.book.isWriteDue(publication, bed.now);
      if (willWrite) written++;
      bed.step((book) => book.published({ ...publication, willWrite }, bed.now));
    }
    expect(written).toBe(12); // the same answer: once in five minutes
    expect(bed.book.kvWritesLeft(bed.now, 1_000)).toBe(988);
  });

  test("knows of a warming run's write when the next one is due", () => {
    const bed = new BookBed(evicts);
    bed.step((book) => book.warmed(warmed(copy("a", 5)), bed.now), false);
    const isDue = (hash: string) => bed.book.isWriteDue(copy("a", 5, { hash }), bed.now);
    bed.now += 29_999;
    expect([isDue("h"), isDue("other")]).toEqual([false, false]);
    bed.now += 1;
    expect([isDue("h"), isDue("other")]).toEqual([false, true]);
    bed.now += 270_000;
    expect(isDue("h")).toBe(true);
  });

  test("counts on no copy whose write came to nothing, and has it written again", () => {
    const bed = new BookBed();
    bed.step((book) => book.heated([["a", 50]], bed.now), false);
    bed.step((book) => book.published(copy("a", 60_000), bed.now));
    bed.now += 10_000;
    const next = copy("a", DAY_MS, { hash: "next", loadedAt: bed.now });
    bed.step((book) => book.published(next, bed.now));
    bed.step((book) => book.unwritten(next));
    expect(bed.book.runway(bed.now)).toEqual({ ms: 50_000, keys: 1 });
    expect(bed.book.isWriteDue(next, bed.now)).toBe(true);
    expect(bed.book.kvWritesLeft(bed.now, 10)).toBe(8);
    bed.step((book) => book.unwritten(next)); // said twice
    expect(bed.book.runway(bed.now)).toEqual({ ms: 50_000, keys: 1 });
  });

  test("counts KV's writes a day, by UTC, and tells what is left", () => {
    const bed = new BookBed(evicts);
    bed.now = MIDNIGHT - 1;
    bed.step((book) => book.warmed(warmed(copy("a", 5), copy("b", 5, { willWrite: false })), bed.now), false);
    expect([bed.book.kvWritesLeft(bed.now), bed.book.kvWritesLeft(bed.now, 1)]).toEqual([32_999, 0]);
    bed.now += 1;
    expect(bed.book.kvWritesLeft(bed.now, 1)).toBe(1);
    bed.step((book) => book.warmed(warmed(copy("a", 5)), bed.now), false);
    expect(bed.book.kvWritesLeft(bed.now, 5)).toBe(4);
  });

  test("tells an operator what is left of the budget that isolates go by, not of the paid plan's", () => {
    const bed = new BookBed(evicts);
    expect(bed.book.admin(bed.now).kv).toEqual({ writesToday: 0, writesADay: 33_000, writesLeft: 33_000 });
    bed.step((book) => {
      book.heat({ wire: 1, top: 1, kvWritesADay: 1_000 }, bed.now);
      book.warmed(warmed(copy("a", 5)), bed.now);
    }, false);
    expect(bed.book.admin(bed.now).kv).toEqual({ writesToday: 1, writesADay: 1_000, writesLeft: 999 });
  });

  test("tells an operator which keys' misses cost most", () => {
    const bed = new BookBed(evicts);
    bed.step((book) => book.missed([["a", 2, 70]], bed.now), false);
    expect(bed.book.admin(bed.now).dearest).toEqual([{ key: "a", misses: 2, waitedMs: 70 }]);
  });
});

describe.for(lives)("what warming was worth, %s", ([, evicts]) => {
  const hit = (key: string): [string, number][] => [[key, 3]];
  /** A run that wrote these; what was asked for is told a minute later. */
  function warmedBed(...keys: readonly string[]): BookBed {
    const bed = new BookBed(evicts);
    bed.step((book) => book.warmed(warmed(...keys.map((key) => copy(key, DAY_MS))), bed.now), false);
    bed.now += 60_000;
    return bed;
  }
  const worth = (bed: BookBed) => bed.book.admin(bed.now).warming;

  test("is the share of its copies that somebody wanted, each once", () => {
    const bed = warmedBed("a", "b", "c", "d");
    expect(worth(bed)).toEqual({ warmed: 4, used: 0, precision: 0 });
    for (const key of ["a", "b", "a", "elsewhere"]) bed.step((book) => book.heated(hit(key), bed.now), false);
    expect(worth(bed)).toEqual({ warmed: 4, used: 2, precision: 0.5 });
    expect(new BookBed(evicts).book.admin(NOW).warming).toEqual({ warmed: 0, used: 0, precision: null });
  });

  test("is not what was asked for before it, nor what another copy answered", () => {
    const bed = warmedBed("a", "b", "c");
    bed.now -= 31_000;
    bed.step((book) => book.heated(hit("a"), bed.now), false);
    bed.now += 31_000;
    bed.step((book) => book.published(copy("b", DAY_MS), bed.now), false);
    bed.step((book) => book.published(copy("c", DAY_MS, { hash: "" }), bed.now), false); // failed: the copy stays
    for (const key of ["b", "c"]) bed.step((book) => book.heated(hit(key), bed.now), false);
    expect(worth(bed)).toEqual({ warmed: 3, used: 1, precision: 0.333 });
  });

  test("counts copies that were written, in each run anew, and what failed not at all", () => {
    const bed = warmedBed("a");
    bed.step((book) => book.warmed(warmed(copy("a", 5), copy("b", 5, { willWrite: false })), bed.now), false);
    bed.step((book) => book.warmed(warmed(copy("c", 5, { hash: "" })), bed.now), false);
    bed.now += 60_000;
    for (const key of ["a", "b", "c"]) bed.step((book) => book.heated(hit(key), bed.now), false);
    expect(worth(bed)).toEqual({ warmed: 2, used: 1, precision: 0.5 });
  });

  test("is of the last day", () => {
    const bed = warmedBed("a", "b");
    bed.step((book) => book.heated(hit("a"), bed.now), false);
    bed.now += DAY_MS - 3_600_000;
    expect(worth(bed).warmed).toBe(2);
    bed.now += 3_600_000;
    expect(worth(bed)).toEqual({ warmed: 0, used: 0, precision: null });
    bed.step((book) => book.heated(hit("b"), bed.now), false);
    expect(worth(bed).used).toBe(0);
  });

  test("is remembered of no more keys than are hot", () => {
    const bed = new BookBed(evicts);
    const keys = Array.from({ length: 13_000 }, (_, at) => `k${at}`);
    bed.step((book) => book.warmed(warmed(...keys.map((key) => copy(key, DAY_MS))), bed.now), false);
    bed.now += 60_000;
    bed.step(
      (book) =>
        book.heated(
          keys.map((key) => [key, 1]),
          bed.now,
        ),
      false,
    );
    expect(worth(bed).used).toBe(12_000);
  });
});

describe("rows", () => {
  test("are written at most once a minute, by whichever instance, and none where nothing came", () => {
    const bed = new BookBed(true);
    bed.step((book) => book.heated([["a", 1]], bed.now));
    const first = bed.writes;
    for (let second = 0; second < 59; second++) {
      bed.now += 1_000;
      bed.step((book) => book.heated([["a", 1]], bed.now));
    }
    expect([first > 0, bed.writes - first]).toEqual([true, 0]);
    bed.now += 1_000;
    bed.step((book) => book.heated([["a", 1]], bed.now));
    expect(bed.writes).toBeGreaterThan(first);
    const { writes } = bed;
    bed.now += 600_000;
    bed.step((book) => book.heated([], bed.now));
    expect(bed.writes).toBe(writes);
  });

  test("bring back all but the last minute", () => {
    const bed = new BookBed();
    bed.step((book) => book.heated([["a", 4]], bed.now));
    bed.now += 30_000;
    bed.step((book) => book.heated([["b", 4]], bed.now));
    bed.evict();
    expect(bed.book.heat({ wire: 1, top: 9 }, bed.now).keys.map(({ key }) => key)).toEqual(["a"]);
  });
});

test("whether a copy is another than the last is known by its hash; the first is", () => {
  const { book } = new BookBed();
  expect(["h", "h", "i"].map((hash) => book.published(copy("a", 5, { hash }), NOW))).toEqual([true, false, true]);
});

describe("runway", () => {
  const heat = (...keys: readonly string[]) => keys.map((key): [string, number] => [key, 10]);

  test("is until the first of the hot keys has no copy left, and 0 from then on", () => {
    const { book } = new BookBed();
    book.heated(heat("a", "b"), NOW);
    book.published(copy("a", 60_000), NOW);
    book.published(copy("b", 90_000), NOW);
    expect([0, 59_999, 60_000, 80_000].map((ms) => book.runway(NOW + ms).ms)).toEqual([60_000, 1, 0, 0]);
    book.published(copy("a", 200_000, { loadedAt: NOW + 80_000 }), NOW + 80_000);
    expect(book.runway(NOW + 80_000)).toEqual({ ms: 10_000, keys: 2 });
  });

  test("is null where no hot key is known to have had a copy, and counts those that have", () => {
    const { book } = new BookBed();
    expect(book.runway(NOW)).toEqual({ ms: null, keys: 0 });
    book.heated(heat("a", "b"), NOW);
    book.published(copy("cold", 5), NOW);
    expect(book.runway(NOW + 5_000)).toEqual({ ms: null, keys: 0 });
    book.published(copy("b", 60_000), NOW);
    expect(book.runway(NOW + 5_000)).toEqual({ ms: 55_000, keys: 1 });
  });

  test("is that of the 100 hottest, which are asked for more than once or twice", () => {
    const { book } = new BookBed();
    book.heated(
      Array.from({ length: 101 }, (_, at) => [`k${at}`, 200 - at]),
      NOW,
    );
    book.heated([["seldom", 2]], NOW);
    for (const key of ["k0", "k99"]) book.published(copy(key, 60_000), NOW);
    for (const key of ["k100", "seldom"]) book.published(copy(key, 10), NOW);
    expect(book.runway(NOW)).toEqual({ ms: 60_000, keys: 2 });
    expect(book.admin(NOW)).toMatchObject({
      keys: 102,
      runway: { ms: 60_000, keys: 2, ofHotKeys: 100 },
      kv: { writesToday: 4 },
    });
    expect(book.admin(NOW).top).toHaveLength(20);
    expect(book.admin(NOW + 5).top[0]).toEqual({
      key: "k0",
      heat: 200,
      copy: { ageMs: 5, freshForMs: 5, usableForMs: 59_995 },
    });
  });
});

test("what was loaded and written nowhere all see it is no copy: neither the next run nor the runway counts on it", () => {
  const bed = new BookBed();
  bed.step((book) => book.heated([["a", 99]], bed.now));
  bed.step((book) => book.warmed(warmed(copy("a", 3_600_000)), bed.now));
  bed.now += 1_000_000;
  const later = { hash: "i", loadedAt: bed.now, freshUntil: bed.now + 10, errorUntil: bed.now + 3_600_000 };
  bed.step((book) => book.warmed(warmed(copy("a", 0, { ...later, willWrite: false })), bed.now));
  bed.step((book) => book.published(copy("a", 0, { ...later, willWrite: false }), bed.now));
  const known = () => bed.step((book) => book.heat({ wire: 1, top: 1 }, bed.now)).keys[0];
  expect(known()).toMatchObject({ hash: "h", loadedAt: NOW });
  bed.step((book) => book.published(copy("a", 0, later), bed.now));
  expect(known()).toMatchObject({ hash: "i", loadedAt: bed.now });
});

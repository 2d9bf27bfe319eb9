import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RefreshLeases } from "../../../../src/cache/refreshLeases.ts";
import { lives, NOW } from "./bumpBed.ts";

/** Leases with their storage and their clock. */
class LeaseBed {
  now = NOW;
  writes = 0;
  readonly rows = new Map<string, string>();
  readonly #evicts: boolean;
  #leases = new RefreshLeases(this.rows);

  constructor(evicts = false) {
    this.#evicts = evicts;
  }

  ask(loadedAt = 0, key = "k", colo = "FRA") {
    const answer = this.#leases.ask({ key, loadedAt, colo }, this.now);
    this.#keep();
    return answer;
  }

  /** The lease that is given; fails where none is. */
  granted(loadedAt = 0, key = "k", colo = "FRA"): string {
    const answer = this.ask(loadedAt, key, colo);
    if (answer.kind !== "granted") throw new Error(`${answer.kind}, not granted`);
    return answer.lease;
  }

  publish(lease: string, loadedAt: number, { hash = "h", key = "k", willWrite = true } = {}): boolean {
    const mayWrite = this.#leases.publish({ key, lease, hash, loadedAt, willWrite }, this.now);
    this.#keep();
    return mayWrite;
  }

  get keys(): number {
    return this.#leases.keys;
  }

  evict(): void {
    this.#leases = new RefreshLeases(this.rows);
  }

  #keep(): void {
    for (const [key, row] of this.#leases.toRows()) {
      if (this.rows.get(key) !== row) this.writes++;
      this.rows.set(key, row);
    }
    if (this.#evicts) this.evict();
  }
}

describe("a lease", () => {
  test("is one in the world; the others ask again in a quarter of a second, or when it ends", () => {
    const bed = new LeaseBed();
    expect(bed.ask()).toEqual({ kind: "granted", lease: expect.any(String), expiresInMs: 5_000 });
    bed.now += 2_000;
    expect(bed.ask()).toEqual({ kind: "taken", afterMs: 250 });
    bed.now += 2_900;
    expect(bed.ask()).toEqual({ kind: "taken", afterMs: 100 });
    bed.now -= 2_900;
    expect(bed.ask(0, "other").kind).toBe("granted");
    bed.now += 3_000;
    expect(bed.ask().kind).toBe("granted");
  });

  test("that was published under ends at once for who has the newest copy, and later for who has an older one", () => {
    const bed = new LeaseBed();
    expect(bed.publish(bed.granted(), NOW)).toBe(true);
    bed.now += 100;
    expect(bed.ask(NOW - 1)).toEqual({ kind: "published", loadedAt: NOW, afterMs: 400 });
    expect(bed.ask(0)).toMatchObject({ kind: "published" });
    bed.now += 74_900;
    expect(bed.ask(NOW - 1).kind).toBe("granted");
    const again = new LeaseBed();
    again.publish(again.granted(), NOW);
    expect(again.ask(NOW).kind).toBe("granted");
  });

  test("is one in each colo that does not show what was published after a moment, and stays in that colo", () => {
    const bed = new LeaseBed();
    bed.publish(bed.granted(), NOW);
    bed.now += 500;
    const [fra, ams] = ["FRA", "AMS"].map((colo) => bed.granted(NOW - 1, "k", colo));
    expect(bed.ask(NOW - 1, "k", "FRA")).toEqual({ kind: "taken", afterMs: 250 });
    expect(bed.ask(NOW).kind).toBe("granted"); // who has the newest copy asks for all the world
    bed.now += 100;
    expect([bed.publish(fra ?? "", bed.now), bed.publish(ams ?? "", bed.now)]).toEqual([false, false]);
    expect(bed.ask(NOW - 1, "k", "FRA").kind).toBe("granted");
  });

  test("of a load that failed is kept to its end: that is the pause before the next try", () => {
    const bed = new LeaseBed();
    const lease = bed.granted();
    bed.now += 500;
    expect([bed.publish(lease, NOW, { hash: "" }), bed.ask()]).toEqual([false, { kind: "taken", afterMs: 250 }]);
  });

  test("of what will not be written sends nobody to look for it", () => {
    const bed = new LeaseBed();
    expect(bed.publish(bed.granted(), NOW, { willWrite: false })).toBe(true);
    expect(bed.ask(NOW - 1).kind).toBe("granted");
  });

  test("may be published under after its end, unless somebody was given the key since", () => {
    const bed = new LeaseBed();
    const late = bed.granted();
    bed.now += 60_000;
    expect(bed.publish(late, NOW)).toBe(true);
    bed.now += 100_000;
    const first = bed.granted();
    bed.now += 5_000;
    const second = bed.granted();
    expect([bed.publish(first, NOW + 1), bed.publish(second, NOW + 2)]).toEqual([false, true]);
  });

  test("allows no older answer over a newer one", () => {
    const bed = new LeaseBed();
    bed.publish(bed.granted(), NOW + 10);
    expect(bed.publish(bed.granted(NOW + 10), NOW + 9)).toBe(false);
  });

  test("is not needed by who loaded without one, as long as nobody is at it", () => {
    const bed = new LeaseBed();
    expect(bed.publish("", NOW)).toBe(true);
    const lease = bed.granted(NOW);
    expect(bed.publish("", NOW + 1)).toBe(false);
    bed.now += 5_000;
    expect([bed.publish("", NOW + 2), bed.publish(lease, NOW + 3)]).toEqual([true, false]);
  });

  test.for(["", "x", "1.2.3.4", "-1.1.NaN", `0.1.${NOW + 1}`])(
    "%j that nobody gave is refused, where one is held",
    (lease) => {
      const bed = new LeaseBed();
      bed.granted();
      expect(bed.publish(lease, NOW)).toBe(false);
    },
  );

  test("from before the clock was set back holds nobody off", () => {
    const bed = new LeaseBed();
    bed.granted();
    bed.now -= 3_600_000;
    expect(bed.ask().kind).toBe("granted");
  });
});

describe("an instance that forgot its leases", () => {
  test("believes those of the one before it while they hold, and no older", () => {
    const bed = new LeaseBed();
    const [first, other] = [bed.granted(), bed.granted(0, "other")];
    bed.evict();
    expect(bed.publish(first, NOW)).toBe(true);
    bed.now += 5_001;
    expect(bed.publish(other, NOW, { key: "other" })).toBe(false);
  });

  test("refuses those of a key that it, or one between, gave to somebody else", () => {
    const bed = new LeaseBed();
    const first = bed.granted();
    bed.evict();
    const second = bed.granted();
    expect(bed.publish(first, NOW)).toBe(false);
    bed.evict();
    expect(bed.publish(first, NOW)).toBe(false);
    expect(bed.publish(second, NOW)).toBe(true);
  });

  test("stores one number in its life", () => {
    const bed = new LeaseBed();
    for (let at = 0; at < 50; at++) bed.publish(bed.granted(0, `k${at}`), NOW, { key: `k${at}` });
    expect(bed.writes).toBe(1);
  });
});

test("10,000 keys are remembered, and what is published under a forgotten one is refused", () => {
  const bed = new LeaseBed();
  const first = bed.granted(0, "first");
  for (let at = 0; at < 10_000; at++) bed.granted(0, `k${at}`);
  expect([bed.keys, bed.publish(first, NOW, { key: "first" })]).toEqual([10_000, false]);
});

describe.for(lives)("whatever happens, %s", ([, evicts]) => {
  test("nobody may write after somebody who was given the key later", () => {
    const step = fc.oneof(
      { arbitrary: fc.record({ does: fc.constant("ask") }), weight: 4 },
      { arbitrary: fc.record({ does: fc.constant("publish"), which: fc.nat() }), weight: 4 },
      { arbitrary: fc.record({ does: fc.constant("pass"), ms: fc.nat(4_000) }), weight: 3 },
      { arbitrary: fc.record({ does: fc.constant("evict") }), weight: 1 },
    );
    let written = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const bed = new LeaseBed(evicts);
        const given: string[] = [];
        for (const [at, each] of steps.entries()) {
          if (each.does === "pass") bed.now += each.ms;
          if (each.does === "evict") bed.evict();
          if (each.does === "ask") {
            const answer = bed.ask(Number.MAX_SAFE_INTEGER);
            if (answer.kind === "granted") given.push(answer.lease);
          }
          if (each.does !== "publish" || given.length === 0) continue;
          const which = each.which % given.length;
          const mayWrite = bed.publish(given[which] ?? "", NOW + at);
          if (mayWrite) expect(which).toBe(given.length - 1);
          written += mayWrite ? 1 : 0;
        }
      }),
      { numRuns: 1_000 },
    );
    expect(written).toBeGreaterThan(500);
  });
});

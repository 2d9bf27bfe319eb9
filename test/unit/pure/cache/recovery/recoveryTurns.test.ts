import { describe, expect, test } from "vitest";
import { MAX_RECOVERING_KEYS, RECOVERY_PATIENCE_MS } from "../../../../../src/cache/constants.ts";
import { RecoveryTurns } from "../../../../../src/cache/recovery/recoveryTurns.ts";

const RATE = 4;
const GAP_MS = 1_000 / RATE;

/** Keys that were asked for so often while the database was away. */
function waitingFor(times: Readonly<Record<string, number>>): RecoveryTurns {
  const turns = new RecoveryTurns();
  for (const [key, asked] of Object.entries(times)) for (let nth = 0; nth < asked; nth++) turns.wanted(key);
  return turns;
}

describe("while the database comes back", () => {
  test("turns come at the isolate's rate, the first at a random moment of one", () => {
    const turns = waitingFor({ a: 3, b: 2, c: 1 });
    expect(turns.take("a", RATE, 0, 0.5)).toBe(false);
    expect(turns.take("a", RATE, 0.5 * GAP_MS - 1, 0.5)).toBe(false);
    expect(turns.take("a", RATE, 0.5 * GAP_MS, 0.5)).toBe(true);
    expect(turns.take("b", RATE, 1.5 * GAP_MS - 1, 0.5)).toBe(false);
    expect(turns.take("b", RATE, 1.5 * GAP_MS, 0.5)).toBe(true);
    expect(turns.waiting).toBe(1);
  });

  // Of 1,024 places ten doublings: one each twentieth of a second.
  test.each([
    [0, "hottest"],
    [RECOVERY_PATIENCE_MS / 10 - 1, "hottest"],
    [RECOVERY_PATIENCE_MS / 10 + 1, "second"],
    [RECOVERY_PATIENCE_MS / 5 + 1, "fourth"],
    [(3 * RECOVERY_PATIENCE_MS) / 10 + 1, "fifth"],
  ] as const)("a turn that waits for %i ms is that of the %s or a hotter one", (waitsMs, coldest) => {
    const times = { hottest: 50, second: 40, third: 30, fourth: 20, fifth: 10 };
    const keys = Object.keys(times);
    for (const key of keys) {
      const turns = waitingFor(times);
      turns.take("nobody", RATE, 0, 0); // from here on turns come
      const mayTake = turns.take(key, RATE, GAP_MS + waitsMs, 0);
      expect([key, mayTake]).toEqual([key, keys.indexOf(key) <= keys.indexOf(coldest)]);
    }
  });

  test("a turn that nobody took in half a second is anybody's, and no more than those of that time are saved", () => {
    const turns = waitingFor(Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`k${at}`, at + 1])));
    turns.take("k0", RATE, 0, 0);
    const taken = Array.from({ length: 10 }, (_, at) => turns.take(`k${at}`, RATE, 60_000, 0));
    // 1 + 4 / 2 turns; the later ones are for hotter keys again.
    expect(taken[0]).toBe(true);
    expect(taken.filter(Boolean).length).toBeLessThanOrEqual(1 + (RATE * RECOVERY_PATIENCE_MS) / 1_000);
  });

  test("a turn of one that asked the database for nothing is the next one's", () => {
    const turns = waitingFor({ a: 2, b: 1 });
    turns.take("a", RATE, 0, 0);
    expect([turns.take("a", RATE, GAP_MS, 0), turns.take("b", RATE, GAP_MS, 0)]).toEqual([true, false]);
    turns.giveBack();
    expect(turns.take("b", RATE, GAP_MS, 0)).toBe(true);
  });

  test("what is new, whoever loaded it, waits no more and holds nobody off", () => {
    const turns = waitingFor({ a: 9, b: 1 });
    turns.settled("a");
    turns.take("b", RATE, 0, 0);
    expect(turns.take("b", RATE, GAP_MS, 0)).toBe(true);
  });

  test("a clock that goes back gives no turns", () => {
    const turns = waitingFor({ a: 1 });
    turns.take("a", RATE, 1_000, 0);
    expect(turns.take("a", RATE, 0, 0)).toBe(false);
    expect(turns.take("a", RATE, GAP_MS - 1, 0)).toBe(false);
  });

  test("when it goes again turns begin anew, and who was wanted is known", () => {
    const turns = waitingFor({ a: 2, b: 1 });
    turns.take("a", RATE, 0, 0);
    turns.away();
    turns.giveBack(); // of a refresh of before
    expect(turns.take("a", RATE, 60_000, 0.99)).toBe(false);
    expect(turns.waiting).toBe(2);
    turns.over();
    expect(turns.waiting).toBe(0);
  });

  test("so many keys are counted: one more takes the place of the least wanted", () => {
    const turns = new RecoveryTurns();
    for (let at = 0; at < MAX_RECOVERING_KEYS; at++) for (const _ of [1, 2]) turns.wanted(`k${at}`);
    turns.wanted("rare");
    turns.wanted("rarer");
    expect(turns.waiting).toBe(MAX_RECOVERING_KEYS);
    turns.settled("rare"); // it made room for the other
    expect(turns.waiting).toBe(MAX_RECOVERING_KEYS);
    turns.settled("rarer");
    expect(turns.waiting).toBe(MAX_RECOVERING_KEYS - 1);
  });
});

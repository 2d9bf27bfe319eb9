import { describe, expect, test } from "vitest";
import { NOW } from "./call.ts";
import { sharedVisits } from "./sharedVisits.ts";

const THING = "/things/a";
const FRESH_MS = 10_000;
const STALE_MS = 70_000;
const ERROR_MS = 3_610_000;

/** A copy that an isolate loaded, in the hands of another one of the same colo whose clock is ahead by so much. */
async function neighbours(aheadMs: number) {
  const [one, other] = [sharedVisits(), sharedVisits()];
  await one.visit(THING);
  for (const [key, entry] of one.colo.held) other.colo.held.set(key, entry);
  other.state.version = 2;
  return async (trueMs: number) => {
    other.state.now = NOW + trueMs + aheadMs;
    const reply = await other.visit(THING);
    return { reply, isFresh: /;hit;ttl=\d+(?:,|$)/.test(reply.headers.get("cache-status") ?? "") };
  };
}

describe.each([-5_000, -1, 1, 5_000])("an isolate whose clock is %i ms off its neighbour's", (aheadMs) => {
  test("never tells a negative age", async () => {
    const visit = await neighbours(aheadMs);
    for (const ms of [0, 1, 999, 4_999, 5_000, 9_999]) {
      const { reply } = await visit(ms);
      expect(Number(reply.headers.get("age")), `${ms} ms`).toBeGreaterThanOrEqual(0);
      expect(reply.headers.get("cdn-cache-control"), `${ms} ms`).toMatch(/^max-age=\d+, /);
    }
  });

  test("gives nothing as fresh beyond its end by more than that, nor refuses it earlier by more", async () => {
    for (const [ms, isFresh] of [
      [FRESH_MS - aheadMs - 1, true],
      [FRESH_MS - aheadMs, false],
    ] as const) {
      const visit = await neighbours(aheadMs);
      const { reply, ...said } = await visit(ms);
      expect(said, `${ms} ms`).toEqual({ isFresh });
      expect(reply.text, `${ms} ms`).toBe('{"id":"a","version":1}'); // as fresh, or once more while it is refreshed
    }
    const visit = await neighbours(aheadMs);
    expect((await visit(STALE_MS - aheadMs)).reply.text).toBe('{"id":"a","version":2}');
  });

  test("gives nothing for want of a database beyond that end by more than that", async () => {
    for (const [ms, status] of [
      [ERROR_MS - aheadMs - 1, 200],
      [ERROR_MS - aheadMs, 503],
    ] as const) {
      const [one, other] = [sharedVisits(), sharedVisits()];
      await one.visit(THING);
      for (const [key, entry] of one.colo.held) other.colo.held.set(key, entry);
      other.state.database = "fails";
      other.state.mayRead = false;
      other.state.now = NOW + ms + aheadMs;
      expect((await other.visit(THING)).status, `${ms} ms`).toBe(status);
    }
  });
});

describe("while the clock stands still, as it does in a request between two answers of the outside", () => {
  test("a thousand visits make one load, and one refresh of what a write made old", async () => {
    const { visit, state } = sharedVisits();
    for (let nth = 0; nth < 500; nth++) await visit(THING);
    state.version = 2;
    state.known = { seq: 6, latest: () => 6 } as never;
    const given = [];
    for (let nth = 0; nth < 500; nth++) given.push((await visit(THING)).text);
    expect(given.filter((text) => text.includes('"version":1'))).toHaveLength(1);
    expect(state.reads.length).toBe(2);
  });

  test("what is never fresh and what is gone are loaded once a visit", async () => {
    const { visit, state } = sharedVisits();
    await visit(THING);
    state.database = "has nothing";
    state.known = { seq: 6, latest: () => 6 } as never;
    await visit(THING); // once more, and found gone behind it
    state.now += 5_000; // its own seconds are over
    const before = state.reads.length;
    for (let nth = 0; nth < 20; nth++) expect((await visit(THING)).status).toBe(404);
    expect(state.reads.length - before).toBe(1);
  });

  test("a load that fails is not tried again before the clock goes on, and then is", async () => {
    const { visit, state } = sharedVisits();
    await visit(THING);
    state.now += STALE_MS + 1;
    state.database = "fails";
    const before = state.reads.length;
    for (let nth = 0; nth < 20; nth++) expect((await visit(THING)).status).toBe(200);
    expect(state.reads.length - before).toBe(1);
    state.now += 1_000;
    state.database = "answers";
    expect((await visit(THING)).headers.get("cache-status")).not.toContain("stale-if-error");
  });
});

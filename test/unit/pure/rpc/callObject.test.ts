import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Called, type CallMemory, callObject } from "../../../../src/rpc/callObject.ts";
import { QUOTA_PAUSE_MS } from "../../../../src/rpc/constants.ts";

const DEADLINE_MS = 2_000;
const RESET = "Durable Object reset because its code was updated.";
const OVERLOADED = "Durable Object is overloaded. Too many requests queued.";
const QUOTA = "Exceeded allowed duration in Durable Objects free tier.";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What one try of a call does. */
type Try = () => Promise<string>;

const answers =
  (value: string, afterMs = 0): Try =>
  () =>
    new Promise((resolve) => setTimeout(() => resolve(value), afterMs));
const fails =
  (message: string, afterMs = 0, flags: object = {}): Try =>
  () =>
    new Promise((_, reject) => setTimeout(() => reject(Object.assign(new Error(message), flags)), afterMs));
const hangs: Try = () => new Promise(() => undefined);
const throws =
  (thrown: unknown): Try =>
  () => {
    throw thrown;
  };

/** An object whose tries go as told, one after the other; each stub is broken for good by its first error. */
function object(...tries: readonly Try[]) {
  const stubs: { calls: number }[] = [];
  const times: number[] = [];
  const memory: CallMemory = { quotaUntil: 0 };
  const call = (random = 0.5) =>
    callObject(
      () => {
        const stub = { calls: 0 };
        stubs.push(stub);
        return stub;
      },
      (stub) => {
        stub.calls++;
        if (stub.calls > 1) throw new Error("a used stub was called again");
        times.push(Date.now());
        const next = tries[times.length - 1];
        if (!next) throw new Error("called more often than expected");
        return next();
      },
      { deadlineMs: DEADLINE_MS, now: Date.now, random: () => random, memory },
    );
  return { call, stubs, times, memory };
}

/** Ends the call, moving the clock as far as it needs. */
async function ended<T>(call: Promise<Called<T>>, ms = 10 * DEADLINE_MS): Promise<Called<T>> {
  await vi.advanceTimersByTimeAsync(ms);
  return call;
}

test("an answer comes with how long it took", async () => {
  const { call, stubs } = object(answers("well", 300));
  expect(await ended(call())).toEqual({ kind: "answered", value: "well", tookMs: 300 });
  expect(stubs).toHaveLength(1);
});

test.for<[string, Try, string]>([
  ["overloaded", fails(OVERLOADED), "overloaded"],
  [
    "overloaded, though the platform says that it may be retried",
    fails("x", 0, { overloaded: true, retryable: true }),
    "overloaded",
  ],
  ["of an older deploy", fails('The RPC receiver does not implement the method "runs".'), "missing"],
  ["out of quota", fails(QUOTA), "quota"],
  ["throwing for its own reasons", fails("no such table: rows"), "failed"],
  ["one whose namespace is not bound", throws(new TypeError("x.getByName is not a function")), "missing"],
  ["throwing nothing", throws(undefined), "failed"],
  ["throwing what cannot be told", throws(Object.create(null)), "failed"],
])("an object that is %s is not asked a second time", async ([, first, trouble]) => {
  const { call, stubs } = object(first);
  expect(await ended(call())).toMatchObject({ kind: "failed", trouble });
  expect(stubs).toHaveLength(1);
});

describe("an object that was reset", () => {
  test("is asked once more, on a new stub, after a pause that chance chooses", async () => {
    for (const random of [0.1, 0.25, 0.99]) {
      const { call, stubs, times } = object(fails(RESET, 10), answers("well"));
      const startedAt = Date.now();
      expect(await ended(call(random))).toMatchObject({ kind: "answered", value: "well" });
      expect(stubs.map(({ calls }) => calls)).toEqual([1, 1]);
      expect((times[1] ?? 0) - startedAt).toBe(Math.trunc(10 + random * 100));
    }
  });

  test("counts the first try and the pause into the time that the answer took", async () => {
    const { call } = object(fails(RESET, 40), answers("well", 60));
    expect(await ended(call(0.5))).toMatchObject({ tookMs: 150 });
  });

  test("twice is not asked a third time", async () => {
    const { call, stubs } = object(fails(RESET), fails(RESET));
    expect(await ended(call())).toMatchObject({ kind: "failed", trouble: "reset", message: RESET });
    expect(stubs).toHaveLength(2);
  });

  test("is not asked again when the pause would end past the deadline", async () => {
    const { call, stubs } = object(fails(RESET, DEADLINE_MS - 50), answers("well"));
    expect(await ended(call(0.5))).toMatchObject({ kind: "failed", trouble: "reset", tookMs: DEADLINE_MS - 50 });
    expect(stubs).toHaveLength(1);
  });

  test("leaves the second try what the first has left of the time", async () => {
    const { call } = object(fails(RESET, 1_500), hangs);
    expect(await ended(call(0.5))).toMatchObject({ kind: "failed", trouble: "timeout", tookMs: DEADLINE_MS });
  });

  test("tells what the second try said, where that is another trouble", async () => {
    const { call } = object(fails(RESET), fails(OVERLOADED));
    expect(await ended(call())).toMatchObject({ kind: "failed", trouble: "overloaded" });
  });

  test("is left alone where the pause came late and no time is left", async () => {
    let now = 0;
    const called = callObject(
      () => ({}),
      () => {
        now = 10; // and while the pause lasts the thread is busy elsewhere until long past the deadline
        setTimeout(() => {
          now = 5_000;
        }, 1);
        return Promise.reject(new Error(RESET));
      },
      { deadlineMs: DEADLINE_MS, now: () => now, random: () => 0.5, memory: { quotaUntil: 0 } },
    );
    expect(await ended(called)).toMatchObject({ kind: "failed", trouble: "reset", tookMs: 5_000 });
  });
});

test("a hang ends at the deadline, and no sooner", async () => {
  const { call } = object(hangs);
  let isOver = false;
  const called = call().finally(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(DEADLINE_MS - 1);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isOver).toBe(true);
  expect(await called).toEqual({
    kind: "failed",
    trouble: "timeout",
    message: "no answer in 2000 ms",
    tookMs: DEADLINE_MS,
  });
});

test("what comes after the deadline changes nothing, be it an answer or an error", async () => {
  for (const late of [answers("late", DEADLINE_MS + 1), fails(QUOTA, DEADLINE_MS + 1), fails(RESET, DEADLINE_MS + 1)]) {
    const { call, stubs, memory } = object(late);
    const called = await ended(call());
    expect(called).toMatchObject({ kind: "failed", trouble: "timeout" });
    await vi.advanceTimersByTimeAsync(10_000); // an unhandled rejection would fail the run
    expect([stubs.length, memory.quotaUntil]).toEqual([1, 0]);
  }
});

test("nothing of a call goes on once it ended", async () => {
  const { call } = object(answers("well"));
  await ended(call(), 0);
  expect(vi.getTimerCount()).toBe(0);
});

describe("a spent allowance", () => {
  test("stops all calls for ten minutes, of every object that shares the memory", async () => {
    const { call, stubs } = object(fails(QUOTA), answers("well"));
    await ended(call(), 0);
    await vi.advanceTimersByTimeAsync(QUOTA_PAUSE_MS - 1);
    expect(await ended(call(), 0)).toEqual({ kind: "failed", trouble: "quota", message: "out of quota", tookMs: 0 });
    expect(stubs).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await ended(call(), 0)).toMatchObject({ kind: "answered" });
  });

  test("is not believed for longer than that, though the clock was put back", async () => {
    const { call } = object(fails(QUOTA), answers("well"));
    await ended(call(), 0);
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(await ended(call(), 0)).toMatchObject({ kind: "answered" });
  });
});

test("a clock that is put back during a call makes no time negative and no deadline longer", async () => {
  const { call } = object(fails(RESET, 100), hangs);
  const called = call(0.5);
  await vi.advanceTimersByTimeAsync(50);
  vi.setSystemTime(0);
  expect(await ended(called, 2 * DEADLINE_MS + 200)).toMatchObject({ kind: "failed", trouble: "timeout", tookMs: 0 });
});

test("whatever an object does, a call ends within its deadline, on stubs used once, and never throws", async () => {
  const aTry = fc.oneof(
    fc.nat(3_000).map((ms) => answers("well", ms)),
    fc.tuple(fc.constantFrom(RESET, OVERLOADED, QUOTA, "else"), fc.nat(3_000)).map(([words, ms]) => fails(words, ms)),
    fc.constant(hangs),
    fc.anything({ withNullPrototype: true }).map(throws),
    fc.anything().map(
      (value): Try =>
        () =>
          value as Promise<string>,
    ), // no promise at all
  );
  await fc.assert(
    fc.asyncProperty(aTry, aTry, fc.double({ min: 0, max: 0.999, noNaN: true }), async (first, second, random) => {
      const { call, stubs } = object(first, second);
      const startedAt = Date.now();
      let endedAt = Number.NaN;
      const called = call(random).finally(() => {
        endedAt = Date.now();
      });
      const result = await ended(called);
      expect(endedAt - startedAt).toBeLessThanOrEqual(DEADLINE_MS);
      expect(["answered", "failed"]).toContain(result.kind);
      expect(stubs.length).toBeLessThanOrEqual(2);
      expect(stubs.every(({ calls }) => calls === 1)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

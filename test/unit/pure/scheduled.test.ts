import { afterEach, describe, expect, test, vi } from "vitest";
import { EVERY_FIVE_MINUTES, NIGHTLY } from "../../../src/cronTriggers.ts";
import { query } from "../../../src/database/query.ts";
import type { IsolateState } from "../../../src/isolate.ts";
import { EXCHANGE_DEADLINE_MS } from "../../../src/rpc/constants.ts";
import { runCron } from "../../../src/scheduled.ts";
import { bed, PRIMARY, type Reply, result, run, type Sent, sqlError } from "./database/bed.ts";
import { breakerPart } from "./exchange/parts.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** A new isolate over a primary that may sleep. The objects know when the application last asked it. */
function newIsolate(queryAgeMs: number | null, reply: (sent: Sent, nth: number) => Reply = () => result()) {
  const made = bed({ roles: { p: PRIMARY }, maySleep: ["p"], reply });
  const health = [{ node: "p", successAgeMs: queryAgeMs, failureAgeMs: null, queryAgeMs }];
  const hear = () => made.state.view.adopt({ breaker: breakerPart({ health }) }, 0, Date.now());
  const exchange = { hasFailed: false, exchangeNow: vi.fn(async () => hear().breaker) };
  const modes = { breaker: "on", replicas: "on", cache: "on" };
  const { instruments } = made.state;
  const state = {
    config: { mode: "on", modes },
    database: made.state,
    objects: { missing: [] },
    exchange,
    instruments,
  };
  const ctx = { waitUntil: (work: Promise<unknown>) => made.waiting.push(work) };
  const cron = (expression: string) =>
    // The parts that a cron needs; the rest of an isolate is not needed here.
    run(
      runCron({ cron: expression, scheduledTime: 300_000 }, state as unknown as IsolateState, ctx, {
        nightly: [],
        sharedTarget: () => undefined,
        refresh: (scheduledMs) => [query("app.step", "SELECT …", [scheduledMs])],
      }).catch(
        () => "failed", // the scripted primary's answers are none that maintenance understands
      ),
    );
  return { ...made, exchange, hear, cron };
}

describe.for([EVERY_FIVE_MINUTES, NIGHTLY])("the cron %s in an isolate that knows nothing yet", (expression) => {
  test("hears from the others that the database is awake, and works on it", async () => {
    const { cron, asked } = newIsolate(10_000);
    await cron(expression);
    expect(asked).toContain("p");
  });

  test("leaves a database asleep that nobody asked for long", async () => {
    const { cron, asked, exchange } = newIsolate(300_000);
    await cron(expression);
    expect(asked).toEqual([]);
    expect(exchange.exchangeNow).toHaveBeenCalledTimes(1);
  });

  test("waits for the news that another event's exchange brings", async () => {
    const { cron, asked, exchange, hear } = newIsolate(10_000);
    exchange.exchangeNow.mockResolvedValue(false); // one is under way
    setTimeout(hear, 300);
    await cron(expression);
    expect(asked).toContain("p");
  });

  test("goes on without news where the objects do not answer, after two seconds at most", async () => {
    const { cron, asked, exchange, elapsedMs } = newIsolate(10_000);
    exchange.exchangeNow.mockResolvedValue(false);
    await cron(expression);
    expect(asked).toEqual([]);
    expect(elapsedMs()).toBeLessThanOrEqual(EXCHANGE_DEADLINE_MS);
  });
});

describe("what the application keeps up to date", () => {
  const names = (sent: readonly Sent[]) => sent.flatMap(({ statements }) => statements.map(({ name }) => name));

  test("is sent for the run's scheduled time until nothing is left, and statistics come afterwards", async () => {
    const { cron, sent } = newIsolate(10_000, ({ statements: [first] }, nth) =>
      first?.name === "app.step" ? result(["done"], [nth === 0 ? 3 : 0]) : result(["id"]),
    );
    await cron(EVERY_FIVE_MINUTES);
    expect(names(sent)).toEqual(["app.step", "app.step", "breakwater.newest-mark"]);
    expect(sent[0]?.statements[0]?.values).toEqual([300_000]);
  });

  test("hides nothing of the statistics where it fails", async () => {
    const { cron, sent } = newIsolate(10_000, ({ statements: [first] }) =>
      first?.name === "app.step" ? sqlError("42P01") : result(["id"]),
    );
    expect(await cron(EVERY_FIVE_MINUTES)).toEqual({ value: "failed" });
    expect(names(sent)).toEqual(["app.step", "breakwater.newest-mark"]);
  });

  test("is left alone in a database that sleeps", async () => {
    const { cron, sent } = newIsolate(300_000);
    expect(await cron(EVERY_FIVE_MINUTES)).toEqual({ value: undefined });
    expect(sent).toEqual([]);
  });
});

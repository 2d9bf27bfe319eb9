import { afterEach, describe, expect, test, vi } from "vitest";
import { AfterEvents, type EventKind } from "../../../src/afterEvent.ts";
import { OPEN_AFTER_RUN } from "../../../src/breaker/constants.ts";
import { URGENT_CHECK_AGE_MS } from "../../../src/health/constants.ts";
import type { IsolateState } from "../../../src/isolate.ts";
import { bed, THREE } from "./database/bed.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** An isolate over three scripted nodes, each of which answered a check so long ago; undefined: never. */
function isolate({
  mode = "on",
  hasFailed = false,
  seenAgoMs,
}: {
  mode?: string;
  hasFailed?: boolean;
  seenAgoMs?: number;
}) {
  const made = bed({ roles: { ...THREE } });
  const exchange = { hasFailed, afterResponse: vi.fn() };
  const modes = { breaker: mode, replicas: mode, cache: mode };
  const state = { config: { mode, modes }, database: made.state, checksInFlight: new Map(), exchange };
  if (seenAgoMs !== undefined) {
    for (const { name } of made.state.nodes) {
      made.state.observe(name, { failure: undefined, kind: "check", now: Date.now() - seenAgoMs });
    }
  }
  const waiting: Promise<unknown>[] = [];
  const ctx = { waitUntil: (work: Promise<unknown>) => waiting.push(work) };
  const after = new AfterEvents();
  // The parts that are looked at behind an event; the rest of an isolate is not needed here.
  const event = (kind: EventKind) => after.afterEvent(state as unknown as IsolateState, ctx, kind);
  return { ...made, event, exchange, waiting };
}

describe("behind an event", () => {
  test("visitors' requests are counted, and questions are not", () => {
    const { event, state } = isolate({ seenAgoMs: 0 });
    for (const kind of ["traffic", "question", "traffic"] as const) event(kind);
    expect(state.ledger.take(Date.now()).requests).toBe(2);
  });

  test("the exchange does what is due, each time", () => {
    const { event, exchange } = isolate({ seenAgoMs: 0 });
    for (let index = 0; index < 3; index++) event("traffic");
    expect(exchange.afterResponse).toHaveBeenCalledTimes(3);
  });

  test.for<[EventKind, number | undefined, boolean]>([
    ["question", 9_999, false],
    ["question", 10_000, true],
    ["traffic", 10_000, false],
    ["traffic", URGENT_CHECK_AGE_MS + 1, true],
    ["traffic", undefined, true],
  ])("of kind %s evidence of age %s is urgent: %s", ([kind, seenAgoMs, isUrgent]) => {
    const { event, state, waiting } = isolate(seenAgoMs === undefined ? {} : { seenAgoMs });
    event(kind);
    expect(state.ledger.urgentAt !== undefined).toBe(isUrgent);
    expect(waiting).toEqual([]); // the world grants the check
  });

  test("an isolate whose objects do not answer looks for itself", async () => {
    const { event, asked, waiting } = isolate({ hasFailed: true });
    event("traffic");
    expect(waiting).toHaveLength(1);
    expect(asked.sort()).toEqual(["a", "b", "p"]);
  });

  test("it is not looked again with every request", () => {
    const { event, asked } = isolate({ hasFailed: true });
    for (let index = 0; index < 100; index++) event("traffic");
    expect(asked).toHaveLength(3);
  });

  test("nothing is done that is switched off", () => {
    const { event, asked, exchange, state } = isolate({ mode: "off" });
    event("question");
    expect([asked, exchange.afterResponse.mock.calls, state.ledger.isEmpty]).toEqual([[], [], true]);
  });

  test("switched off, a node that attempts opened is probed all the same: health must not call it open for ever", async () => {
    const { event, asked, state } = isolate({ mode: "off" });
    for (let index = 0; index < OPEN_AFTER_RUN; index++) {
      state.observe("p", { failure: "infrastructure", kind: "read", now: Date.now() });
    }
    expect(state.breakers.admits("p", Date.now())).toBe(false);
    for (let second = 0; second < 6; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      event("traffic");
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(state.breakers.admits("p", Date.now())).toBe(true);
    expect(asked).toEqual(["p", "p"]);
  });
});

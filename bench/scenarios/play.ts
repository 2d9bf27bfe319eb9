import type { ReadEnd } from "../../tools/simulator/simulatedNodes.ts";
import { ATTEMPT_MS, CALM_S, LOOK_MS } from "./constants.ts";
import type { Guard } from "./guard.ts";
import { type Scenario, scriptOf } from "./scenarios.ts";
import type { Arrival } from "./trace.ts";

/** One request as it ended. Times are seconds since the trouble began. */
interface Ended {
  readonly atS: number;
  readonly end: ReadEnd;
  /** Whether the node would have answered it in time. */
  readonly isAnswerable: boolean;
}

/** All that happened before one guard. */
export interface Played {
  readonly requests: readonly Ended[];
  /** When each question of any kind reached the node. */
  readonly reachedS: readonly number[];
  /** When each isolate's breaker first stood open; undefined: never. */
  readonly openedS: readonly (number | undefined)[];
  readonly mostProbes: number;
}

/** Plays a trace of requests to a node in trouble, before one guard, in virtual time. */
export async function play(
  scenario: Scenario,
  trace: readonly Arrival[],
  guard: Guard,
  seconds: number,
): Promise<Played> {
  const { scheduler, database } = guard;
  const startsAt = scheduler.now();
  const beginsAt = startsAt + CALM_S * 1_000;
  const script = scriptOf(scenario, beginsAt);
  const requests: Ended[] = [];
  const reachedS: number[] = [];
  const openedS: (number | undefined)[] = [];
  const atS = () => (scheduler.now() - beginsAt) / 1_000;
  database.script = (now, luck) => {
    reachedS.push(atS());
    return script(now, luck);
  };
  const serve = async (arrival: Arrival) => {
    const came = atS();
    const { answer, afterMs } = script(scheduler.now(), arrival.luck);
    const end = await guard.visit(arrival);
    requests.push({ atS: came, end, isAnswerable: answer === "ok" && afterMs <= ATTEMPT_MS });
  };
  const next = (index: number) => {
    const arrival = trace[index];
    if (!arrival) return;
    scheduler.at(startsAt + arrival.atMs, () => {
      next(index + 1);
      scheduler.background(serve(arrival));
    });
  };
  const isolates = 1 + trace.reduce((most, { isolate }) => Math.max(most, isolate), 0);
  const look = () => {
    for (let isolate = 0; isolate < isolates; isolate++) {
      if (openedS[isolate] === undefined && guard.isOpen(isolate)) openedS[isolate] = atS();
    }
    scheduler.after(LOOK_MS, look);
  };
  scheduler.at(beginsAt, () => {
    database.mostProbes = 0;
    look();
  });
  next(0);
  await inVirtualTime(scheduler.now, () => scheduler.run(seconds * 1_000));
  openedS.length = isolates;
  return { requests, reachedS, openedS, mostProbes: database.mostProbes };
}

/** cockatiel has no clock but the host's. */
async function inVirtualTime(now: () => number, run: () => Promise<void>): Promise<void> {
  const { now: real } = Date;
  const { stackTraceLimit } = Error;
  Date.now = now;
  Error.stackTraceLimit = 0; // each of its refusals is an Error
  try {
    await run();
  } finally {
    Date.now = real;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

import { AFTER_S, CALM_S } from "./constants.ts";
import { type Figures, figuresOf } from "./figures.ts";
import type { Guard, GuardOptions } from "./guard.ts";
import { ours } from "./ours.ts";
import { perIsolate } from "./perIsolate.ts";
import { play } from "./play.ts";
import type { Scenario } from "./scenarios.ts";
import { traceOf } from "./trace.ts";

/** `perIsolate`: cockatiel with a share over a window. `perIsolateRun`: cockatiel with a run of failures. */
export type Compared = Readonly<Record<"ours" | "perIsolate" | "perIsolateRun", Figures>>;

export interface CompareOptions extends GuardOptions {
  /** Requests a second of each isolate. */
  readonly requestsPerSecond: number;
}

/** One scenario, one trace, one node; three guards before it, one after the other. */
export async function compare(scenario: Scenario, options: CompareOptions): Promise<Compared> {
  const seconds = CALM_S + scenario.lastsS + AFTER_S;
  const trace = traceOf({ ...options, seconds });
  const figures = async (guard: Guard) => figuresOf(await play(scenario, trace, guard, seconds), scenario);
  return {
    ours: await figures(ours(options)),
    perIsolate: await figures(perIsolate(options, "sampling")),
    perIsolateRun: await figures(perIsolate(options, "run")),
  };
}

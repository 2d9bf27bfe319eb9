import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
  type IBreaker,
  IterableBackoff,
  SamplingBreaker,
} from "cockatiel";
import { OPEN_AFTER_RUN, OPEN_JITTER } from "../../src/breaker/constants.ts";
import { Random } from "../../tools/seed/random.ts";
import { Scheduler } from "../../tools/simulator/scheduler.ts";
import { SimulatedDatabase } from "../../tools/simulator/simulatedDatabase.ts";
import { ATTEMPT_MS, NODE, SAMPLING, WAITS_MS } from "./constants.ts";
import type { Guard, GuardOptions } from "./guard.ts";

/** Thrown in an attempt that failed; no Error, whose stack would cost more than all else. */
const FAILED = { name: "failed" } as const;

/** A share of the last ten seconds, as ours; a run of failures, as ours. cockatiel has either, never both. */
export type Rule = "sampling" | "run";

/** One breaker of cockatiel's in each isolate, which knows nothing of any other. It reads `Date.now`: `play` replaces that. */
export function perIsolate({ seed, isolates }: GuardOptions, rule: Rule): Guard {
  const random = new Random(seed);
  const scheduler = new Scheduler();
  const database = new SimulatedDatabase([NODE], scheduler, random);
  const policies = Array.from({ length: isolates }, () => {
    const waits = WAITS_MS.map((ms) => ms * (1 + OPEN_JITTER * (2 * random.next() - 1)));
    return circuitBreaker(handleAll, { halfOpenAfter: new IterableBackoff(waits), breaker: breakerOf(rule) });
  });
  const policy = (index: number) => {
    const found = policies[index];
    if (!found) throw new Error(`there is no isolate ${index}`);
    return found;
  };
  return {
    scheduler,
    database,
    visit: async ({ isolate, luck }) => {
      const breaker = policy(isolate);
      let wasSent = false;
      const attempt = async () => {
        wasSent = true;
        const purpose = breaker.state === CircuitState.HalfOpen ? "probe" : "request";
        if ((await database.ask(NODE, ATTEMPT_MS, false, { purpose, luck })) !== "ok") throw FAILED;
      };
      const end = await breaker.execute(attempt).then(
        () => "answered" as const,
        () => undefined,
      );
      return end ?? (wasSent ? "failed" : "refused");
    },
    isOpen: (isolate) => policy(isolate).state !== CircuitState.Closed,
  };
}

function breakerOf(rule: Rule): IBreaker {
  switch (rule) {
    case "sampling":
      return new SamplingBreaker(SAMPLING);
    case "run":
      return new ConsecutiveBreaker(OPEN_AFTER_RUN);
    default:
      return rule satisfies never;
  }
}

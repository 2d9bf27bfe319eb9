import type { Scheduler } from "../../tools/simulator/scheduler.ts";
import type { SimulatedDatabase } from "../../tools/simulator/simulatedDatabase.ts";
import type { ReadEnd } from "../../tools/simulator/simulatedNodes.ts";
import type { Arrival } from "./trace.ts";

/** Isolates, each with a breaker before one node, in a virtual time of their own. */
export interface Guard {
  readonly scheduler: Scheduler;
  readonly database: SimulatedDatabase;
  /** One request, sent once at most. */
  readonly visit: (arrival: Arrival) => Promise<ReadEnd>;
  /** Whether that isolate's breaker lets no request through. */
  readonly isOpen: (isolate: number) => boolean;
}

export interface GuardOptions {
  readonly seed: number;
  readonly isolates: number;
  readonly colos: number;
}

/** The faults that a test bed can order: what both its Workers and its users speak of. Imports nothing but the like. */
import type { StoreFault } from "../cache/storeFault.ts";

/** The classes whose calls can be made to fail. */
export type BreakableClass = "Collector" | "CircuitBreaker" | "ReplicaCoordinator" | "CacheCoordinator" | "Prober";

/**
 * What becomes of a call. `hang`: no answer until the fault is lifted; `slow`: late by `ms`; `throw`: an error of the
 * object's own; `overloaded`: the platform's refusal; `reset`: the object is restarted under the call, before it did
 * anything; `dropAnswer`: all is done, and then the answer is lost, as `by` says. `times`: for so many calls only.
 */
export type ObjectFault = { readonly times?: number } & (
  | { readonly kind: "hang" | "throw" | "overloaded" | "reset" }
  | { readonly kind: "slow"; readonly ms: number }
  | { readonly kind: "dropAnswer"; readonly by: "throw" | "hang" | "reset" }
);

/** What becomes of what lies in the colo's Cache API: the copy of the view, and answers. */
export type CopyFault = StoreFault;

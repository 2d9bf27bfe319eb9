/** The faults that a test bed can order: what both its Workers and its users speak of. Imports nothing. */

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

/**
 * What becomes of the colo's copy of the view. `throwing`: each use throws; `unreadable`: what is read is no copy;
 * `swallowing`: what is put is never found; `hanging`: no use ever ends.
 */
export type CopyFault = "throwing" | "unreadable" | "swallowing" | "hanging";

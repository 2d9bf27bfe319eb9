import { type Called, type CallMemory, callObject } from "../rpc/callObject.ts";
import { ADMIN_DEADLINE_MS } from "../rpc/constants.ts";
import type { LocationHint } from "../rpc/locationHint.ts";
import {
  type CacheCoordinatorStub,
  type CircuitBreakerStub,
  type CollectorStub,
  type ObjectBindings,
  OWNER_NAMES,
  type ReplicaCoordinatorStub,
} from "../rpc/stubs.ts";

/** The objects, as an isolate reaches them: each call within a deadline, on a new stub per try, never thrown. */
export class ObjectAccess {
  readonly #bindings: ObjectBindings;
  readonly #ownersHint: LocationHint;
  readonly memory: CallMemory = { quotaUntil: 0 };

  constructor(bindings: ObjectBindings, ownersHint: LocationHint) {
    this.#bindings = bindings;
    this.#ownersHint = ownersHint;
  }

  /** `hint`: where the Collector is to live, should this be its first call. */
  collector<T>(
    name: string,
    hint: LocationHint,
    invoke: (stub: CollectorStub) => Promise<T>,
    deadlineMs: number = ADMIN_DEADLINE_MS,
  ): Promise<Called<T>> {
    return this.#call(() => this.#bindings.COLLECTOR.getByName(name, { locationHint: hint }), invoke, deadlineMs);
  }

  breaker<T>(invoke: (stub: CircuitBreakerStub) => Promise<T>): Promise<Called<T>> {
    return this.#call(() => this.#bindings.CIRCUIT_BREAKER.getByName(OWNER_NAMES.breaker, this.#options), invoke);
  }

  replicas<T>(
    invoke: (stub: ReplicaCoordinatorStub) => Promise<T>,
    deadlineMs: number = ADMIN_DEADLINE_MS,
  ): Promise<Called<T>> {
    const open = () => this.#bindings.REPLICA_COORDINATOR.getByName(OWNER_NAMES.replicas, this.#options);
    return this.#call(open, invoke, deadlineMs);
  }

  cache<T>(
    invoke: (stub: CacheCoordinatorStub) => Promise<T>,
    deadlineMs: number = ADMIN_DEADLINE_MS,
  ): Promise<Called<T>> {
    const open = () => this.#bindings.CACHE_COORDINATOR.getByName(OWNER_NAMES.cache, this.#options);
    return this.#call(open, invoke, deadlineMs);
  }

  get #options() {
    return { locationHint: this.#ownersHint };
  }

  #call<Stub, T>(
    open: () => Stub,
    invoke: (stub: Stub) => Promise<T>,
    deadlineMs: number = ADMIN_DEADLINE_MS,
  ): Promise<Called<T>> {
    return callObject(open, invoke, { deadlineMs, now: Date.now, random: Math.random, memory: this.memory });
  }
}

/** The bindings, where the Worker has all four; else the names of those that are missing. */
export function objectBindings(env: object): ObjectBindings | { readonly missing: string[] } {
  const names = ["COLLECTOR", "CIRCUIT_BREAKER", "REPLICA_COORDINATOR", "CACHE_COORDINATOR"];
  const missing = names.filter((name) => !(name in env));
  // `wrangler.toml` binds them to the classes in `objects/`, which implement these very stubs.
  return missing.length > 0 ? { missing } : (env as ObjectBindings);
}

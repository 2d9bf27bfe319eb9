/**
 * The objects' methods, as their callers see them. All messages are JSON text: their length is their size, what was
 * frozen is sent again byte for byte, and an older or newer class meets words it can leave out. A method, once
 * deployed, keeps its meaning; new ones are added.
 */
export interface CollectorStub {
  exchange(report: string, heldMs: number, bulk?: string): Promise<string>;
  /** Totals as `Totals` writes them: text by metric family. */
  totals(): Promise<string>;
  stats(): Promise<string>;
}

export interface CircuitBreakerStub {
  digest(digest: string): Promise<string>;
  admin(): Promise<string>;
  /** Operators' orders (`breakerOrder.ts`); each answers with what became of it. */
  hold(order: string): Promise<string>;
  release(order: string): Promise<string>;
  reincarnate(order: string): Promise<string>;
}

export interface ReplicaCoordinatorStub {
  digest(digest: string): Promise<string>;
  admin(): Promise<string>;
  /** An operator's order (`replicaOrder.ts`); answers with what became of it. */
  order(order: string): Promise<string>;
}

export interface CacheCoordinatorStub {
  digest(digest: string): Promise<string>;
  admin(): Promise<string>;
  /** An operator's order (`purgeOrderSchema`), durable before it is answered. */
  purge(order: string): Promise<string>;
  /** A cron run wants to begin, or has ended. */
  beginRun(run: string): Promise<string>;
  endRun(run: string): Promise<string>;
  runs(): Promise<string>;
  /** The right to load a key anew, and what came of it (`refreshLease.ts`). */
  lease(question: string): Promise<string>;
  publish(publication: string): Promise<string>;
  /** What is hot, and what a warming run made of it. */
  heat(question: string): Promise<string>;
  warmed(copies: string): Promise<string>;
}

export interface ProberStub {
  /** Asks nodes one small question each: `{nodes}` → `{answers: [{node, outcome, sample?}]}`. */
  sample(question: string): Promise<string>;
}

/** A namespace of objects, as far as it is used. */
interface Namespace<Stub> {
  getByName(name: string, options?: { locationHint?: string }): Stub;
}

/** The bindings by their names in wrangler.toml. */
export interface ObjectBindings {
  readonly COLLECTOR: Namespace<CollectorStub>;
  readonly CIRCUIT_BREAKER: Namespace<CircuitBreakerStub>;
  readonly REPLICA_COORDINATOR: Namespace<ReplicaCoordinatorStub>;
  readonly CACHE_COORDINATOR: Namespace<CacheCoordinatorStub>;
}

/** One of each in the world; another name is another object, and a way to move it. */
export const OWNER_NAMES = { breaker: "breaker", replicas: "replicas", cache: "cache" } as const;

import type { Random } from "../seed/random.ts";
import type { Scheduler } from "./scheduler.ts";

/** The ways that messages take. */
export const EDGES = [
  "isolate-collector",
  "collector-breaker",
  "collector-replicas",
  "collector-cache",
  "owner-prober",
  "colo-copy",
] as const;
export type Edge = (typeof EDGES)[number];

/** What one way does to messages, each direction by itself. */
export interface EdgeConditions {
  /** `refused`: an error at once. `silent`: nothing ever arrives. */
  readonly cut: "no" | "refused" | "silent";
  /** One way takes at least so long, and so much more on average, exponentially distributed: messages overtake. */
  readonly leastMs: number;
  readonly meanMs: number;
  readonly drop: number;
  readonly duplicate: number;
}

/** Half of a round trip of 30 ms in a region, and of 100 ms to the owners (`docs/design/world.md`). */
const FAR: EdgeConditions = { cut: "no", leastMs: 40, meanMs: 10, drop: 0, duplicate: 0 };
const NEAR: EdgeConditions = { ...FAR, leastMs: 10, meanMs: 5 };

const HEALTHY: Readonly<Record<Edge, EdgeConditions>> = {
  "isolate-collector": NEAR,
  "collector-breaker": FAR,
  "collector-replicas": FAR,
  "collector-cache": FAR,
  "owner-prober": { ...NEAR, leastMs: 1, meanMs: 1 },
  "colo-copy": { ...NEAR, leastMs: 1, meanMs: 1 },
};

/** Carries calls between the parts, under conditions that a scenario may change at any time. */
export class Network {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #edges = new Map<Edge, EdgeConditions>();

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
  }

  conditions(edge: Edge): EdgeConditions {
    return this.#edges.get(edge) ?? HEALTHY[edge];
  }

  set(edge: Edge, changes: Partial<EdgeConditions>): void {
    this.#edges.set(edge, { ...this.conditions(edge), ...changes });
  }

  /** As it was at first. */
  mend(edge: Edge): void {
    this.#edges.delete(edge);
  }

  /** One call and its answer. Never settles where either was lost; a repeated call is answered by the first of both. */
  call<T>(edge: Edge, deliver: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const answer = () =>
        deliver().then(
          (value) => this.#send(edge, () => resolve(value), reject),
          (error: unknown) => this.#send(edge, () => reject(error), reject),
        );
      this.#send(edge, answer, reject);
    });
  }

  #send(edge: Edge, arrive: () => unknown, refuse: (error: Error) => void): void {
    const { cut, leastMs, meanMs, drop, duplicate } = this.conditions(edge);
    if (cut === "silent") return;
    const delayMs = () => leastMs - meanMs * Math.log(1 - this.#random.next());
    if (cut === "refused") {
      this.#scheduler.after(leastMs, () => refuse(new Error("Network connection lost.")));
      return;
    }
    if (this.#random.next() >= drop) this.#scheduler.after(delayMs(), arrive);
    if (duplicate > 0 && this.#random.next() < duplicate) this.#scheduler.after(delayMs(), arrive);
  }
}

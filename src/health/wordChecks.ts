import { ageOf, type Held } from "../rpc/held.ts";
import type { Stamp } from "../rpc/stamp.ts";
import { type HealthCheck, healthCheck } from "./healthCheck.ts";
import { seconds } from "./seconds.ts";

/** The coordination objects' words, as this isolate holds them. */
export interface Words {
  readonly breaker: Held<Stamp> | undefined;
  readonly replicas: Held<Stamp> | undefined;
  readonly cache: Held<Stamp> | undefined;
  /** Age up to which a word is fresh. */
  readonly softMs: number;
}

/** How old each object's word is, and which way it came. Never `fail`: without them the isolate looks after itself. */
export function wordChecks({ softMs, ...words }: Words, now: number): readonly HealthCheck[] {
  return Object.entries(words).map(([owner, held]) => {
    const named = { componentId: owner, componentType: "component" } as const;
    if (!held) return healthCheck({ ...named, status: "warn", output: "not heard of yet", source: "local-only" }, now);
    const ageMs = ageOf(held, now);
    const isFresh = ageMs <= softMs;
    const source = isFresh ? (held.viaNeighbour ? "cached" : "fresh") : "fail-static";
    const output = `last heard of ${seconds(ageMs)} ago`;
    return healthCheck({ ...named, status: isFresh ? "pass" : "warn", ageMs, output, source }, now);
  });
}

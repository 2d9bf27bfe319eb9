import type { Fault } from "./faultSchema.ts";

/** A delay in milliseconds, never negative, from the distribution and a source of numbers in [0, 1). */
export function drawDelay(distribution: NonNullable<Fault["distribution"]>, random: () => number): number {
  switch (distribution.kind) {
    case "uniform":
      return distribution.fromMs + (distribution.toMs - distribution.fromMs) * random();
    case "exponential":
      return -distribution.meanMs * Math.log(1 - random());
    case "normal": {
      // Box and Muller's transform; 1 - random() is never 0.
      const deviation = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      return Math.max(0, distribution.meanMs + distribution.deviationMs * deviation);
    }
    default:
      return distribution satisfies never;
  }
}

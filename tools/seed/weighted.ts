import type { Random } from "./random.ts";

/** One of the choices, each as often as its weight says; the weights sum to 1. */
export function weighted<T>(choices: readonly [readonly [T, number], ...(readonly [T, number])[]], random: Random): T {
  let rest = random.next();
  for (const [choice, weight] of choices) {
    rest -= weight;
    if (rest < 0) return choice;
  }
  return choices[0][0];
}

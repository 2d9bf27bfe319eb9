import type { CountedWorld } from "./countedWorld.ts";

/** From the first failure: until the world's word that the nodes are open stood in an isolate, over all of them. */
export interface Delays {
  readonly meanMs: number;
  readonly worstMs: number;
  /** Isolates that had not heard by the end. */
  readonly unheard: number;
}

export function outageDelays(world: CountedWorld, since: number): Delays {
  const delays = world.isolates.flatMap(({ heardOpenAt }) => (heardOpenAt === undefined ? [] : [heardOpenAt - since]));
  return {
    meanMs: Math.round(delays.reduce((sum, delay) => sum + delay, 0) / Math.max(1, delays.length)),
    worstMs: delays.reduce((worst, delay) => Math.max(worst, delay), 0),
    unheard: world.isolates.length - delays.length,
  };
}

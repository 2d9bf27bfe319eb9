import { RETRY_FLOOR, WORLD_RETRY_FLOOR } from "./constants.ts";

/**
 * What one isolate may retry in a window whatever its traffic: the floor, or where there are more than 500
 * isolates its part of what the world may. `reporters`: as many as the world last counted, undefined before it said
 * anything. The shares of traffic need no such division: each isolate's own share is its part of the world's.
 */
export function floorShare(reporters: number | undefined): number {
  if (reporters === undefined) return RETRY_FLOOR;
  return Math.min(RETRY_FLOOR, WORLD_RETRY_FLOOR / Math.max(1, reporters));
}

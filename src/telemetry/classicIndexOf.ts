import { CLASSIC_BOUNDS_SECONDS } from "./constants.ts";

/** Which of the exposed buckets a duration in seconds stands in; the one after the last bound has none. */
export function classicIndexOf(seconds: number): number {
  const index = CLASSIC_BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
  return index < 0 ? CLASSIC_BOUNDS_SECONDS.length : index;
}

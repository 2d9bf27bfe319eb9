export const MINUTE_MS = 60_000;

/** The beginning of the minute: what is kept of times where a row for each would be one a second. */
export function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

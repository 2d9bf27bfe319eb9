import { MAX_HOLD_MS, OPEN_JITTER, OPEN_MAX_MS, RAMP_MS } from "./constants.ts";
import type { Phase } from "./phase.ts";

/** No wait is longer: 6 s and a fifth, rounded up. */
const LONGEST_WAIT_MS = Math.ceil(OPEN_MAX_MS * (1 + OPEN_JITTER)) + 1;

/**
 * How long the state lasts, should nothing happen; 0: it is over, or ends by evidence alone. A clock that was set back
 * must not make a wait of hours: one that is longer than any is over.
 */
export function leftMs(phase: Phase, now: number): number {
  switch (phase.state) {
    case "closed":
    case "half-open":
      return 0;
    case "open":
      return within(phase.until - now, LONGEST_WAIT_MS);
    case "ramping":
      return within(phase.since + RAMP_MS - now, RAMP_MS);
    case "forced-open":
    case "forced-closed":
    case "shadow":
      return within(phase.hold.until - now, MAX_HOLD_MS);
    default:
      return phase satisfies never;
  }
}

function within(ms: number, longestMs: number): number {
  return ms > longestMs ? 0 : Math.max(0, ms);
}

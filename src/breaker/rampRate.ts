import { RAMP_RATES_PER_S, RAMP_STEP_MS } from "./constants.ts";

/**
 * Requests a second that the world may send a node which ramps up since `sinceMs`. Each holder of the verdict works it
 * out from the time alone, since news take longer than a step; the end of the ramp is told, and until it is heard of the
 * last step's rate holds.
 */
export function rampRatePerS(sinceMs: number): number {
  const passed = Math.max(0, Math.floor(sinceMs / RAMP_STEP_MS));
  return RAMP_RATES_PER_S[Math.min(passed, RAMP_RATES_PER_S.length - 1)] ?? RAMP_RATES_PER_S[0];
}

import { BACK_OFF_JITTER } from "./constants.ts";
import type { Limits } from "./limits.ts";

/** How long to wait before attempt `next` (the second one is 2); `random` is from 0 to 1. */
export function backOff(next: number, limits: Pick<Limits, "backOffMs" | "maxBackOffMs">, random: number): number {
  const whole = Math.min(limits.maxBackOffMs, limits.backOffMs * 2 ** (next - 2));
  return Math.round(whole * (1 - BACK_OFF_JITTER * random));
}

import { RAMP_BURST_MS } from "./constants.ts";
import { hasFailedRamp } from "./tripRule.ts";

/**
 * One isolate's share of a node's ramp: tokens that come at its rate, one a request. A share of less than one request a
 * second begins with a random part of a token, so that isolates do not all send their first at one time, and together
 * they send what the rate says, however many they are.
 */
export class RampGate {
  #ramp = "";
  #tokens = 0;
  #at = 0;
  /** What came back of this ramp. */
  #ok = 0;
  #bad = 0;

  /** Whether there is a token now. `ramp` names the ramp: another begins anew. `random` is in [0, 1). */
  hasRoom(ramp: string, ratePerS: number, now: number, random: number): boolean {
    if (ramp !== this.#ramp) {
      this.#ramp = ramp;
      this.#ok = 0;
      this.#bad = 0;
      this.#tokens = ratePerS >= 1 ? 1 : random;
      this.#at = now;
    }
    const most = Math.max(1, (ratePerS * RAMP_BURST_MS) / 1_000);
    const come = (ratePerS * Math.max(0, now - this.#at)) / 1_000;
    this.#tokens = Math.min(most, this.#tokens + come);
    this.#at = now;
    return this.#tokens >= 1;
  }

  /** What came of one that was sent. True: of this ramp more was bad than good here. */
  hasFailed(isBad: boolean): boolean {
    if (isBad) this.#bad++;
    else this.#ok++;
    return isBad && hasFailedRamp({ ok: this.#ok, failed: this.#bad, slow: 0 });
  }

  /** Takes one, where there is one: who goes on without, since nothing acts, owes none. */
  take(): void {
    if (this.#tokens >= 1) this.#tokens--;
  }
}

import { RateGate } from "./rateGate.ts";
import { hasFailedRamp } from "./tripRule.ts";

/** One isolate's share of a node's ramp, and what came of it. */
export class RampGate {
  readonly #share = new RateGate();
  #ramp = "";
  /** What came back of this ramp. */
  #ok = 0;
  #bad = 0;

  /** Whether there is room now. `ramp` names the ramp: another begins anew. `random` is in [0, 1). */
  hasRoom(ramp: string, ratePerS: number, now: number, random: number): boolean {
    if (ramp !== this.#ramp) {
      this.#ramp = ramp;
      this.#ok = 0;
      this.#bad = 0;
    }
    return this.#share.hasRoom(ramp, ratePerS, now, random);
  }

  /** What came of one that was sent. True: of this ramp more was bad than good here. */
  hasFailed(isBad: boolean): boolean {
    if (isBad) this.#bad++;
    else this.#ok++;
    return isBad && hasFailedRamp({ ok: this.#ok, failed: this.#bad, slow: 0 });
  }

  /** Takes its part, where there is room: who goes on without, since nothing acts, owes none. */
  take(): void {
    this.#share.take();
  }
}

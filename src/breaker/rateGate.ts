import { RAMP_BURST_MS } from "./constants.ts";

/**
 * One isolate's share of a rate that the world may send: a node's ramp, or what may spill to the primary. Tokens that come
 * at its rate, one a request. A share of less than one request a second begins with a random part of a token, so that
 * isolates do not all send their first at one time, and together they send what the rate says, however many they are.
 */
export class RateGate {
  readonly #burstMs: number;
  readonly #beginsFull: boolean;
  #name: string | undefined;
  #tokens = 0;
  #at = 0;

  /** What was not used is saved up for `burstMs`, and for one request at least. `beginsFull`: as if it had been. */
  constructor({ burstMs = RAMP_BURST_MS, beginsFull = false } = {}) {
    this.#burstMs = burstMs;
    this.#beginsFull = beginsFull;
  }

  /** Whether there is a token now. `name` names the ramp: another begins anew. `random` is in [0, 1). */
  hasRoom(name: string, ratePerS: number, now: number, random: number): boolean {
    const most = Math.max(1, (ratePerS * this.#burstMs) / 1_000);
    if (name !== this.#name) {
      this.#name = name;
      this.#tokens = ratePerS < 1 ? random : this.#beginsFull ? most : 1;
      this.#at = now;
    }
    const come = (ratePerS * Math.max(0, now - this.#at)) / 1_000;
    this.#tokens = Math.min(most, this.#tokens + come);
    this.#at = now;
    return this.#tokens >= 1;
  }

  /** Takes one, where there is one: who goes on without, since nothing acts, owes none. */
  take(): void {
    if (this.#tokens >= 1) this.#tokens--;
  }
}

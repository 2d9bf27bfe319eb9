import type { FlightPorts } from "./coalesce.ts";
import { FAILED_PAUSE_MAX_MS, FAILED_PAUSE_MS, MAX_FAILED_KEYS } from "./constants.ts";

/**
 * `outage`: the database cannot be asked. `mistake`: of ours, or of whoever set us up. `answer`: what the visitor is to be
 * told, whatever copy there is.
 */
export type LoadFailure = "outage" | "mistake" | "answer";

type FailureOf = (error: unknown) => LoadFailure;

/** Keys whose last load failed: while there is a copy to give, no request loads them before a pause is over, which doubles. */
export class FailedKeys {
  readonly #failureOf: FailureOf;
  readonly #failed = new Map<string, { readonly at: number; readonly pauseMs: number }>();

  constructor(failureOf: FailureOf) {
    this.#failureOf = failureOf;
  }

  /**
   * A load failed, and a copy is given instead. All who waited for one load say so: it counts once. A mistake, of which the
   * visitor hears nothing, is handed on as work that failed, which is reported as any is.
   */
  failed(key: string, error: unknown, flight: Pick<FlightPorts, "now" | "waitUntil">): void {
    const now = flight.now();
    if (this.isPaused(key, now)) return;
    if (this.#failureOf(error) === "mistake") flight.waitUntil(Promise.reject(error));
    const before = this.#failed.get(key);
    const pauseMs = Math.min(FAILED_PAUSE_MAX_MS, before ? 2 * before.pauseMs : FAILED_PAUSE_MS);
    this.#failed.delete(key);
    this.#failed.set(key, { at: now, pauseMs });
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > MAX_FAILED_KEYS && oldest !== undefined) this.#failed.delete(oldest);
  }

  succeeded(key: string): void {
    this.#failed.delete(key);
  }

  isPaused(key: string, now: number): boolean {
    const failed = this.#failed.get(key);
    return failed !== undefined && Math.abs(now - failed.at) < failed.pauseMs;
  }
}

import { FAILED_PAUSE_MAX_MS, FAILED_PAUSE_MS, MAX_FAILED_KEYS } from "./constants.ts";

/** Keys whose last load failed: while there is a copy to give, no request loads them before a pause is over, which doubles. */
export class FailedKeys {
  readonly #failed = new Map<string, { readonly at: number; readonly pauseMs: number }>();

  failed(key: string, now: number): void {
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

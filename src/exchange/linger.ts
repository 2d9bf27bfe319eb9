import { LINGER_MAX_MS } from "./constants.ts";

/**
 * Who stays behind, so that what the last request told does not wait for the next one for ever: one event at a time,
 * as nothing runs in an isolate without one, and none for longer than the platform lets it live.
 */
export class Linger {
  /** Until when somebody stays. */
  #until = 0;

  /** Whether an event that began at `since` is to stay for `ms` more. */
  isWanted(ms: number, now: number, since: number): boolean {
    if (Math.abs(now + ms - since) > LINGER_MAX_MS) return false;
    const isSomebodyThere = this.#until > now && this.#until - now <= LINGER_MAX_MS;
    return !isSomebodyThere || now + ms < this.#until - 1;
  }

  async stay(ms: number, now: number, sleep: (ms: number) => Promise<void>): Promise<void> {
    const until = now + ms;
    this.#until = until;
    await sleep(ms);
    if (this.#until === until) this.#until = 0; // a timer may fire a little early, and its owner goes on
  }
}

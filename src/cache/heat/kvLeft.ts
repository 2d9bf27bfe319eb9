import { DAY_MS } from "../constants.ts";

/** What is left of the day's writes to KV as this isolate was last told: nothing is written beyond it, by whatever isolate. */
export class KvLeft {
  readonly #aDay: number;
  #writes: number;
  #day = -1;

  constructor(aDay: number) {
    this.#aDay = aDay;
    this.#writes = aDay;
  }

  told(writes: number, now: number): void {
    this.#writes = writes;
    this.#day = Math.floor(now / DAY_MS);
  }

  /** What was told yesterday says nothing of today. */
  isAny(now: number): boolean {
    return (this.#day === Math.floor(now / DAY_MS) ? this.#writes : this.#aDay) > 0;
  }
}

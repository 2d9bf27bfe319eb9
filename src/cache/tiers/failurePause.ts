/** Leaves alone for a while what failed so many times in a row. */
export class FailurePause {
  readonly #failures: number;
  readonly #pauseMs: number;
  #inARow = 0;
  #until = 0;

  constructor(failures: number, pauseMs: number) {
    this.#failures = failures;
    this.#pauseMs = pauseMs;
  }

  failed(now: number): void {
    this.#inARow++;
    if (this.#inARow >= this.#failures) this.#until = now + this.#pauseMs;
  }

  worked(): void {
    this.#inARow = 0;
  }

  /** Never for longer than a pause is, though the clock be put back. After it, one more failure begins the next. */
  isOn(now: number): boolean {
    return this.#until > now && this.#until - now <= this.#pauseMs;
  }
}

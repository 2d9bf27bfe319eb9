/** An object's one alarm: set only where it has to ring sooner than it would, since each setting is a row. */
export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  /** When it rings, as far as this instance knows. */
  #at: number | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** It rang. */
  rang(): void {
    this.#at = undefined;
  }

  /**
   * Must ring at `at` at the latest; undefined: need not, and what is set is taken back, or the guard of a run that came
   * to its end would ring for ever. One in the past counts as none: it may never ring again.
   */
  mustRing(at: number | undefined, now: number): void {
    if (at === undefined) {
      if (this.#at !== undefined) this.#storage.deleteAlarm();
      this.#at = undefined;
      return;
    }
    if (this.#at !== undefined && this.#at > now && this.#at <= at) return;
    this.setFor(at);
  }

  setFor(at: number): void {
    this.#at = at;
    this.#storage.setAlarm(at); // durable with the other writes of this turn, without being awaited
  }
}

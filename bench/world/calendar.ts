/** What is due in which tick, so that nobody looks at all isolates in each. */
export class Calendar<T extends { readonly dueAt: number }> {
  readonly #tickMs: number;
  readonly #ticks = new Map<number, T[]>();

  constructor(tickMs: number) {
    this.#tickMs = tickMs;
  }

  /** To be looked at in the tick of its `dueAt`, or the next if that has begun; once more than needed does no harm. */
  file(item: T, now: number): void {
    const tick = Math.max(Math.floor(now / this.#tickMs) + 1, Math.ceil(item.dueAt / this.#tickMs));
    const filed = this.#ticks.get(tick);
    if (filed) filed.push(item);
    else this.#ticks.set(tick, [item]);
  }

  /** Whoever is due in this tick, and no more in it afterwards. */
  take(now: number): readonly T[] {
    const tick = Math.floor(now / this.#tickMs);
    const filed = this.#ticks.get(tick) ?? [];
    this.#ticks.delete(tick);
    return filed;
  }
}

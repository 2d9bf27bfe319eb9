interface Due {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that passes when it is told to. What is due wakes in order of its time, and is let run to where it waits again. */
export class VirtualClock {
  #now: number;
  /** A binary heap, the earliest first. */
  readonly #due: Due[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;

  readonly sleep = (ms: number): Promise<void> =>
    new Promise((wake) => {
      this.#push({ at: this.#now + ms, wake });
    });

  async advanceTo(at: number): Promise<void> {
    for (let next = this.#due[0]; next && next.at <= at; next = this.#due[0]) {
      this.#now = Math.max(this.#now, next.at);
      for (; next && next.at <= this.#now; next = this.#due[0]) this.#pop()?.wake();
      await settled();
    }
    this.#now = at;
  }

  #push(due: Due): void {
    const heap = this.#due;
    let place = heap.push(due) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (!above || above.at <= due.at) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = due;
  }

  #pop(): Due | undefined {
    const heap = this.#due;
    const first = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      const child = (heap[right]?.at ?? Number.POSITIVE_INFINITY) < (heap[left]?.at ?? 0) ? right : left;
      const below = heap[child];
      if (!below || below.at >= last.at) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}

/** Everything that waits for nothing but promises has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * The simulator: isolates, colos, Collectors and owners in virtual time, over a network that loses, delays, repeats and
 * reorders, on the pure code that production runs. `tools/simulator/` may import everything pure, and nothing of the
 * platform; what the shells in `objects/` and `src/` do with clocks and stubs is done here with virtual ones.
 */

interface Event {
  readonly at: number;
  /** Events of one moment happen in the order in which they were planned. */
  readonly order: number;
  /** Undefined: called off. */
  work: (() => unknown) | undefined;
}

/** An arbitrary Tuesday: owners' incarnations and rows hold wall-clock times. */
const EPOCH_MS = 1_800_000_000_000;

/** A virtual clock: time stands still until every promise that an event set going has come to rest. */
export class Scheduler {
  #now = EPOCH_MS;
  #order = 0;
  readonly #heap: Event[] = [];
  #held = 0;
  #error: unknown;
  /** Events so far: two runs of one seed have the same. */
  events = 0;

  readonly now = (): number => this.#now;

  readonly sleep = (ms: number): Promise<void> => new Promise((resolve) => this.after(ms, resolve));

  /** Returns what calls it off again. */
  after(ms: number, work: () => unknown): () => void {
    return this.at(this.#now + Math.max(0, ms), work);
  }

  /** Whole milliseconds: the wire takes nothing else for an incarnation. */
  at(at: number, work: () => unknown): () => void {
    const event: Event = { at: Math.max(Math.ceil(at), this.#now), order: this.#order++, work };
    this.#push(event);
    return () => {
      event.work = undefined;
    };
  }

  /** Work that the host does in its own time (the body of a `Response`): virtual time waits for it. */
  async hold<T>(work: Promise<T>): Promise<T> {
    this.#held++;
    try {
      return await work;
    } finally {
      this.#held--;
    }
  }

  /** Work that nobody awaits, and that must not fail. */
  background(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.fail(error));
  }

  /** Ends the run with this error. */
  fail(error: unknown): void {
    this.#error ??= error ?? new Error("failed with nothing");
  }

  /** Lets that much time pass. Throws what went wrong meanwhile. */
  async run(forMs: number): Promise<void> {
    const until = this.#now + forMs;
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      if (!next.work) continue;
      this.#now = next.at;
      this.events++;
      const result = next.work();
      if (result instanceof Promise) this.background(result);
      await this.#settle();
      if (this.#error !== undefined) throw this.#error;
    }
    this.#now = until;
  }

  /** A turn of the host's loop runs all microtasks there are, however many follow from each other. */
  async #settle(): Promise<void> {
    do await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#held > 0);
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, event)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const [a, b] = [heap[left], heap[right]];
      if (a === undefined) break;
      const [child, below] = b !== undefined && isBefore(b, a) ? [right, b] : [left, a];
      if (isBefore(last, below)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

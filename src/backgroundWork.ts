import type { EventContext } from "./eventContext.ts";

/** What handlers leave to be done after the answer: kept alive by the platform, and known until it has ended. */
export class BackgroundWork {
  readonly #ctx: EventContext;
  readonly #works: Promise<unknown>[] = [];

  constructor(ctx: EventContext) {
    this.#ctx = ctx;
  }

  add(work: Promise<unknown>): void {
    this.#works.push(work);
    this.#ctx.waitUntil(work);
  }

  /** When all of it has ended, well or not, with what it added itself: then nobody needs the event's connections any more. */
  async ended(): Promise<void> {
    for (let count = 0; count < this.#works.length; ) {
      count = this.#works.length;
      await Promise.allSettled(this.#works);
    }
  }
}

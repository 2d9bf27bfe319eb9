/** What the core needs of a Worker's event: work that goes on after the response. */
export interface EventContext {
  waitUntil(work: Promise<unknown>): void;
}

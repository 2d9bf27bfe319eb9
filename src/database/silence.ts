/**
 * Nodes that owe answers. A frozen node fails nobody until the first attempt's time is over; until then every new
 * request would join those that wait. One answer, good or bad, ends the silence.
 */
export class Silence {
  readonly #nodes = new Map<string, { inFlight: number; since: number }>();

  /** An attempt left for the node. */
  began(node: string, now: number): void {
    const entry = this.#nodes.get(node);
    if (entry && entry.inFlight > 0) entry.inFlight++;
    else this.#nodes.set(node, { inFlight: 1, since: now });
  }

  /** An attempt ended; `answered` unless we gave it up. */
  ended(node: string, answered: boolean, now: number): void {
    const entry = this.#nodes.get(node);
    if (!entry) return;
    entry.inFlight = Math.max(0, entry.inFlight - 1);
    if (answered) entry.since = now;
  }

  /** How long the node has owed an answer, in milliseconds; 0 when it owes none. */
  ofMs(node: string, now: number): number {
    const entry = this.#nodes.get(node);
    return entry && entry.inFlight > 0 ? Math.max(0, now - entry.since) : 0;
  }
}

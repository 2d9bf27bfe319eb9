/** A replica that lacked a session's write is taken to lag for this long: most that do are there again by then. */
const LAGS_FOR_MS = 500;

/** Replicas that lacked a session's own write a moment ago: to ask them first would cost each such read a round trip. */
export class Laggards {
  readonly #until = new Map<string, number>();

  note(node: string, now: number): void {
    this.#until.set(node, now + LAGS_FOR_MS);
  }

  /** A clock that was set back makes nobody lag for longer than that. */
  has(node: string, now: number): boolean {
    const until = this.#until.get(node) ?? 0;
    return until > now && until <= now + LAGS_FOR_MS;
  }
}

/** A replica that lacked a session's write is taken to lag for this long, doubling with each time in a row. */
const LAGS_FOR_MS = 50;
const LAGS_FOR_MAX_MS = 2_000;

interface Lag {
  readonly until: number;
  readonly forMs: number;
}

/**
 * Replicas that lacked a session's own write a moment ago: to ask them first would cost each such read a round trip. Most
 * were milliseconds behind and are there again by the next read; one that is minutes behind is soon asked seldom.
 */
export class Laggards {
  readonly #lags = new Map<string, Lag>();

  /** It lacked one. */
  lacked(node: string, now: number): void {
    const before = this.#lags.get(node);
    const forMs = before ? Math.min(LAGS_FOR_MAX_MS, 2 * before.forMs) : LAGS_FOR_MS;
    this.#lags.set(node, { until: now + forMs, forMs });
  }

  /** It had one. */
  had(node: string): void {
    this.#lags.delete(node);
  }

  /** A clock that was set back makes nobody lag for longer than that. */
  has(node: string, now: number): boolean {
    const lag = this.#lags.get(node);
    return lag !== undefined && lag.until > now && lag.until <= now + LAGS_FOR_MAX_MS;
  }
}

/** Counts what is under way, up to a bound. */
export interface InFlight {
  /** What to call when it is over, or null when there are too many already. */
  enter(nowMs: number): (() => void) | null;
}

/**
 * A bound on what one isolate does at once. What began longer than `forgottenMs` ago is no longer counted: a request
 * that was cancelled never reaches its `finally`, and a counter would leak one place each time.
 */
export function boundedInFlight(max: number, forgottenMs: number): InFlight {
  const begun = new Map<symbol, number>();
  return {
    enter(nowMs) {
      if (begun.size >= max) {
        for (const [entry, at] of begun) if (nowMs - at >= forgottenMs) begun.delete(entry);
      }
      if (begun.size >= max) return null;
      const entry = Symbol();
      begun.set(entry, nowMs);
      return () => {
        begun.delete(entry);
      };
    },
  };
}

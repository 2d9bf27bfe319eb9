import type { VirtualClock } from "./virtualClock.ts";

/**
 * Until what is returned is called, everybody in this thread lives by that clock, timers included: caches that are
 * compared ask the platform what time it is.
 */
export function virtualGlobals(clock: VirtualClock): () => void {
  const real = { dateNow: Date.now, now: performance.now, set: globalThis.setTimeout, clear: globalThis.clearTimeout };
  const cleared = new WeakSet<object>();
  Date.now = clock.now;
  performance.now = clock.now;
  const set = (call: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) => {
    const timer = { unref: () => timer, ref: () => timer, hasRef: () => false };
    clock.sleep(ms).then(() => cleared.has(timer) || call(...given));
    return timer;
  };
  const clear = (timer: unknown) => {
    if (typeof timer === "object" && timer !== null) cleared.add(timer);
  };
  Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  return () => {
    Date.now = real.dateNow;
    performance.now = real.now;
    Object.assign(globalThis, { setTimeout: real.set, clearTimeout: real.clear });
  };
}

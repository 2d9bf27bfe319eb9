import { BUDGET_WINDOW_MS, EVENTS_A_MINUTE, MAX_FINGERPRINTS, MAX_WAIT_MS, REPEATS_A_MINUTE } from "./constants.ts";

/** What an isolate keeps between events: plain data, for nothing that does I/O may cross from one request to another. */
export interface ErrorState {
  /** When each event of the last minute was let through, and those among them that were repeats; oldest first. */
  eventsAt: number[];
  repeatsAt: number[];
  /** The fingerprints that were let through; the one met longest ago is first, and is forgotten first. */
  readonly seen: Set<string>;
  /** Sentry asked us to send nothing before. */
  notBefore: number;
}

/** `limit`: its like was sent already; `flood`: too many kinds at once; `told-to-wait`: Sentry wants none for now. */
export type Admission = "admitted" | "limit" | "flood" | "told-to-wait";

export function createErrorState(): ErrorState {
  return { eventsAt: [], repeatsAt: [], seen: new Set(), notBefore: 0 };
}

/**
 * Whether an event with this fingerprint may be sent now; if so it is counted. The first of each fingerprint passes
 * whatever its like does, within `EVENTS_A_MINUTE`; one that was refused is still a first one.
 */
export function admit(state: ErrorState, fingerprint: string, now: number): Admission {
  if (mustWait(state, now)) return "told-to-wait";
  state.eventsAt = withinWindow(state.eventsAt, now);
  state.repeatsAt = withinWindow(state.repeatsAt, now);
  const isRepeat = state.seen.delete(fingerprint);
  if (isRepeat) state.seen.add(fingerprint); // met again: to the end of the queue
  if (isRepeat && state.repeatsAt.length >= REPEATS_A_MINUTE) return "limit";
  if (state.eventsAt.length >= EVENTS_A_MINUTE) return "flood";
  state.eventsAt.push(now);
  if (isRepeat) state.repeatsAt.push(now);
  else remember(state, fingerprint);
  return "admitted";
}

/** It was let through and did not arrive: the next of its kind is a first one again. */
export function forget(state: ErrorState, fingerprint: string): void {
  state.seen.delete(fingerprint);
}

/** Nothing is to be sent for this long. A shorter wait does not end a longer one. */
export function wait(state: ErrorState, ms: number, now: number): void {
  state.notBefore = Math.max(mustWait(state, now) ? state.notBefore : 0, now + Math.min(ms, MAX_WAIT_MS));
}

/** Whether Sentry wants nothing now. A clock that was set back does not make the wait longer than it may be. */
export function mustWait({ notBefore }: ErrorState, now: number): boolean {
  return now < notBefore && notBefore - now <= MAX_WAIT_MS;
}

function remember({ seen }: ErrorState, fingerprint: string): void {
  const [oldest] = seen;
  if (seen.size >= MAX_FINGERPRINTS && oldest !== undefined) seen.delete(oldest);
  seen.add(fingerprint);
}

/** What is in the future was noted before the clock was set back. */
function withinWindow(times: readonly number[], now: number): number[] {
  return times.filter((at) => at <= now && now - at < BUDGET_WINDOW_MS);
}

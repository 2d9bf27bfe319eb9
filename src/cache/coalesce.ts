/** A load under way. Another request's promise: whoever waits for it has a timer of its own beside it. */
interface Flight<T> {
  readonly promise: Promise<T>;
  readonly startedAt: number;
}

/** Loads of others that are waited for, one after the other. */
const MAX_WAITS = 2;

/** What a load needs of the event that makes it. */
export interface FlightPorts {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Keeps the load alive for the others when its own request ends first. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** `joined`: another's load brought it. `alone`: another's took too long, so that this one loaded beside it. */
export type FlightRole = "leader" | "joined" | "alone";

/**
 * One load at a time of a key. The leader's goes on after its own request; whoever joins waits for at most so long and
 * then loads alone, for a promise of another request may never be settled (measured in workerd: without both, the second
 * request hangs for ever).
 */
export class Coalescer<T> {
  readonly #flights = new Map<string, Flight<T>>();
  readonly #joinMs: number;
  readonly #forgetMs: number;

  /** `joinMs`: how long a load of another request is waited for; `forgetMs`: after which nobody joins it any more. */
  constructor(joinMs: number, forgetMs: number) {
    this.#joinMs = joinMs;
    this.#forgetMs = forgetMs;
  }

  /** Who waited in vain leads the next load, which the others that waited join; who waits in vain twice loads alone. */
  async run(key: string, load: () => Promise<T>, ports: FlightPorts): Promise<{ value: T; role: FlightRole }> {
    const { now, sleep } = ports;
    const late = Symbol("late");
    let passed: Flight<T> | undefined;
    for (let wait = 0; wait < MAX_WAITS; wait++) {
      const flight = this.#flights.get(key);
      if (!flight || flight === passed || Math.abs(now() - flight.startedAt) > this.#forgetMs) {
        return { value: await this.#lead(key, load, ports), role: passed ? "alone" : "leader" };
      }
      const value = await Promise.race([flight.promise, sleep(this.#joinMs).then(() => late)]);
      if (value !== late) return { value: value as T, role: "joined" };
      passed = flight;
    }
    return { value: await load(), role: "alone" };
  }

  /** Whether somebody loads it now. */
  isUnderWay(key: string, now: number): boolean {
    const flight = this.#flights.get(key);
    return flight !== undefined && Math.abs(now - flight.startedAt) <= this.#forgetMs;
  }

  #lead(key: string, load: () => Promise<T>, { now, waitUntil }: FlightPorts): Promise<T> {
    const flight: Flight<T> = { promise: load(), startedAt: now() };
    this.#flights.set(key, flight);
    const ended = () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    waitUntil(flight.promise.then(ended, ended));
    return flight.promise;
  }
}

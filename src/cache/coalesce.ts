/** A load under way. Another request's promise: whoever waits for it has a timer of its own beside it. */
interface Flight<T> {
  readonly promise: Promise<T>;
  readonly startedAt: number;
}

/** Loads of others that are waited for, each a while after the one before: a request's time is over then. */
const MAX_WAITS = 3;

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
 * then looks after itself, for a promise of another request may never be settled (measured in workerd: without both, the
 * second request hangs for ever). However slow loads are, they are one more each `joinMs`, not one of each who waits.
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

  /** Of those who waited in vain one leads the next load, which the others join; whichever load ends first is theirs. */
  async run(key: string, load: () => Promise<T>, ports: FlightPorts): Promise<{ value: T; role: FlightRole }> {
    const { now, sleep } = ports;
    const late = Symbol("late");
    const joined: Flight<T>[] = [];
    const first = <Also>(also: Promise<Also>) => Promise.race([...joined.map(({ promise }) => promise), also]);
    for (let wait = 0; wait < MAX_WAITS; wait++) {
      const flight = this.#flights.get(key);
      if (!flight || joined.includes(flight) || Math.abs(now() - flight.startedAt) > this.#forgetMs) {
        const value = await first(this.#lead(key, load, ports));
        return { value, role: joined.length > 0 ? "alone" : "leader" };
      }
      joined.push(flight);
      const value = await first(sleep(this.#joinMs).then(() => late));
      if (value !== late) return { value: value as T, role: "joined" };
    }
    return { value: await first(load()), role: "alone" };
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

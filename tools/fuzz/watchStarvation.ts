import { STARVED_FOR_MS, STARVED_MS, WATCH_EVERY_MS } from "./constants.ts";

/** Tells whether this machine, and not what the Worker does, is why the database seems slow to it. */
export interface Starvation {
  /** Whether something was too slow lately for the Worker to find the database well. */
  isStarved(): boolean;
  /** The longest that each took, in milliseconds. */
  readonly worstMs: Readonly<Record<string, number>>;
  stop(): void;
}

/** Questions by name, to whom next to nothing is asked: the answer takes what the machine takes. */
export type Questions = Readonly<Record<string, () => Promise<unknown>>>;

/**
 * Asks each question again and again, one at a time, and looks how late its own timer is (`here`): this process is also
 * the Neon endpoint, and what it is late by, the Worker sees as a slow database.
 */
export function watchStarvation(questions: Questions, now: () => number = () => performance.now()): Starvation {
  const worst = new Map<string, number>();
  const askedAt = new Map<string, number>();
  let starvedAt = Number.NEGATIVE_INFINITY;
  let expectedAt = now() + WATCH_EVERY_MS;
  const took = (name: string, ms: number) => {
    worst.set(name, Math.max(worst.get(name) ?? 0, Math.round(ms)));
    if (ms >= STARVED_MS) starvedAt = now();
  };
  const timer = setInterval(() => {
    took("here", now() - expectedAt);
    expectedAt = now() + WATCH_EVERY_MS;
    for (const [name, ask] of Object.entries(questions)) {
      const since = askedAt.get(name);
      if (since !== undefined) {
        took(name, now() - since);
        continue;
      }
      const at = now();
      askedAt.set(name, at);
      const answered = () => {
        took(name, now() - at);
        askedAt.delete(name);
      };
      ask().then(answered, answered);
    }
  }, WATCH_EVERY_MS);
  return {
    isStarved: () => now() - starvedAt < STARVED_FOR_MS,
    get worstMs() {
      return Object.fromEntries(worst);
    },
    stop: () => clearInterval(timer),
  };
}

import type { Client } from "pg";
import { STARVED_FOR_MS, STARVED_MS, WATCH_EVERY_MS } from "./constants.ts";

/** Tells whether this machine, and not the Worker, is why the database seems slow. */
export interface Starvation {
  /** Whether it was too slow lately for the Worker to find the database well. */
  isStarved(): boolean;
  /** The longest that anything took. */
  readonly worstMs: number;
  stop(): void;
}

/**
 * Asks the database itself for nothing, again and again, and looks how late its own timer is: this process is also the
 * Neon endpoint, and what it is late by, the Worker sees as a slow database. `client` is used for nothing else.
 */
export function watchStarvation(client: Client, now: () => number = () => performance.now()): Starvation {
  let worstMs = 0;
  let starvedAt = Number.NEGATIVE_INFINITY;
  let expectedAt = now() + WATCH_EVERY_MS;
  let askedAt: number | undefined;
  const took = (ms: number) => {
    worstMs = Math.max(worstMs, ms);
    if (ms >= STARVED_MS) starvedAt = now();
  };
  const timer = setInterval(() => {
    took(now() - expectedAt);
    expectedAt = now() + WATCH_EVERY_MS;
    if (askedAt !== undefined) return took(now() - askedAt);
    askedAt = now();
    const answered = () => {
      took(now() - (askedAt ?? now()));
      askedAt = undefined;
    };
    client.query("SELECT 1").then(answered, answered);
  }, WATCH_EVERY_MS);
  return {
    isStarved: () => now() - starvedAt < STARVED_FOR_MS,
    get worstMs() {
      return Math.round(worstMs);
    },
    stop: () => clearInterval(timer),
  };
}

import { setTimeout as sleep } from "node:timers/promises";
import { ASK_EVERY_MS, TELL_EVERY_MS } from "./constants.ts";
import type { DeployEvent } from "./deployEvent.ts";
import { failureOf } from "./failureOf.ts";
import { IndexError } from "./indexError.ts";
import type { Limits } from "./limits.ts";
import { duration } from "./quantities.ts";
import { Session } from "./session.ts";

/** What every command is given: where, how far, whom to tell, and when to stop. */
export interface RunOptions {
  readonly connectionString: string;
  readonly limits: Limits;
  readonly report: (event: DeployEvent) => void;
  readonly signal: AbortSignal;
  /** Standbys, to see their lag and their readers. */
  readonly replicaUrls?: readonly string[];
}

/** A run with its two sessions. */
export interface Run extends RunOptions {
  readonly builder: Session;
  readonly observer: Session;
}

/** Opens both sessions, does the work, and closes them whatever happens. */
export async function withRun<T>(options: RunOptions, work: (run: Run) => Promise<T>): Promise<T> {
  const builder = new Session(options.connectionString, "builder");
  const observer = new Session(options.connectionString, "observer");
  try {
    await builder.open();
    await observer.open();
    return await work({ ...options, builder, observer });
  } catch (error) {
    if (error instanceof IndexError || failureOf(error) !== "lost") throw error;
    const why = (error as Error).message.replace(/\.$/, "");
    const text = `${why}. What was built is kept: the next deploy looks and goes on from there.`;
    throw new IndexError("blocked", text, { cause: error });
  } finally {
    await builder.close();
    await observer.close();
  }
}

/** A wait that Ctrl-C ends. */
export async function pause(run: Pick<Run, "signal">, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: run.signal }).catch(() => {});
  if (run.signal.aborted) throw interrupted();
}

export function interrupted(): IndexError {
  return new IndexError("cancelled", "Interrupted: what was built is kept, and the next deploy goes on from there.");
}

/**
 * Waits until `inTheWay` answers undefined, telling what it answers as it changes; gives up after the run's patience.
 */
export async function waitUntil(
  run: Run,
  name: string | undefined,
  inTheWay: () => Promise<string | undefined>,
): Promise<void> {
  const startedAt = performance.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const text = await inTheWay();
    if (text === undefined) return;
    const now = performance.now();
    if (now - startedAt > run.limits.patienceMs) {
      throw new IndexError("blocked", `Waited ${duration(now - startedAt)} for this: ${text}. Try again later.`);
    }
    if (now - toldAt >= TELL_EVERY_MS) {
      toldAt = now;
      run.report({ event: "waiting", ...(name === undefined ? {} : { name }), text });
    }
    await pause(run, ASK_EVERY_MS);
  }
}

import type { Called } from "../rpc/callObject.ts";
import { ageOf, type Held, hold, later } from "../rpc/held.ts";
import type { Stamp } from "../rpc/stamp.ts";
import { OWNER_PAUSE_MAX_MS, OWNER_PAUSE_MS } from "./constants.ts";

/** One owner as a Collector deals with it. */
export interface OwnerLaneOptions<Part extends Stamp & { ageMs: number }> {
  readonly now: () => number;
  /** Sends what was gathered, and forgets it: what fails is sent again by those who reported it. */
  readonly send: () => Promise<Called<Part>>;
}

/** A bug in what sends must not close the way for good. */
function brokenDown(error: unknown): Called<never> {
  return { kind: "failed", trouble: "failed", message: String(error), tookMs: 0 };
}

/**
 * The way to one owner: one digest in flight, at most one more waiting, which takes along all that was gathered
 * meanwhile. Promises are shared here: inside one object that is safe.
 */
export class OwnerLane<Part extends Stamp & { ageMs: number }> {
  readonly #options: OwnerLaneOptions<Part>;
  #held: Held<Part> | undefined;
  #running: Promise<boolean> | undefined;
  #following: Promise<boolean> | undefined;
  #failures = 0;
  #pausedUntil = 0;
  digests = 0;
  failed = 0;

  constructor(options: OwnerLaneOptions<Part>) {
    this.#options = options;
  }

  get held(): Held<Part> | undefined {
    return this.#held;
  }

  get failures(): number {
    return this.#failures;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Age of the owner's word in milliseconds; Infinity: none. */
  ageMs(now: number): number {
    return this.#held ? ageOf(this.#held, now) : Number.POSITIVE_INFINITY;
  }

  /** Tells the owner what was gathered until now; true when it answered. Never rejects. */
  flush(): Promise<boolean> {
    if (this.#following) return this.#following;
    if (!this.#running) return this.#start();
    const following = this.#running.then(() => {
      this.#following = undefined;
      return this.#start();
    });
    this.#following = following;
    return following;
  }

  #start(): Promise<boolean> {
    const running = this.#run().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #run(): Promise<boolean> {
    const { now, send } = this.#options;
    if (now() < this.#pausedUntil) return false;
    this.digests++;
    const called = await send().catch(brokenDown);
    if (called.kind === "failed") {
      this.failed++;
      const pauseMs = Math.min(OWNER_PAUSE_MAX_MS, OWNER_PAUSE_MS * 2 ** Math.min(this.#failures, 10));
      this.#failures++;
      this.#pausedUntil = now() + pauseMs;
      return false;
    }
    this.#failures = 0;
    this.#held = later(this.#held, hold(called.value, called.tookMs, now()), now());
    return true;
  }
}

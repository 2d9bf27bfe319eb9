import * as z from "zod/mini";
import { GOOD_PROBES, OPEN_JITTER, OPEN_MAX_MS, OPEN_MS } from "./constants.ts";

const at = z.number();
const epoch = z.number();

export const phaseSchema = z.discriminatedUnion("state", [
  z.object({ state: z.literal("closed"), epoch, since: at }),
  /** `opened`: how many times in a row it was opened, this one included. */
  z.object({ state: z.literal("open"), epoch, since: at, until: at, opened: z.number() }),
  z.object({ state: z.literal("half-open"), epoch, since: at, opened: z.number(), good: z.number() }),
]);

/** A breaker's state. Each transition is another epoch, so that what was decided before it can be told apart. */
export type Phase = Readonly<z.infer<typeof phaseSchema>>;

/**
 * `trip`: the evidence says open. `probe`: one of our own queries ended; what proves nothing is not told.
 * `time`: look whether the wait is over.
 */
export type PhaseEvent =
  | { readonly type: "trip" }
  | { readonly type: "probe"; readonly good: boolean }
  | { readonly type: "time" };

export const CLOSED: Phase = { state: "closed", epoch: 0, since: 0 };

/** No wait is longer: 6 s and a fifth, rounded up. */
const LONGEST_WAIT_MS = Math.ceil(OPEN_MAX_MS * (1 + OPEN_JITTER)) + 1;

/**
 * How long an open breaker still waits; 0: it does not, or its wait is over. A clock that was set back must not make a
 * wait of hours: one that is longer than any is over.
 */
export function waitLeftMs(phase: Phase, now: number): number {
  if (phase.state !== "open") return 0;
  const leftMs = phase.until - now;
  return leftMs > LONGEST_WAIT_MS ? 0 : Math.max(0, leftMs);
}

/** The phase after the event; the same object where nothing changes. `random` is in [0, 1). */
export function step(phase: Phase, event: PhaseEvent, now: number, random: number): Phase {
  switch (event.type) {
    case "trip":
      return phase.state === "closed" ? open(phase.epoch, 1, now, random) : phase;
    case "time":
      if (phase.state !== "open" || waitLeftMs(phase, now) > 0) return phase;
      return { state: "half-open", epoch: phase.epoch + 1, since: now, opened: phase.opened, good: 0 };
    case "probe":
      return phase.state === "half-open" ? afterProbe(phase, event.good, now, random) : phase;
    default:
      return event satisfies never;
  }
}

function afterProbe(phase: Phase & { state: "half-open" }, isGood: boolean, now: number, random: number): Phase {
  if (!isGood) return open(phase.epoch, phase.opened + 1, now, random);
  const good = phase.good + 1;
  if (good < GOOD_PROBES) return { ...phase, good };
  return { state: "closed", epoch: phase.epoch + 1, since: now };
}

function open(epoch: number, opened: number, now: number, random: number): Phase {
  const waitMs = Math.min(OPEN_MAX_MS, OPEN_MS * 2 ** Math.min(opened - 1, 10));
  const jitter = 1 + OPEN_JITTER * (2 * random - 1);
  return { state: "open", epoch: epoch + 1, since: now, until: now + waitMs * jitter, opened };
}

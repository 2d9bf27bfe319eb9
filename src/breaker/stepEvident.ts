import { GOOD_PROBES, OPEN_JITTER, OPEN_MAX_MS, OPEN_MS } from "./constants.ts";
import { leftMs } from "./leftMs.ts";
import type { Evident } from "./phase.ts";

/**
 * `trip`: the evidence says open. `probe`: one of our own queries ended; what proves nothing is not told.
 * `ramp`: others proved it well. `time`: look whether a wait, or the ramp, is over.
 */
export type EvidentEvent =
  | { readonly type: "trip" }
  | { readonly type: "probe"; readonly good: boolean }
  | { readonly type: "ramp" }
  | { readonly type: "time" };

/** What evidence makes of the phase; the same object where nothing changes. `random` is in [0, 1). */
export function stepEvident(phase: Evident, event: EvidentEvent, now: number, random: number): Evident {
  switch (event.type) {
    case "trip":
      return tripped(phase, now, random);
    case "probe":
      return phase.state === "half-open" ? probed(phase, event.good, now, random) : phase;
    case "ramp":
      return phase.state === "closed" ? ramping(phase.epoch, 0, now) : phase;
    case "time":
      return leftMs(phase, now) > 0 ? phase : timedOut(phase, now);
    default:
      return event satisfies never;
  }
}

/** A failure while it ramps up is another in the row that opened it. */
function tripped(phase: Evident, now: number, random: number): Evident {
  if (phase.state === "closed") return open(phase.epoch, 1, now, random);
  return phase.state === "ramping" ? open(phase.epoch, phase.opened + 1, now, random) : phase;
}

function probed(phase: Evident & { state: "half-open" }, isGood: boolean, now: number, random: number): Evident {
  if (!isGood) return open(phase.epoch, phase.opened + 1, now, random);
  const good = phase.good + 1;
  return good < GOOD_PROBES ? { ...phase, good } : ramping(phase.epoch, phase.opened, now);
}

function timedOut(phase: Evident, now: number): Evident {
  switch (phase.state) {
    case "open":
      return { state: "half-open", epoch: phase.epoch + 1, since: now, opened: phase.opened, good: 0 };
    case "ramping":
      return { state: "closed", epoch: phase.epoch + 1, since: now };
    case "closed":
    case "half-open":
      return phase;
    default:
      return phase satisfies never;
  }
}

function open(epoch: number, opened: number, now: number, random: number): Evident {
  const waitMs = Math.min(OPEN_MAX_MS, OPEN_MS * 2 ** Math.min(opened - 1, 10));
  const jitter = 1 + OPEN_JITTER * (2 * random - 1);
  return { state: "open", epoch: epoch + 1, since: now, until: now + waitMs * jitter, opened };
}

function ramping(epoch: number, opened: number, now: number): Evident {
  return { state: "ramping", epoch: epoch + 1, since: now, opened };
}

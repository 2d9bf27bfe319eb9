import { leftMs } from "./leftMs.ts";
import { type Evident, evidentOf, type Held, type Hold, isHeld, type Phase } from "./phase.ts";
import { type EvidentEvent, stepEvident } from "./stepEvident.ts";

/** Besides evidence: `hold`: an order, which may replace another; `release`: its end before its time. */
export type PhaseEvent =
  | EvidentEvent
  | { readonly type: "hold"; readonly state: Held["state"]; readonly hold: Hold }
  | { readonly type: "release" };

/** The phase after the event; the same object where nothing changes. `random` is in [0, 1). */
export function step(phase: Phase, event: PhaseEvent, now: number, random: number): Phase {
  switch (event.type) {
    case "hold":
      return held(phase, event.state, event.hold, now);
    case "release":
      return isHeld(phase) ? released(phase, now) : phase;
    case "time":
      if (isHeld(phase) && leftMs(phase, now) === 0) return released(phase, now);
      return evidence(phase, event, now, random);
    case "trip":
    case "probe":
    case "ramp":
      return evidence(phase, event, now, random);
    default:
      return event satisfies never;
  }
}

function evidence(phase: Phase, event: EvidentEvent, now: number, random: number): Phase {
  if (!isHeld(phase)) return stepEvident(phase, event, now, random);
  if (phase.state !== "shadow") return phase;
  const under = stepEvident(phase.under, event, now, random);
  return under === phase.under ? phase : { ...phase, epoch: under.epoch, under };
}

function held(phase: Phase, state: Held["state"], hold: Hold, now: number): Phase {
  const order = { epoch: phase.epoch + 1, since: now, hold };
  return state === "shadow" ? { state, ...order, under: released(phase, now) } : { state, ...order };
}

/**
 * What is left without the order. Below a shadow evidence went on. Who was forced open was asked by nobody: probes tell,
 * and no crowd comes at once. Who was forced closed was asked by all: what they met meanwhile opens it at once, or not.
 */
function released(phase: Phase, now: number): Evident {
  const epoch = phase.epoch + 1;
  const evident = evidentOf(phase);
  if (evident) return { ...evident, epoch };
  if (phase.state === "forced-closed") return { state: "closed", epoch, since: now };
  return { state: "half-open", epoch, since: now, opened: 1, good: 0 };
}

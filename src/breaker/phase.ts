import * as z from "zod/mini";

const at = z.number();
const epoch = z.number();
const opened = z.number();

const evidentSchema = z.discriminatedUnion("state", [
  z.object({ state: z.literal("closed"), epoch, since: at }),
  /** `opened`: how many times in a row it was opened, this one included. */
  z.object({ state: z.literal("open"), epoch, since: at, until: at, opened }),
  z.object({ state: z.literal("half-open"), epoch, since: at, opened, good: z.number() }),
  z.object({ state: z.literal("ramping"), epoch, since: at, opened }),
]);

/** What evidence alone makes of a breaker: the states of an isolate's own, and those below a hold. */
export type Evident = Readonly<z.infer<typeof evidentSchema>>;

const holdSchema = z.object({ owner: z.string(), reason: z.string(), until: at });

/** Somebody's order: who gave it, why, and when it ends by itself. */
export type Hold = Readonly<z.infer<typeof holdSchema>>;

export const phaseSchema = z.discriminatedUnion("state", [
  evidentSchema,
  z.object({ state: z.literal("forced-open"), epoch, since: at, hold: holdSchema }),
  z.object({ state: z.literal("forced-closed"), epoch, since: at, hold: holdSchema }),
  /** `under`: what evidence makes of it meanwhile, in the same epoch. It is recorded, and nobody acts upon it. */
  z.object({ state: z.literal("shadow"), epoch, since: at, hold: holdSchema, under: evidentSchema }),
]);

/** A breaker's state. Each transition is another epoch, so that what was decided before it can be told apart. */
export type Phase = Readonly<z.infer<typeof phaseSchema>>;

export type Held = Extract<Phase, { hold: Hold }>;

export const CLOSED: Evident = { state: "closed", epoch: 0, since: 0 };

export function isHeld(phase: Phase): phase is Held {
  return "hold" in phase;
}

/** What evidence decides on now; undefined where an order leaves nothing to decide. */
export function evidentOf(phase: Phase): Evident | undefined {
  if (!isHeld(phase)) return phase;
  return phase.state === "shadow" ? phase.under : undefined;
}

import { HARD_HORIZON_MS } from "../breaker/constants.ts";
import { ageOf, type Held } from "../rpc/held.ts";
import type { BumpsPart } from "../rpc/parts.ts";
import { CRON_SILENT_MS } from "./constants.ts";
import { type HealthCheck, healthCheck } from "./healthCheck.ts";
import { seconds } from "./seconds.ts";

/**
 * The crons' heartbeat: how long ago a run of each ended, as the object that keeps their journal said it beside the
 * bumps. An overdue one warns and never fails, since the database is no worse for it. Empty where no word is there, or
 * its owner is older than to have one; a cron that is not due yet since that owner began is left out.
 */
export function cronChecks(held: Held<BumpsPart> | undefined, now: number): readonly HealthCheck[] {
  const crons = held?.part.crons;
  if (!held || !crons) return [];
  const wordMs = ageOf(held, now);
  return Object.entries(CRON_SILENT_MS).flatMap(([cron, silentMs]): HealthCheck[] => {
    const beat = crons.find((each) => each.cron === cron);
    const named = { componentId: cron, componentType: "system" } as const;
    // What it did since nobody here heard: that its last run is long ago would be said of our own silence.
    if (wordMs > HARD_HORIZON_MS) {
      return [healthCheck({ ...named, status: "warn", output: `last heard of ${seconds(wordMs)} ago` }, now)];
    }
    const ageMs = beat ? beat.endedAgeMs + wordMs : Math.max(0, now - held.part.incarnation);
    const isOverdue = ageMs > silentMs;
    if (!beat && !isOverdue) return [];
    const output = beat ? `no run for ${minutes(ageMs)}` : "no run yet";
    return [
      healthCheck({ ...named, status: isOverdue ? "warn" : "pass", ageMs: beat ? ageMs : undefined, output }, now),
    ];
  });
}

/** The notes for people: one for each cron that is overdue. */
export function cronNotes(checks: readonly HealthCheck[]): readonly string[] {
  return checks.flatMap(({ componentId, output }) => (output === undefined ? [] : [`cron ${componentId}: ${output}`]));
}

function minutes(ms: number): string {
  return `${Math.floor(ms / 60_000)} min`;
}

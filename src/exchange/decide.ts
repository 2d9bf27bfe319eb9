import { IN_FLIGHT_MS, MAX_GAP_MS, URGENT_GAP_MS } from "./constants.ts";

/** What decides whether to exchange now. Times are the isolate's clock in milliseconds. */
export interface Pace {
  /** When the exchange under way began; undefined: none. */
  readonly startedAt: number | undefined;
  /** When the last one ended. */
  readonly lastAt: number;
  /** The gap that the last answer asked for. */
  readonly gapMs: number;
  /** Failures in a row. */
  readonly failures: number;
  /** Until when the account's allowance is spent. */
  readonly quotaUntil: number;
  /** When news became urgent; undefined: there are none. */
  readonly urgentAt: number | undefined;
  /** There is nothing to tell. */
  readonly isEmpty: boolean;
  /** A neighbour said that nobody needs to fetch news before this. */
  readonly refreshAfter: number;
}

/** `wait`: how long until the answer will be another, if nothing happens; Infinity: until something does. */
export type Decision = { readonly act: "exchange" } | { readonly act: "wait"; readonly ms: number };

/** The one rule of when an isolate talks to its Collector. */
export function decide(pace: Pace, now: number): Decision {
  if (pace.quotaUntil > now) return { act: "wait", ms: pace.quotaUntil - now };
  const { startedAt } = pace;
  if (startedAt !== undefined && now - startedAt < IN_FLIGHT_MS) return { act: "wait", ms: Number.POSITIVE_INFINITY };
  const dueAt = Math.min(calmDueAt(pace), urgentDueAt(pace));
  return now >= dueAt ? { act: "exchange" } : { act: "wait", ms: dueAt - now };
}

/** With nothing to tell, a neighbour's fresh copy is as good as an exchange. */
function calmDueAt({ lastAt, gapMs, failures, isEmpty, refreshAfter }: Pace): number {
  const dueAt = lastAt + backedOff(gapMs, failures);
  return isEmpty ? Math.max(dueAt, refreshAfter) : dueAt;
}

function urgentDueAt({ lastAt, failures, urgentAt }: Pace): number {
  if (urgentAt === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(urgentAt, lastAt + backedOff(URGENT_GAP_MS, failures));
}

/** Doubled with each failure, and never beyond the maximum: objects that are away must not be flooded on their return. */
function backedOff(gapMs: number, failures: number): number {
  return Math.max(gapMs, Math.min(MAX_GAP_MS, gapMs * 2 ** Math.min(failures, 16)));
}

import { QUOTA_PAUSE_MS } from "../rpc/constants.ts";
import { IN_FLIGHT_MS, MAX_GAP_MS, URGENT_GAP_MS } from "./constants.ts";

/** What decides whether to exchange now. Times are the isolate's clock in milliseconds. */
export interface Pace {
  /** When the exchange under way began; undefined: none. */
  readonly startedAt: number | undefined;
  /** When the last one ended, and how long it was under way. */
  readonly lastAt: number;
  readonly lastTookMs: number;
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

/** `wait`: how long until the answer may be another, if nothing happens. */
export type Decision = { readonly act: "exchange" } | { readonly act: "wait"; readonly ms: number };

/**
 * The one rule of when an isolate talks to its Collector. A time that lies further ahead than any wait is long was
 * noted by a clock that has been put back since: it holds nothing up.
 */
export function decide(pace: Pace, now: number): Decision {
  const quotaMs = aheadMs(pace.quotaUntil, now, QUOTA_PAUSE_MS);
  if (quotaMs > 0) return { act: "wait", ms: quotaMs };
  if (isInFlight(pace.startedAt, now)) return { act: "wait", ms: (pace.startedAt ?? now) + IN_FLIGHT_MS - now };
  const dueAt = Math.min(calmDueAt(pace, now), urgentDueAt(pace, now));
  return now >= dueAt ? { act: "exchange" } : { act: "wait", ms: dueAt - now };
}

/** An exchange that began at `startedAt` may still be under way; past some seconds its request may have died under it. */
export function isInFlight(startedAt: number | undefined, now: number): boolean {
  return startedAt !== undefined && Math.abs(now - startedAt) < IN_FLIGHT_MS;
}

/** With nothing to tell, a neighbour's fresh copy is as good as an exchange. */
function calmDueAt(pace: Pace, now: number): number {
  const dueAt = lastAtOf(pace, now) + backedOff(pace.gapMs, pace.failures);
  return pace.isEmpty ? Math.max(dueAt, now + aheadMs(pace.refreshAfter, now, MAX_GAP_MS)) : dueAt;
}

/** From one's beginning to the next one's: who was held until there were news asks again at once. */
function urgentDueAt(pace: Pace, now: number): number {
  if (pace.urgentAt === undefined) return Number.POSITIVE_INFINITY;
  const sinceMs = pace.failures === 0 ? Math.max(0, pace.lastTookMs) : 0;
  return Math.max(pace.urgentAt, lastAtOf(pace, now) + backedOff(URGENT_GAP_MS, pace.failures) - sinceMs);
}

function lastAtOf({ lastAt }: Pace, now: number): number {
  return lastAt - now > MAX_GAP_MS ? Number.NEGATIVE_INFINITY : lastAt;
}

/** How far ahead a time is; 0 where it has passed, or where no wait is that long. */
function aheadMs(at: number, now: number, mostMs: number): number {
  return at > now && at - now <= mostMs ? at - now : 0;
}

/** Doubled with each failure, and never beyond the maximum: objects that are away must not be flooded on their return. */
function backedOff(gapMs: number, failures: number): number {
  return Math.max(gapMs, Math.min(MAX_GAP_MS, gapMs * 2 ** Math.min(failures, 16)));
}

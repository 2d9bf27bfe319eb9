import type { BreakerPart, BreakerStateName } from "../rpc/parts.ts";
import { HARD_HORIZON_MS, OPEN_MAX_MS } from "./constants.ts";
import { leftMs } from "./leftMs.ts";
import type { Evident } from "./phase.ts";
import { rampRatePerS } from "./rampRate.ts";

/** The world's word on one node. */
type WorldVerdict = BreakerPart["nodes"][number];

/**
 * Where a decision comes from. `fresh`: the world's word, within the soft horizon; `cached`: the same, by way of a
 * neighbour; `fail-static`: the world's last word, past it; `local-only`: the isolate's own evidence alone.
 */
type DecisionSource = "fresh" | "cached" | "fail-static" | "local-only";

/** What counts for one node now. */
export interface Effective {
  readonly state: BreakerStateName;
  readonly epoch: number;
  readonly scope: "world" | "isolate";
  readonly source: DecisionSource;
  /** Of the world's word; null where there is none. */
  readonly ageMs: number | null;
  /** How long an open node surely stays open. */
  readonly retryInMs: number;
  /** Requests a second that this isolate may send while the node ramps up; null: any number. */
  readonly ratePerS: number | null;
}

export interface WorldWord {
  readonly verdict: WorldVerdict | undefined;
  readonly ageMs: number;
  readonly softMs: number;
  readonly viaNeighbour: boolean;
  /** Isolates that reported in the last minute: they share a ramp's rate. */
  readonly reporters: number;
}

/**
 * The stricter of the isolate's own breaker and the world's word while that is fresh. Past the soft horizon an open
 * verdict binds no longer (the isolate inherited it, and probes): nothing stays open for ever on missing news. An
 * operator's order says itself how long it is meant: it binds, whatever was seen here, until then or the hard horizon.
 */
export function effective(local: Evident, word: WorldWord | undefined, now: number): Effective {
  if (!word?.verdict || word.ageMs > HARD_HORIZON_MS) {
    return own(local, "local-only", word?.ageMs ?? null, now);
  }
  const { verdict, ageMs, softMs, viaNeighbour } = word;
  const isBound = isOrder(verdict.state) && verdict.forMs > ageMs;
  const source = ageMs > softMs ? "fail-static" : viaNeighbour ? "cached" : "fresh";
  if (!isBound && (ageMs > softMs || strictness(local.state) > strictness(verdict.state))) {
    return own(local, source, ageMs, now);
  }
  const retryInMs = Math.max(isBound ? 0 : ownRetryInMs(local, now), worldRetryInMs(verdict, ageMs));
  const ratePerS = isBound ? null : lesser(ownRatePerS(local, now), worldRatePerS(word, verdict));
  return { state: verdict.state, epoch: verdict.epoch, scope: "world", source, ageMs, retryInMs, ratePerS };
}

/** Whether a request may be sent there, within the rate. */
export function admits({ state }: Pick<Effective, "state">): boolean {
  return strictness(state) < strictness("half-open");
}

function own(local: Evident, source: DecisionSource, ageMs: number | null, now: number): Effective {
  const { state, epoch } = local;
  const ratePerS = ownRatePerS(local, now);
  return { state, epoch, scope: "isolate", source, ageMs, retryInMs: ownRetryInMs(local, now), ratePerS };
}

function ownRetryInMs(local: Evident, now: number): number {
  return local.state === "open" ? leftMs(local, now) : 0;
}

/** An order may be taken back before its time: nobody is told to stay away for longer than from a node that fell. */
function worldRetryInMs({ state, forMs }: WorldVerdict, ageMs: number): number {
  if (state !== "open" && state !== "forced-open") return 0;
  return Math.min(Math.max(0, forMs - ageMs), state === "open" ? Number.POSITIVE_INFINITY : OPEN_MAX_MS);
}

/** Of its own ramp this isolate knows no others: all of the rate is its. */
function ownRatePerS(local: Evident, now: number): number | null {
  return local.state === "ramping" ? rampRatePerS(now - local.since) : null;
}

function worldRatePerS({ ageMs, reporters }: WorldWord, { state, sinceMs }: WorldVerdict): number | null {
  return state === "ramping" ? rampRatePerS(sinceMs + ageMs) / Math.max(1, reporters) : null;
}

function lesser(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function isOrder(state: BreakerStateName): boolean {
  return state === "forced-open" || state === "forced-closed" || state === "shadow";
}

function strictness(state: BreakerStateName): number {
  switch (state) {
    case "forced-closed":
    case "closed":
    case "shadow":
      return 0;
    case "ramping":
      return 1;
    case "half-open":
      return 2;
    case "open":
      return 3;
    case "forced-open":
      return 4;
    default:
      return state satisfies never;
  }
}

import type { BreakerPart, BreakerStateName } from "../rpc/parts.ts";
import { HARD_HORIZON_MS } from "./constants.ts";
import { type Phase, waitLeftMs } from "./phase.ts";

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
}

export interface WorldWord {
  readonly verdict: WorldVerdict | undefined;
  readonly ageMs: number;
  readonly softMs: number;
  readonly viaNeighbour: boolean;
}

/**
 * The stricter of the isolate's own breaker and the world's word while that is fresh. Past the soft horizon an open
 * verdict binds no longer (the isolate inherited it, and probes): nothing stays open for ever on missing news.
 */
export function effective(local: Phase, word: WorldWord | undefined, now: number): Effective {
  const own = { state: local.state, epoch: local.epoch, scope: "isolate", retryInMs: waitLeftMs(local, now) } as const;
  if (!word?.verdict || word.ageMs > HARD_HORIZON_MS) {
    return { ...own, source: "local-only", ageMs: word?.ageMs ?? null };
  }
  const { verdict, ageMs, softMs, viaNeighbour } = word;
  if (ageMs > softMs) return { ...own, source: "fail-static", ageMs };
  const source = viaNeighbour ? "cached" : "fresh";
  if (strictness(local.state) > strictness(verdict.state)) return { ...own, source, ageMs };
  const worldMs = verdict.state === "open" ? Math.max(0, verdict.forMs - ageMs) : 0;
  const retryInMs = Math.max(worldMs, own.retryInMs);
  return { state: verdict.state, epoch: verdict.epoch, scope: "world", source, ageMs, retryInMs };
}

/** Whether a request may be sent there. */
export function admits({ state }: Effective): boolean {
  return strictness(state) < strictness("half-open");
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

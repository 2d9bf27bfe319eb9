import type { HeatAnswer } from "../../rpc/refreshLease.ts";

/** A hot key, what is known of its copy in KV, and what it costs to load. */
export type HotKey = HeatAnswer["keys"][number] & { readonly loadMs: number };

/** The database as the isolate sees it when the run begins. */
export interface DatabaseFacts {
  /** No node may be asked. */
  readonly isOpen: boolean;
  /** Asking would wake it. */
  readonly isAsleep: boolean;
  /** It answers again since a moment: what expired meanwhile is loaded at a pace. */
  readonly isRecovering: boolean;
  /** How far the nearest replica is behind; null: not known, or there is none and the primary is asked. */
  readonly lagMs: number | null;
  /** Share of what it takes at a time that visitors have now, from 0 to 1. */
  readonly load: number;
}

/** What a run may use. */
export interface WarmBudget {
  readonly subrequestsLeft: number;
  /** KV writes that this run may make: `kvAllowance`. */
  readonly kvWrites: number;
  /** Time left for this run. */
  readonly leftMs: number;
}

/** When there will be another run, and how much later than that a copy has to live. */
export interface NextRun {
  readonly inMs: number;
  readonly marginMs: number;
}

/** How long from now a copy has to last, if the next run is to find it alive and its own to be seen in time. */
export function neededMs(next: NextRun, loadMs: number): number {
  return next.inMs + loadMs + next.marginMs;
}

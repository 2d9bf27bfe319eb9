import type { Verdict } from "./checkHistory.ts";
import type { Operation, ReadOperation, Violation } from "./history.ts";
import { staleJumpsOf } from "./staleJumps.ts";

/** What is known of a read that was not answered. */
export interface Refusal {
  readonly read: ReadOperation;
  /** The primary was one and answered all the time that the request waited. */
  readonly isPrimaryWell: boolean;
  /** The isolate's breaker of the primary was closed: nobody held it for dead, or asked little of it for its sake. */
  readonly isShut: boolean;
  /** Nodes in rotation that held all it takes. */
  readonly provable: readonly string[];
}

export interface Figures {
  readonly operations: number;
  /** Reads that ended neither with an answer nor with an honest refusal, and those that any node could have answered. */
  readonly readErrors: number;
  readonly refusedReads: number;
  readonly refusedProvable: number;
  readonly writeErrors: number;
  readonly unknownOutcomes: number;
  readonly possiblyLost: number;
  readonly sessionViolations: number;
  readonly monotonicViolations: number;
  readonly lostWritesSilent: number;
  readonly duplicateWrites: number;
  readonly writeGapMs: number;
  /** From a fault's end until all breakers were closed, at most, beyond the rest that the plan gives. */
  readonly recoveryMs: number;
  /** How often an operator had to step in after a promotion. */
  readonly orders: number;
  /** Honest refusals, all of them. */
  readonly refused: number;
  /** Answers that said so. */
  readonly toldLost: number;
  readonly toldRewound: number;
  readonly toldUnproven: number;
  /** With the cache: `staleJumpsOf`. */
  readonly sharedReads: number;
  readonly staleJumps: number;
}

export interface Played {
  readonly operations: readonly Operation[];
  readonly total: number;
  readonly refusals: readonly Refusal[];
  readonly gapsMs: readonly number[];
  readonly recoveriesMs: readonly number[];
  readonly orders: number;
  readonly verdict: Verdict;
}

export function figuresOf({ operations, total, refusals, gapsMs, recoveriesMs, orders, verdict }: Played): Figures {
  const count = (is: (operation: Operation) => boolean) => operations.filter(is).length;
  const of = (...kinds: readonly Violation["kind"][]) => {
    return verdict.violations.filter(({ kind }) => kinds.includes(kind)).length;
  };
  return {
    operations: total,
    readErrors: count(isReadError),
    refusedReads: refusals.filter(isRefusedForNothing).length,
    refusedProvable: refusals.filter(isProvable).length,
    writeErrors: count(({ kind, ending }) => kind === "write" && (ending === "refused" || ending === "failed")),
    unknownOutcomes: count(({ kind, ending }) => kind === "write" && ending === "unknown"),
    possiblyLost: verdict.possiblyLost,
    sessionViolations: of("read-your-writes", "strict", "lost-falsely"),
    monotonicViolations: of("monotonic"),
    lostWritesSilent: of("lost-silently", "wrong-outcome"),
    duplicateWrites: of("duplicate-write", "refused-but-written"),
    writeGapMs: Math.max(0, ...gapsMs),
    recoveryMs: Math.round(Math.max(0, ...recoveriesMs)),
    orders,
    refused: count(({ kind, ending }) => kind === "read" && ending === "refused"),
    toldLost: count(({ told }) => told.lost),
    toldRewound: count(({ told }) => told.rewound),
    toldUnproven: count(({ told }) => told.unproven),
    ...staleJumpsOf(operations),
  };
}

/** While one node lives whoever was promised nothing is answered; for the others only an honest refusal is no error. */
function isReadError(operation: Operation): boolean {
  if (operation.kind !== "read" || operation.ending === "answered") return false;
  return operation.promised === "any" || operation.ending !== "refused";
}

/** The primary answered, and the isolate had no reason to think otherwise. */
function isRefusedForNothing({ read, isPrimaryWell, isShut }: Refusal): boolean {
  return !isReadError(read) && isPrimaryWell && isShut;
}

function isProvable({ read, provable }: Refusal): boolean {
  return read.promised === "session" && provable.length > 0;
}

/** A breach, and no honest refusal. */
export function isHeldAgainst(refusal: Refusal): boolean {
  return isReadError(refusal.read) || isRefusedForNothing(refusal) || isProvable(refusal);
}

/** Whether all that was promised was kept. Honest refusals and losses that were told are no breach. */
export function isKept(figures: Figures): boolean {
  const { readErrors, refusedReads, refusedProvable } = figures;
  const { sessionViolations, monotonicViolations, lostWritesSilent, duplicateWrites } = figures;
  return [
    readErrors,
    refusedReads,
    refusedProvable,
    sessionViolations,
    monotonicViolations,
    lostWritesSilent,
    duplicateWrites,
  ].every((count) => count === 0);
}

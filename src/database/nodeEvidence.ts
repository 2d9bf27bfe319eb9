import type { OutcomeKind } from "../rpc/report.ts";
import type { FailureClass } from "./classify.ts";
import { ASLEEP_AFTER_MS, AVOID_MAX_MS, AVOID_MS } from "./constants.ts";

/** What this isolate saw of one node. Times are the isolate's clock in milliseconds; undefined: never. */
export interface NodeEvidence {
  readonly lastSuccessAt: number | undefined;
  readonly lastFailureAt: number | undefined;
  /** When the application itself (no check of ours) last asked it. */
  readonly lastQueryAt: number | undefined;
  /** Failures in a row that count against the node. */
  readonly failuresInARow: number;
  /** Until when reads pass it over. */
  readonly avoidUntil: number;
  /** Set while the node refuses us for a reason that only configuration can mend. */
  readonly misconfigured: boolean;
}

export const NO_EVIDENCE: NodeEvidence = {
  lastSuccessAt: undefined,
  lastFailureAt: undefined,
  lastQueryAt: undefined,
  failuresInARow: 0,
  avoidUntil: 0,
  misconfigured: false,
};

/** An attempt that ended: `failure` undefined means that it was answered. A `check` is a query of our own. */
export interface Observation {
  readonly failure: FailureClass | undefined;
  readonly kind: OutcomeKind;
  readonly now: number;
  /** When it was sent; not said: at its end. */
  readonly sentAt?: number;
  /** What was asked, by name; not said: what takes as long as anything. */
  readonly query?: string;
}

/** The evidence after one more attempt. */
export function observe(evidence: NodeEvidence, { failure, kind, now }: Observation): NodeEvidence {
  const asked = kind === "check" ? evidence : { ...evidence, lastQueryAt: now };
  switch (failure) {
    case undefined:
    case "caller":
    case "conflict":
    case "role": // it answered: alive, whatever it said
      return { ...asked, lastSuccessAt: now, failuresInARow: 0, avoidUntil: 0, misconfigured: false };
    case "abort":
      return asked;
    case "configuration":
      return { ...asked, lastFailureAt: now, avoidUntil: now + AVOID_MAX_MS, misconfigured: true };
    case "infrastructure":
    case "slow": {
      const failuresInARow = evidence.failuresInARow + 1;
      const avoidMs = Math.min(AVOID_MAX_MS, AVOID_MS * 2 ** Math.min(failuresInARow - 1, 10));
      return { ...asked, lastFailureAt: now, failuresInARow, avoidUntil: now + avoidMs };
    }
    default:
      return failure satisfies never;
  }
}

/** The evidence with what others saw of the node: the newest of each counts, and whether that is an answer or a failure. */
export function withOthers(
  evidence: NodeEvidence,
  others: Readonly<Record<"successAt" | "failureAt" | "queryAt", number | undefined>>,
): NodeEvidence {
  const lastSuccessAt = newest(evidence.lastSuccessAt, others.successAt);
  const isWellSince = (others.successAt ?? 0) > (evidence.lastFailureAt ?? 0);
  const hasFailedSince = (others.failureAt ?? 0) > (lastSuccessAt ?? 0);
  const own = isWellSince ? 0 : evidence.failuresInARow;
  return {
    ...evidence,
    lastSuccessAt,
    lastFailureAt: newest(evidence.lastFailureAt, others.failureAt),
    lastQueryAt: newest(evidence.lastQueryAt, others.queryAt),
    failuresInARow: hasFailedSince ? Math.max(1, own) : own,
  };
}

function newest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b);
}

/** Whether the node sleeps as far as we can know: asking it only to see would wake it, and cost its owner money. */
export function isAsleep(node: { readonly maySleep: boolean }, evidence: NodeEvidence, now: number): boolean {
  if (!node.maySleep) return false;
  return evidence.lastQueryAt === undefined || now - evidence.lastQueryAt > ASLEEP_AFTER_MS;
}

import type { ReplicasPart } from "../rpc/parts.ts";
import type { Sample } from "../rpc/report.ts";
import { LAGGING_MS, SILENT_MS } from "./constants.ts";
import type { OutReason } from "./rotation.ts";
import type { Role } from "./topology.ts";

/** What a node said last, and when, by the coordinator's clock. */
export interface KnownSample extends Sample {
  readonly at: number;
}

interface Described {
  readonly node: string;
  readonly role: Role;
  readonly sample: KnownSample | undefined;
  readonly lagMs: number | null;
  readonly behindMs: number | null;
  readonly isUnhealthy: boolean;
  readonly out: OutReason | undefined;
}

/** A node as the map tells of it, with the reasons why it may be passed over. */
export function replicaEntry(described: Described, now: number): ReplicasPart["nodes"][number] {
  const { node, role, sample, lagMs, behindMs } = described;
  return {
    node,
    role,
    lagBoundMs: lagMs,
    behindMs,
    position: sample?.position ?? null,
    latencyMs: sample?.tookMs ?? null,
    generation: sample?.generation ?? null,
    reasons: reasons(described, now),
    isOut: described.out !== undefined,
  };
}

/** Whether it is out for something that does not go by itself, however old the news is. */
export function isOutForGood({ isOut = false, reasons }: ReplicasPart["nodes"][number]): boolean {
  return isOut && !reasons.includes(textOf("too far behind"));
}

function textOf(out: OutReason): string {
  return `out of rotation: ${out}`;
}

function reasons({ role, sample, lagMs, isUnhealthy, out }: Described, now: number): string[] {
  return [
    ...(out === undefined ? [] : [textOf(out)]),
    ...(isUnhealthy ? ["breaker not closed"] : []),
    ...(role === "rival" ? ["claims to be primary of an older or equal epoch"] : []),
    ...(lagMs !== null && lagMs > LAGGING_MS ? [`up to ${Math.round(lagMs / 1_000)} s behind`] : []),
    ...(sample === undefined ? ["not seen yet"] : now - sample.at > SILENT_MS ? ["silent"] : []),
  ];
}

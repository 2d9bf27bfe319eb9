import { HARD_HORIZON_MS } from "../breaker/constants.ts";
import { admits } from "../breaker/effective.ts";
import type { DatabaseState, NodeAccess } from "../database/databaseState.ts";
import { isAsleep, type NodeEvidence } from "../database/nodeEvidence.ts";
import { ageOf } from "../rpc/held.ts";
import type { BreakerStateName } from "../rpc/parts.ts";
import { EVIDENCE_MAX_AGE_MS, LAG_LIMIT_MS } from "./constants.ts";

/** A node and what is known of it. */
export interface NodeHealth {
  readonly name: string;
  readonly maySleep: boolean;
  readonly evidence: NodeEvidence;
  /** What counts for it now: the stricter of this isolate's own breaker and the world's word. */
  readonly state: BreakerStateName;
  /** What a shadowed breaker would be; undefined: it is not shadowed, or nobody said. */
  readonly would?: BreakerStateName | undefined;
  /** Age of the world's word on it; null: there is none. */
  readonly wordAgeMs: number | null;
  /** How far it was behind at least when it was last asked; undefined: nothing says that it was. */
  readonly behindMs?: number | undefined;
}

/** The configured nodes, as this isolate saw and heard of them. */
export function nodesHealth(database: DatabaseState, now: number): NodeHealth[] {
  return database.nodes.map((node) => nodeHealth(database, node, now));
}

function nodeHealth(database: DatabaseState, { name, maySleep }: NodeAccess, now: number): NodeHealth {
  const { state, ageMs } = database.breakers.effective(name, now);
  const would = state === "shadow" ? database.view.word(name, now)?.verdict?.would : undefined;
  const map = database.view.replicas;
  const isCurrent = map !== undefined && ageOf(map, now) <= HARD_HORIZON_MS;
  const behindMs = isCurrent ? map.part.nodes.find(({ node }) => node === name)?.behindMs : undefined;
  const evidence = database.joinedEvidence(name, now);
  return { name, maySleep, evidence, state, would, wordAgeMs: ageMs, behindMs: behindMs ?? undefined };
}

/** When anything was last heard of the node, good or bad. */
export function lastSeenAt({ lastSuccessAt, lastFailureAt }: NodeEvidence): number | undefined {
  if (lastSuccessAt === undefined) return lastFailureAt;
  return Math.max(lastSuccessAt, lastFailureAt ?? 0);
}

/**
 * Age of what is known of it; undefined: nothing was ever seen. An order that holds it open is evidence as young as the
 * word that tells of it, though nobody asks the node meanwhile.
 */
export function knownAgeMs({ evidence, state, wordAgeMs }: NodeHealth, now: number): number | undefined {
  const seenAt = lastSeenAt(evidence);
  const seenAgeMs = seenAt === undefined ? undefined : Math.max(0, now - seenAt);
  if (state !== "forced-open") return seenAgeMs;
  return Math.min(wordAgeMs ?? 0, seenAgeMs ?? Number.POSITIVE_INFINITY);
}

/**
 * Whether its breaker keeps requests away. One that is half-open and answered since it failed is on its way back: one
 * success restores.
 */
export function isOpen({ evidence, state }: NodeHealth): boolean {
  if (admits({ state })) return false;
  const { lastSuccessAt, lastFailureAt, misconfigured } = evidence;
  const hasAnswered = lastSuccessAt !== undefined && lastSuccessAt > (lastFailureAt ?? 0) && !misconfigured;
  return !(state === "half-open" && hasAnswered);
}

/** Whether the last word of the node was an answer. */
export function isWell({ lastSuccessAt, failuresInARow, misconfigured }: NodeEvidence): boolean {
  return lastSuccessAt !== undefined && failuresInARow === 0 && !misconfigured;
}

/** It sleeps, and was well when it fell asleep: it could answer a read, though nobody asks it now to prove that. */
export function sleepsWell(node: NodeHealth, now: number): boolean {
  return isAsleep(node, node.evidence, now) && isWell(node.evidence);
}

/** Whether it answered lately enough to prove anything. */
export function answersNow({ evidence: { lastSuccessAt } }: NodeHealth, now: number): boolean {
  return lastSuccessAt !== undefined && now - lastSuccessAt <= EVIDENCE_MAX_AGE_MS;
}

/** Whether what it answers is surely old. */
export function isLagging({ behindMs }: NodeHealth): boolean {
  return behindMs !== undefined && behindMs > LAG_LIMIT_MS;
}

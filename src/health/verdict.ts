import { isAsleep, type NodeEvidence } from "../database/nodeEvidence.ts";
import { EVIDENCE_MAX_AGE_MS } from "./constants.ts";

export type HealthStatus = "healthy" | "degraded" | "unhealthy" | "unknown";

/** A node and what is known of it. */
export interface NodeHealth {
  readonly name: string;
  readonly maySleep: boolean;
  readonly evidence: NodeEvidence;
  /** Its breaker lets no request through. */
  readonly isOpen: boolean;
}

export interface Verdict {
  readonly status: HealthStatus;
  /** Whether the database answers, or, where that is unknown, whether it last did. */
  readonly database: boolean;
  readonly ready: boolean;
  /** Age of the newest evidence, in milliseconds; undefined: nothing was seen yet. */
  readonly ageMs: number | undefined;
  readonly notes: readonly string[];
}

/**
 * The table of DESIGN §2 as a function: what the evidence allows to say, and no more. `runwayMs` is how long cached
 * copies can answer without the database.
 */
export function verdict(nodes: readonly NodeHealth[], runwayMs: number, now: number): Verdict {
  const seen = nodes.filter(({ evidence }) => lastSeenAt(evidence) !== undefined);
  if (seen.length === 0) return unknown(false, undefined, ["nothing seen yet"]);
  const newestAt = Math.max(...seen.map(({ evidence }) => lastSeenAt(evidence) ?? 0));
  const ageMs = Math.max(0, now - newestAt);
  if (ageMs > EVIDENCE_MAX_AGE_MS) return withoutNews(seen, ageMs, now);

  const current = seen.filter(({ evidence }) => now - (lastSeenAt(evidence) ?? 0) <= EVIDENCE_MAX_AGE_MS);
  const open = current.filter(({ isOpen }) => isOpen);
  const notes = open.map((node) => openNote(node, now));
  if (open.length === nodes.length) {
    const status = runwayMs > 0 ? "degraded" : "unhealthy";
    return { status, database: false, ready: runwayMs > 0, ageMs, notes };
  }
  const answers = current.some(({ evidence }) => isFreshSuccess(evidence, now));
  // A sleeping node that was well could answer a read, though nobody asks it now to prove that.
  const couldAnswer = seen.some((node) => isAsleep(node, node.evidence, now) && isWell(node.evidence));
  if (open.length > 0 && (answers || couldAnswer)) {
    return { status: "degraded", database: true, ready: true, ageMs, notes };
  }
  if (!answers) return unknown(lastKnown(seen), ageMs, [...notes, "no node answered lately"]);
  const successMs = Math.max(0, now - Math.max(...current.map(({ evidence }) => evidence.lastSuccessAt ?? 0)));
  const healthyNotes = [`evidence ${seconds(successMs)} old`];
  return { status: "healthy", database: true, ready: true, ageMs: successMs, notes: healthyNotes };
}

/** What is said where there is no configuration to work with. `ConfigError` names variables, never a secret's value. */
export function misconfigured(trouble: unknown): Verdict {
  const isOurs = trouble instanceof Error && trouble.name === "ConfigError";
  return unknown(false, undefined, [isOurs ? trouble.message : "not configured"]);
}

function withoutNews(seen: readonly NodeHealth[], ageMs: number, now: number): Verdict {
  if (seen.every((node) => isAsleep(node, node.evidence, now)) && lastKnown(seen)) {
    return { status: "healthy", database: true, ready: true, ageMs, notes: ["asleep"] };
  }
  return unknown(lastKnown(seen), ageMs, [`last evidence ${seconds(ageMs)} old`]);
}

function unknown(database: boolean, ageMs: number | undefined, notes: readonly string[]): Verdict {
  return { status: "unknown", database, ready: ageMs !== undefined, ageMs, notes };
}

/** Whether the newest evidence of any node is that it answered. */
function lastKnown(seen: readonly NodeHealth[]): boolean {
  return seen.some(({ evidence }) => isWell(evidence));
}

/** Whether the last word of the node was an answer. */
function isWell({ lastSuccessAt, failuresInARow, misconfigured }: NodeEvidence): boolean {
  return lastSuccessAt !== undefined && failuresInARow === 0 && !misconfigured;
}

function isFreshSuccess({ lastSuccessAt }: NodeEvidence, now: number): boolean {
  return lastSuccessAt !== undefined && now - lastSuccessAt <= EVIDENCE_MAX_AGE_MS;
}

/** When anything was last heard of the node, good or bad. */
export function lastSeenAt({ lastSuccessAt, lastFailureAt }: NodeEvidence): number | undefined {
  if (lastSuccessAt === undefined) return lastFailureAt;
  return Math.max(lastSuccessAt, lastFailureAt ?? 0);
}

function openNote({ name, evidence }: NodeHealth, now: number): string {
  if (evidence.misconfigured) return `${name} refuses our credentials or database name`;
  if (evidence.lastFailureAt === undefined) return `${name} is open`;
  return `${name} is open, its last failure ${seconds(now - evidence.lastFailureAt)} ago`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
